"""The colours of classes: told apart on photographs, on light and dark pages, and by colour-blind eyes."""

from __future__ import annotations

import colorsys

# Chosen for the largest distance (OKLab) from those before, seen normally and with simulated protanopia and
# deuteranopia (Machado et al. 2009), among colours with a contrast of 3:1 or more on white and on #111.
PALETTE = (
    "#DD6600",
    "#0055FF",
    "#BB0099",
    "#339977",
    "#8888DD",
    "#CC0033",
    "#FF33BB",
    "#8844CC",
    "#007744",
    "#8A7A00",
    "#449922",
    "#5577FF",
)
_GOLDEN_TURN = 0.618_033_988_75
_MIDDLE_LUMINANCE = 0.2


def colour_for(position: int) -> str:
    """Give the colour of the class at a position counted from 0, as ``#RRGGBB``; the same each time."""
    if position < len(PALETTE):
        return PALETTE[position]
    return _middling(position * _GOLDEN_TURN % 1.0)


def luminance(colour: str) -> float:
    """Give the relative luminance of ``#RRGGBB`` between 0 and 1, as WCAG 2.2 defines it."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _middling(hue: float) -> str:
    """Give the colour of a hue whose luminance lies midway between both themes' limits."""
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        if luminance(_hex(hue, middle)) < _MIDDLE_LUMINANCE:
            low = middle
        else:
            high = middle
    return _hex(hue, high)


def _hex(hue: float, lightness: float) -> str:
    channels = colorsys.hls_to_rgb(hue, lightness, 0.75)
    return "#" + "".join(f"{round(channel * 255):02X}" for channel in channels)
