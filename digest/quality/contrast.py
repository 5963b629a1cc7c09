"""Colours as CSS writes them, and how well one reads on another.

The formula is WCAG 2.2's ("contrast ratio", "relative luminance"), written here once more on purpose: the
gate shares no code with the renderer it checks.
"""

from __future__ import annotations

import re
from functools import lru_cache

Rgb = tuple[float, float, float]  # red, green and blue from 0 to 255

_NAMES = {
    "black": "#000000", "white": "#FFFFFF", "red": "#FF0000", "green": "#008000", "blue": "#0000FF",
    "yellow": "#FFFF00", "gray": "#808080", "grey": "#808080", "silver": "#C0C0C0", "maroon": "#800000",
    "purple": "#800080", "fuchsia": "#FF00FF", "lime": "#00FF00", "olive": "#808000", "navy": "#000080",
    "teal": "#008080", "aqua": "#00FFFF", "orange": "#FFA500", "darkgray": "#A9A9A9", "darkgrey": "#A9A9A9",
    "lightgray": "#D3D3D3", "lightgrey": "#D3D3D3", "dimgray": "#696969", "whitesmoke": "#F5F5F5",
}  # fmt: skip
_RGB = re.compile(r"rgba?\(\s*(\d+)\s*[, ]\s*(\d+)\s*[, ]\s*(\d+)", re.IGNORECASE)


@lru_cache(maxsize=1024)
def rgb(colour: str) -> Rgb | None:
    """Return a colour's channels; None for one we cannot read. See-through ones count as solid."""
    text = colour.strip().lower()
    text = _NAMES.get(text, text)
    if re.fullmatch(r"#[0-9a-fA-F]{3,8}", text):
        digits = text[1:]
        if len(digits) in {3, 4}:
            digits = "".join(digit * 2 for digit in digits)
        return (
            (int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)) if len(digits) >= 6 else None
        )
    found = _RGB.match(text)
    return (float(found[1]), float(found[2]), float(found[3])) if found else None


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def inverted(colour: Rgb) -> Rgb:
    """Return the colour as ``invert(1) hue-rotate(180deg)`` shows it: Gmail's forced dark mode on iOS.

    The matrix is that of hue-rotate in Filter Effects (W3C, 2018), at 180 degrees.
    """
    red, green, blue = (255 - channel for channel in colour)
    return (
        _bounded(-0.574 * red + 1.430 * green + 0.144 * blue),
        _bounded(0.426 * red + 0.430 * green + 0.144 * blue),
        _bounded(0.426 * red + 1.430 * green - 0.856 * blue),
    )


def _bounded(channel: float) -> float:
    return min(max(channel, 0.0), 255.0)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
