"""Wooden bench tops: boards sawn from imagined trunks, so that year rings arch as real ones do."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageMath

from data.workshop.texture import Size, cloud, curve, grain, relief, scratched, soiled, tinted

Stops = tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]

_WOODS: tuple[Stops, ...] = (
    ((112, 82, 58), (176, 140, 104), (204, 172, 136)),
    ((68, 46, 35), (110, 80, 60), (140, 106, 80)),
    ((150, 114, 76), (208, 174, 130), (228, 202, 162)),
    ((92, 82, 70), (142, 130, 114), (172, 160, 144)),
    ((48, 32, 24), (82, 56, 42), (108, 76, 58)),
    ((116, 78, 58), (160, 116, 90), (186, 144, 114)),
)


def wood(rng: Random, size: Size, scale: float) -> Image.Image:
    """Draw planed boards with rings, knots, pores, joints, scratches and stains.

    Args:
        rng: where the randomness comes from.
        size: (width, height) in pixels; the grain runs across.
        scale: pixels per millimetre.
    """
    width, height = size
    stops = rng.choice(_WOODS)
    image = Image.new("RGB", size)
    wide = rng.choice((45.0, 70.0, 95.0, 400.0)) * scale
    edge = -rng.random() * wide
    joints = []
    knots = rng.random() < 0.6
    contrast = rng.uniform(0.35, 0.8)
    while edge < height:
        top, bottom = max(0, round(edge)), min(height, round(edge + wide))
        if bottom - top > 1:
            image.paste(_board(rng, (width, bottom - top), scale, stops, contrast, knots), (0, top))
        joints.append(round(edge))
        edge += wide
    _join(image, rng, scale, [y for y in joints if 0 < y < height])
    scratched(image, rng, scale, rng.randrange(2, 14), (36, 24, 16), 60)
    scratched(image, rng, scale, rng.randrange(0, 10), (236, 220, 196), 60)
    return soiled(image, rng, scale, rng.uniform(0.1, 0.4))


def _ramps(size: Size) -> tuple[Image.Image, Image.Image]:
    """Return float images that count 0..1 to the right and downwards."""
    down = Image.linear_gradient("L").convert("F")
    right = Image.linear_gradient("L").rotate(90).convert("F")
    tall = down.resize(size, Image.Resampling.BILINEAR).point(lambda v: v * (1 / 255) + 0)
    wide = right.resize(size, Image.Resampling.BILINEAR).point(lambda v: v * (1 / 255) + 0)
    return wide, tall


def _board(rng: Random, size: Size, scale: float, stops: Stops, contrast: float, knots: bool) -> Image.Image:
    """Draw one board: a plane cut through a trunk whose axis leans a little against it."""
    width, height = size
    half = (max(2, width // 2), max(2, height // 2))
    across, down = _ramps(half)
    long, tall = width / scale, height / scale
    heart = rng.uniform(-0.6, 1.6) * max(30.0, tall)
    depth, lean = rng.uniform(4, 30), rng.uniform(0.02, 0.1) * rng.choice((-1, 1))
    ring = rng.uniform(2.0, 4.5)
    bumps, hearts = _knots(rng, size, scale) if knots else (Image.new("L", size, 128), [])
    warp = Image.blend(
        grain(rng, half, 45 * scale, 11 * scale), grain(rng, half, 15 * scale, 3.5 * scale), 0.3
    )
    field = ImageMath.lambda_eval(
        lambda a: (
            ((a["y"] * tall - heart) ** 2.0 + (a["x"] * long * lean + depth) ** 2.0) ** 0.5 / ring
            + (a["float"](a["w"]) - 128.0) * 0.012
            + (a["float"](a["k"]) - 128.0) * 0.045
        ),
        x=across,
        y=down,
        w=warp,
        k=bumps.resize(half),
    )
    field = field.resize(size, Image.Resampling.BILINEAR)
    share = ImageMath.lambda_eval(lambda a: a["convert"]((a["t"] % 1.0) * 255.0, "L"), t=field)
    assert isinstance(share, Image.Image)
    fibre = Image.blend(
        grain(rng, size, 70 * scale, 0.4 * scale), grain(rng, size, 22 * scale, max(1.0, 0.16 * scale)), 0.5
    )
    late = rng.uniform(1.6, 3.2)
    rings = share.point(curve(lambda v: 1 - (v**late if v < 0.88 else 0.88**late * (1 - v) / 0.12)))
    rings = rings.filter(ImageFilter.BoxBlur(0.12 * scale))
    tone = Image.blend(cloud(rng, size, 80 * scale, 3), rings, contrast)
    tone = ImageChops.add(Image.blend(tone, fibre, 0.28), relief(fibre, 0, 1, 0.14), 1, -128)
    pores = grain(rng, size, 4 * scale, max(1.0, 0.2 * scale)).point([70 * (v > 236) for v in range(256)])
    tone = ImageChops.subtract(tone, pores)
    shift = rng.gauss(0, 0.07)
    image = tinted(tone.point(curve(lambda v: 0.52 + shift + (v - 0.55) * 1.1)), *stops)
    for x, y, radius in hearts:
        _knot(image, x, y, radius, rng)
    return image


def _knots(rng: Random, size: Size, scale: float) -> tuple[Image.Image, list[tuple[float, float, float]]]:
    """Return how knots push the rings aside (grey, 128 is not) and the knots' hearts (x, y, radius)."""
    width, height = size
    bumps = Image.new("L", size, 128)
    hearts = []
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        high = min(rng.uniform(7, 14) * scale, height / 1.5)
        wide = high * rng.uniform(1.6, 2.6)
        x, y = rng.uniform(0, width), rng.uniform(0.2, 0.8) * height
        hill = Image.radial_gradient("L").resize((int(wide * 2), int(high * 2)), Image.Resampling.BICUBIC)
        hill = hill.point(curve(lambda v: 0.5 + 0.5 * max(0.0, 1 - v * 1.42) ** 2))
        bumps.paste(hill, (int(x - wide), int(y - high)))
        hearts.append((x, y, high * rng.uniform(0.14, 0.3)))
    return bumps, hearts


def _knot(image: Image.Image, x: float, y: float, radius: float, rng: Random) -> None:
    """Darken the heart of a knot, ringed."""
    tone = rng.randrange(34, 60)
    for share, strength in ((1.0, 0.5), (0.75, 0.35), (0.4, 0.5)):
        wide = max(2, int(radius * 1.5 * share))
        high = max(2, int(radius * share))
        blob = Image.radial_gradient("L").resize((wide * 2, high * 2), Image.Resampling.BICUBIC)
        blob = blob.point(curve(lambda v: max(0.0, min(1.0, (0.66 - v) * 5))))
        blob = blob.point([round(level * strength) for level in range(256)])
        image.paste((tone + 24, tone, tone * 2 // 3), (int(x - wide), int(y - high)), blob)


def _join(image: Image.Image, rng: Random, scale: float, joints: list[int]) -> None:
    """Draw the gaps between boards with their broken edges."""
    wide = max(1, round(rng.uniform(0.3, 0.9) * scale))
    strip = (image.width, 6 * wide + 2)
    middle = 3 * wide
    dark, lit = Image.new("L", strip, 0), Image.new("L", strip, 0)
    gap, edge = ImageDraw.Draw(dark), ImageDraw.Draw(lit)
    edge.line((0, middle + wide, image.width, middle + wide), 60, max(1, wide // 2))
    gap.line((0, middle, image.width, middle), 235, wide)
    gap.line((0, middle - wide, image.width, middle - wide), 60, wide)
    dark, lit = dark.filter(ImageFilter.BoxBlur(0.7)), lit.filter(ImageFilter.BoxBlur(0.6))
    for y in joints:
        image.paste((255, 240, 210), (0, y - middle), lit)
        image.paste((20, 14, 10), (0, y - middle), dark)
