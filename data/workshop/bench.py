"""Bench tops seen from straight above: wood, metal, cutting mat, rubber, concrete, paper, paint."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data.workshop.texture import Size, cloud, curve, grain, relief, scratched, shaded, soiled, swing, tinted
from data.workshop.wood import wood


@dataclass(frozen=True, slots=True)
class Bench:
    """A bench top: RGB picture, its mean colour (linear, 0..1) and how much of a lamp it mirrors, 0..1."""

    image: Image.Image
    mean: tuple[float, float, float]
    gloss: float


def bench(rng: Random, size: Size, scale: float) -> Bench:
    """Draw a bench top.

    Args:
        rng: where the randomness comes from.
        size: (width, height) in pixels.
        scale: pixels per millimetre.
    """
    make, _, gloss = rng.choices(_MAKERS, [weight for _, weight, _ in _MAKERS])[0]
    image = make(rng, size, scale)
    small = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(small, tuple)
    red, green, blue = ((value / 255) ** 2.2 for value in small)
    return Bench(image, (red, green, blue), gloss)


def plate(rng: Random, size: Size, scale: float) -> Image.Image:
    """Draw a brushed, scratched, now and then rusty steel plate."""
    lay = Image.blend(
        grain(rng, size, 90 * scale, max(1.0, 0.2 * scale)), grain(rng, size, 30 * scale, 0.7 * scale), 0.4
    )
    tone = Image.blend(lay, cloud(rng, size, 70 * scale, 5), rng.uniform(0.35, 0.6))
    base = rng.randrange(88, 140)
    low, high = base - 26, base + 28
    image = tinted(tone, (low, low, low + 1), (base, base + 1, base + 3), (high, high + 1, high + 3))
    scratched(image, rng, scale, rng.randrange(60, 160), (206, 208, 212), 90)
    scratched(image, rng, scale, rng.randrange(20, 60), (40, 40, 42), 110)
    if rng.random() < 0.4:
        rust = cloud(rng, size, 40 * scale, 8, 0.72)
        rust = rust.point(curve(lambda v: max(0.0, min(0.75, (v - 0.72) * 5))))
        image.paste((98, 66, 46), (0, 0), rust)
    return soiled(image, rng, scale, 0.4)


def cutting_mat(rng: Random, size: Size, scale: float) -> Image.Image:
    """Draw a self-healing cutting mat: printed grid, fine matt grain, old cuts."""
    base = rng.choice(((34, 84, 72), (48, 72, 96), (52, 55, 58), (42, 88, 62), (84, 58, 66), (36, 60, 58)))
    image = Image.new("RGB", size, base)
    width, height = size
    lines = Image.new("L", size, 0)
    draw = ImageDraw.Draw(lines)
    step = 10 * scale
    for axis, length in ((0, width), (1, height)):
        start = rng.uniform(0, step)
        for k in range(int(length / step) + 1):
            at = start + k * step
            strong = k % 5 == 0
            span = (at, 0, at, height) if axis == 0 else (0, at, width, at)
            draw.line(span, 150 if strong else 90, max(1, round(scale * (0.4 if strong else 0.2))))
    if rng.random() < 0.3:
        draw.line((0, height * 0.1, width, height * 0.1 + width * 0.577), 80, max(1, round(scale * 0.25)))
    worn = ImageChops.multiply(lines, cloud(rng, size, 25 * scale, 4).point(curve(lambda v: 0.55 + 0.45 * v)))
    image.paste((206, 208, 186), (0, 0), worn.filter(ImageFilter.BoxBlur(0.5)))
    fine = grain(rng, size, 1.4)
    image = shaded(image, Image.blend(relief(fine, 1, 1, 0.16), fine.point(list(swing(30))), 0.3))
    light = (min(255, base[0] + 60), min(255, base[1] + 60), min(255, base[2] + 58))
    scratched(image, rng, scale, rng.randrange(10, 50), light, 100)
    return soiled(image, rng, scale, 0.35)


def rubber(rng: Random, size: Size, scale: float) -> Image.Image:
    """Draw a dark rubber mat, smooth, ribbed or studded, with dust."""
    tone = rng.randrange(40, 64)
    fine = grain(rng, size, 1.5)
    broad = Image.blend(fine, cloud(rng, size, 60 * scale, 5), 0.5)
    image = tinted(broad, (tone - 10, tone - 10, tone - 9), (tone + 10, tone + 10, tone + 11))
    image = shaded(image, relief(fine, 1, 1, 0.16))
    kind = rng.choice(("smooth", "ribbed", "studded"))
    if kind != "smooth":
        step = round(rng.uniform(4, 7) * scale)
        tile = Image.new("L", (step * 2, step * 2), 110)
        draw = ImageDraw.Draw(tile)
        if kind == "ribbed":
            draw.rectangle((0, step // 4, step * 2, step // 4 + step // 2), 190)
            draw.rectangle((0, step + step // 4, step * 2, step + step // 4 + step // 2), 190)
        else:
            draw.ellipse((step * 0.1, step * 0.1, step * 0.9, step * 0.9), 190)
            draw.ellipse((step * 1.1, step * 1.1, step * 1.9, step * 1.9), 190)
        height = _tiled(tile.filter(ImageFilter.BoxBlur(0.35 * scale)), size)
        slope = max(1, round(0.5 * scale))
        image = shaded(image, relief(height, slope, slope, 0.7))
    dust = ImageChops.multiply(grain(rng, size, 1.5), cloud(rng, size, 40 * scale, 4))
    image.paste((140, 135, 126), (0, 0), dust.point(curve(lambda v: max(0.0, v - 0.6) * 0.8)))
    scratched(image, rng, scale, rng.randrange(5, 25), (tone + 50,) * 3, 80)
    return image


def _tiled(tile: Image.Image, size: Size) -> Image.Image:
    """Return an area covered by repeating a tile."""
    full = Image.new("L", size)
    full.paste(tile, (0, 0))
    have = tile.width
    while have < size[0]:
        full.paste(full.crop((0, 0, have, tile.height)), (have, 0))
        have *= 2
    have = tile.height
    while have < size[1]:
        full.paste(full.crop((0, 0, size[0], have)), (0, have))
        have *= 2
    return full


def concrete(rng: Random, size: Size, scale: float) -> Image.Image:
    """Draw a trowelled concrete floor: mottled, pitted, now and then cracked."""
    patches = cloud(rng, size, 90 * scale, 7, 0.6)
    fine = Image.blend(grain(rng, size, 1.3), grain(rng, size, max(1.6, 0.6 * scale)), 0.4)
    warm = rng.randrange(0, 12)
    base = rng.randrange(112, 160)
    tone = Image.blend(patches, fine, 0.3)
    image = tinted(tone, (base - 36, base - 39, base - 43 - warm), (base + 32, base + 29, base + 25 - warm))
    rare = grain(rng, size, 1.3 * scale).point([255 * (v > 238) for v in range(256)])
    few = cloud(rng, size, 30 * scale, 3).point(curve(lambda v: max(0.0, min(1.0, (v - 0.5) * 4))))
    pits = ImageChops.multiply(rare, few).filter(ImageFilter.BoxBlur(0.6))
    image.paste((70, 67, 64), (0, 0), pits.point(lambda v: v * 0.6))
    image = shaded(image, relief(fine, 1, 1, 0.1))
    image = shaded(image, relief(pits, 1, 1, 0.25))
    if rng.random() < 0.35:
        _crack(image, rng, scale)
    return soiled(image, rng, scale, 0.3)


def _crack(image: Image.Image, rng: Random, scale: float) -> None:
    """Draw a crack that wanders across."""
    x, y = 0.0, rng.uniform(0, image.size[1])
    trail = [(x, y)]
    while x < image.size[0]:
        x, y = x + rng.uniform(0.3, 1.6) * scale, y + rng.gauss(0, 0.8) * scale
        trail.append((x, y))
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).line(trail, 220, max(1, round(0.4 * scale)), joint="curve")
    image.paste((50, 47, 44), (0, 0), mask.filter(ImageFilter.BoxBlur(0.7)))


def paper(rng: Random, size: Size, scale: float) -> Image.Image:
    """Draw a sheet of paper, at times squared, slightly buckled."""
    fibre = Image.blend(grain(rng, size, 1.5), cloud(rng, size, 6 * scale, 4), 0.5)
    warm = rng.randrange(2, 20)
    image = tinted(fibre, (216, 212, 208 - warm), (231, 228, 224 - warm))
    if rng.random() < 0.5:
        draw = ImageDraw.Draw(image)
        ink = rng.choice(((150, 174, 200), (190, 160, 160), (166, 184, 172)))
        step = 5 * scale
        for k in range(int(max(size) / step) + 1):
            wide = max(1, round(scale * 0.14))
            draw.line((k * step, 0, k * step, size[1]), ink, wide)
            draw.line((0, k * step, size[0], k * step), ink, wide)
    folds = cloud(rng, size, 110 * scale, 3, 0.35)
    image = shaded(image, relief(folds, 5, 4, 0.9))
    image = shaded(image, relief(fibre, 1, 1, 0.12))
    return soiled(image, rng, scale, 0.14)


def cardboard(rng: Random, size: Size, scale: float) -> Image.Image:
    """Draw corrugated cardboard: flutes that show through, flecks and fibres."""
    step = max(4, round(6 * scale))
    flute = Image.new("L", (8, step))
    for y in range(step):
        flute.paste(round(127.5 + 127.5 * math.sin(y / step * 2 * math.pi)), (0, y, 8, y + 1))
    fibre = Image.blend(grain(rng, size, 4 * scale, max(1.0, 0.4 * scale)), grain(rng, size, 1.4), 0.4)
    tone = Image.blend(_tiled(flute, size), cloud(rng, size, 60 * scale, 5), rng.uniform(0.7, 0.88))
    tone = Image.blend(tone, fibre, 0.3)
    image = tinted(tone, (138, 106, 74), (172, 138, 100), (194, 162, 124))
    flecks = grain(rng, size, 1.2 * scale, max(1.0, 0.4 * scale)).point([110 * (v > 246) for v in range(256)])
    image.paste((100, 74, 50), (0, 0), flecks.filter(ImageFilter.BoxBlur(0.4)))
    image = shaded(image, relief(fibre, 1, 1, 0.14))
    scratched(image, rng, scale, rng.randrange(0, 10), (100, 74, 50), 80)
    return soiled(image, rng, scale, 0.25)


def painted(rng: Random, size: Size, scale: float) -> Image.Image:
    """Draw painted sheet steel with a roller's fine peel, chipped and scratched to the metal."""
    base = rng.choice(
        ((76, 92, 100), (98, 104, 96), (66, 78, 104), (132, 127, 116), (108, 62, 54), (90, 93, 96))
    )
    peel = grain(rng, size, max(1.5, 0.7 * scale))
    image = shaded(Image.new("RGB", size, base), relief(peel, 1, 1, 0.06))
    image = shaded(image, cloud(rng, size, 70 * scale, 6).point(list(swing(16))))
    chips = cloud(rng, size, 26 * scale, 6, 0.7).point(curve(lambda v: max(0.0, min(1.0, (v - 0.9) * 30))))
    image.paste((112, 110, 108), (0, 0), chips)
    scratched(image, rng, scale, rng.randrange(15, 60), (186, 188, 188), 140)
    scratched(image, rng, scale, rng.randrange(10, 30), (40, 42, 44), 100)
    return soiled(image, rng, scale, 0.35)


_MAKERS: tuple[tuple[Callable[[Random, Size, float], Image.Image], int, float], ...] = (
    (wood, 7, 0.4),
    (plate, 3, 0.8),
    (cutting_mat, 3, 0.3),
    (rubber, 2, 0.35),
    (concrete, 3, 0.1),
    (paper, 2, 0.0),
    (cardboard, 2, 0.05),
    (painted, 2, 0.7),
)
