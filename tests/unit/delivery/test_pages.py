"""The size of a freeze's next page follows how long the last one took."""

from __future__ import annotations

import pytest

from digest.delivery.pages import AIM_S, FIRST, LARGEST, SMALLEST, next_size


@pytest.mark.parametrize(
    ("size", "took_s", "next_"),
    [
        (200, AIM_S, 200),  # as it should be
        (400, AIM_S * 2, 200),  # twice as long: half as many
        (200, AIM_S / 1.5, 300),
        (100, AIM_S / 10, 200),  # growing is careful: one quick page proves little
        (FIRST, 0.0, LARGEST),  # a clock that did not move
        (LARGEST, AIM_S / 2, LARGEST),
        (LARGEST, AIM_S * 1000, SMALLEST),  # a machine that stood still: it goes on all the same
    ],
)
def test_the_next_page_takes_as_many_readers_as_fit(size: int, took_s: float, next_: int) -> None:
    assert next_size(size, took_s) == next_


def test_pages_settle_where_each_takes_as_long_as_it_should() -> None:
    """Whatever a reader costs, and wherever it began."""
    reader_s = AIM_S / 180
    size = SMALLEST
    for _ in range(10):
        size = next_size(size, size * reader_s)
    assert size == pytest.approx(180, abs=1)
