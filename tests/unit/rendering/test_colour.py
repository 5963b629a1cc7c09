"""Whatever colour an operator chooses, text in it can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rendering.colour import DARK_AT_LEAST, LIGHT_AT_LEAST, changed, contrast, least_contrast, palettes

colours = st.integers(0, 0xFFFFFF).map("#{:06X}".format)


def readable(chosen: str) -> None:
    light, dark = palettes(chosen)
    for ground in (light.canvas, light.card, light.panel):
        assert contrast(light.accent, ground) >= LIGHT_AT_LEAST
    for ground in (dark.canvas, dark.card, dark.panel):
        assert contrast(dark.accent, ground) >= DARK_AT_LEAST
    for palette in (light, dark):
        assert contrast(palette.on_accent, palette.accent) >= 4.5
        for text in (palette.ink, palette.secondary, palette.muted):
            assert min(contrast(text, g) for g in (palette.canvas, palette.card, palette.panel)) >= 4.5


@pytest.mark.parametrize(
    "chosen", ["#FFD400", "#000000", "#FFFFFF", "#808080", "#0F4C5C", "#E4572E", "#0000ff"]
)
def test_telling_colours_become_readable(chosen):
    readable(chosen)


@given(colours)
def test_any_colour_becomes_readable(chosen):
    readable(chosen)


def test_a_readable_colour_is_kept_as_it_is():
    light, _ = palettes("#0f4c5c")
    assert light.accent == "#0F4C5C"


def test_grey_stays_grey():
    light, dark = palettes("#808080")
    for colour in (light.accent, dark.accent):
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        assert max(red, green, blue) - min(red, green, blue) <= 2


def test_contrast_of_black_on_white_is_the_greatest():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


def test_what_became_of_a_colour_can_be_told() -> None:
    light, dark = palettes("#FFD400")
    assert changed("#FFD400", light.accent)
    assert not changed("#ffd400", dark.accent)
    assert least_contrast("#FFD400", light) < LIGHT_AT_LEAST <= least_contrast(light.accent, light)
