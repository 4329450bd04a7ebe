"""Seeded noise and relief: the raw stuff of surfaces."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw

Size = tuple[int, int]


def _knots(rng: Random, size: Size, cell: float, cell_high: float) -> Image.Image:
    width = max(2, math.ceil(size[0] / max(1.0, cell)) + 1)
    height = max(2, math.ceil(size[1] / max(1.0, cell_high)) + 1)
    return Image.frombytes("L", (width, height), rng.randbytes(width * height))


def grain(rng: Random, size: Size, cell: float, cell_high: float | None = None) -> Image.Image:
    """Return smooth grey noise, uniform over 0..255 at its knots.

    Args:
        rng: where the randomness comes from.
        size: (width, height) in pixels.
        cell: distance between knots in pixels, across.
        cell_high: the same downwards; ``cell`` if not given.
    """
    cell_high = cell if cell_high is None else cell_high
    knots = _knots(rng, size, cell, cell_high)
    if cell <= 1 and cell_high <= 1:
        return knots.crop((0, 0, *size))
    smooth = Image.Resampling.BICUBIC if min(cell, cell_high) > 3 else Image.Resampling.BILINEAR
    return knots.resize(size, smooth)


def cloud(rng: Random, size: Size, cell: float, octaves: int = 4, gain: float = 0.5) -> Image.Image:
    """Return grey noise of several octaves, each half as coarse, its contrast spread over about 0..255."""
    total = _knots(rng, size, cell, cell)
    weight, spread = 1.0, 1.0
    for _ in range(1, octaves):
        cell /= 2
        if cell < 1:
            break
        weight *= gain
        spread += weight
        finer = _knots(rng, size, cell, cell)
        total = Image.blend(total.resize(finer.size, Image.Resampling.BICUBIC), finer, weight / spread)
    total = total.point(list(swing(192.0)))
    return total.resize(size, Image.Resampling.BICUBIC if cell > 3 else Image.Resampling.BILINEAR)


def curve(function: Callable[[float], float]) -> list[int]:
    """Return the point table of a function from 0..1 to 0..1."""
    return [max(0, min(255, round(function(v / 255) * 255))) for v in range(256)]


@lru_cache(maxsize=64)
def swing(amplitude: float) -> tuple[int, ...]:
    """Return the point table that keeps ``amplitude`` of 128 of a grey image's departure from 128."""
    return tuple(max(0, min(255, round(128 + (v - 127.5) * amplitude / 128))) for v in range(256))


def relief(height: Image.Image, across: int, down: int, strength: float) -> Image.Image:
    """Light a height map (grey) from one side: 128 where it is level.

    Args:
        height: the surface.
        across: pixels towards the light, to the right.
        down: pixels towards the light, downwards.
        strength: how strongly slopes show; 1 keeps the difference as it is.
    """
    moved = height.copy()
    moved.paste(height, (across, down))
    return ImageChops.subtract(height, moved, 1 / strength, 128)


def shaded(image: Image.Image, shade: Image.Image) -> Image.Image:
    """Brighten and darken a colour image by a grey one whose 128 changes nothing."""
    return ImageChops.overlay(image, Image.merge("RGB", (shade,) * 3))


def tinted(grey: Image.Image, *stops: tuple[int, int, int]) -> Image.Image:
    """Map grey to colour along evenly spaced stops from dark to bright."""
    channels = []
    last = len(stops) - 1
    for k in range(3):
        table = []
        for v in range(256):
            place = v / 255 * last
            i = min(last - 1, int(place))
            table.append(round(stops[i][k] + (stops[i + 1][k] - stops[i][k]) * (place - i)))
        channels.append(grey.point(table))
    return Image.merge("RGB", channels)


def scratched(
    image: Image.Image, rng: Random, scale: float, count: int, colour: tuple[int, int, int], strength: int
) -> None:
    """Draw thin bent scratches of one colour into a bench.

    Args:
        image: RGB, changed in place.
        rng: where the randomness comes from.
        scale: pixels per millimetre.
        count: of scratches.
        colour: of all of them.
        strength: of the strongest, 0..255.
    """
    width, height = image.size
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(count):
        x, y, angle = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, 2 * math.pi)
        step, bend = rng.uniform(1, 9) * scale, rng.uniform(-0.12, 0.12)
        trail = [(x, y)]
        for _ in range(6):
            x, y, angle = x + step * math.cos(angle), y + step * math.sin(angle), angle + bend
            trail.append((x, y))
        draw.line(trail, (*colour, rng.randrange(strength // 3, strength)), 1)


def soiled(image: Image.Image, rng: Random, scale: float, strength: float) -> Image.Image:
    """Return a bench darkened in soft patches: ``strength`` in 0..1, ``scale`` in pixels per millimetre."""
    dirt = cloud(rng, image.size, rng.uniform(50, 110) * scale, 4)
    dirt = dirt.point(curve(lambda v: 1 - strength * max(0.0, v - 0.5) * 1.3))
    return ImageChops.multiply(image, Image.merge("RGB", (dirt,) * 3))
