"""The palette, light and dark, from the one colour an operator chooses.

Works in OKLCH (Björn Ottosson, "A perceptual color space for image processing", 2020), where lowering
the lightness keeps the hue people recognise. Contrast is WCAG 2.2's, criterion 1.4.3. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

WHITE = "#FFFFFF"
NIGHT = "#0B1A1E"  # dark label on a light accent

LIGHT_AT_LEAST = 4.5  # accent text on every light ground
DARK_AT_LEAST = 7.0  # accent text on every dark ground: pale on dark needs more to look equally strong


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Every colour a mail or page uses, in one mode. All ``#RRGGBB``."""

    canvas: str  # behind the card
    card: str  # behind the text
    panel: str  # behind asides: contents, sponsor, preferences
    ink: str  # headlines and body
    secondary: str  # standfirsts and summaries
    muted: str  # dates, credits, footer
    rule: str  # decorative lines
    accent: str  # links, theme headings, the bar, buttons
    on_accent: str  # the label of a button


def palettes(chosen: str) -> tuple[Palette, Palette]:
    """Return the light and the dark palette for an accent colour, both readable whatever was chosen."""
    grounds = {"canvas": "#F3F1EC", "card": WHITE, "panel": "#F7F5F0"}
    night_grounds = {"canvas": "#101214", "card": "#1A1D20", "panel": "#24282C"}
    accent = _until(chosen, grounds.values(), LIGHT_AT_LEAST, darker=True)
    night_accent = _until(chosen, night_grounds.values(), DARK_AT_LEAST, darker=False)
    light = Palette(
        **grounds,
        ink="#1A1D21",
        secondary="#454C54",
        muted="#5C646C",
        rule="#E2DED5",
        accent=accent,
        on_accent=label_on(accent),
    )
    dark = Palette(
        **night_grounds,
        ink="#EDEBE6",
        secondary="#C9C7C2",
        muted="#A3A7AB",
        rule="#363B40",
        accent=night_accent,
        on_accent=label_on(night_accent),
    )
    return light, dark


def changed(chosen: str, derived: str) -> bool:
    """Return whether the accent in use is another colour than the one the operator chose."""
    return derived.upper() != chosen.upper()


def least_contrast(accent: str, palette: Palette) -> float:
    """Return the contrast of an accent with the ground of a palette that it has least with."""
    return min(contrast(accent, ground) for ground in (palette.card, palette.panel, palette.canvas))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def label_on(ground: str) -> str:
    """Return white or near-black, whichever reads better on this colour."""
    return max((WHITE, NIGHT), key=lambda label: contrast(label, ground))


def _until(chosen: str, grounds: Iterable[str], at_least: float, *, darker: bool) -> str:
    """Return the colour nearest to the chosen one that has enough contrast on every ground."""
    against = tuple(grounds)
    lightness, chroma, hue = _to_oklch(chosen)
    candidate = chosen.upper()
    while any(contrast(candidate, ground) < at_least for ground in against):
        lightness += -0.01 if darker else 0.01
        candidate = _from_oklch(min(max(lightness, 0.0), 1.0), chroma, hue)
    return candidate


def _channels(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue as linear light, 0 to 1."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _encoded(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else float(1.055 * value ** (1 / 2.4) - 0.055)


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklch(colour: str) -> tuple[float, float, float]:
    """Return lightness, chroma and hue (radians); a grey has chroma 0 and any hue."""
    red, green, blue = _channels(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return the colour, with as much of its chroma as sRGB can show at that lightness."""
    while True:
        linear = _oklab_to_linear(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if chroma < 0.001 or all(-0.0005 <= value <= 1.0005 for value in linear):
            encoded = (_encoded(min(max(value, 0.0), 1.0)) for value in linear)
            return "#" + "".join(f"{round(value * 255):02X}" for value in encoded)
        chroma -= 0.004


def _oklab_to_linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
