"""Surfaces: a painted layer's normals, roughened and lit, become metal."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data.workshop.camera import Layer
from data.workshop.light import Material
from data.workshop.texture import Size, cloud, curve, grain, swing, tinted


def coloured(
    rng: Random,
    layer: Layer,
    material: Material,
    table: ImageFilter.Color3DLUT,
    ramps: tuple[Image.Image, Image.Image],
) -> Image.Image:
    """Return a layer's colours in a material, at the picture's scale.

    Args:
        rng: where the randomness comes from.
        layer: the painted thing.
        material: what it is made of.
        table: the material's colours by normal, see `colour_table`.
        ramps: turns of the normal to the right and up across the whole picture, grey 256 × 256, 128 is none.
    """
    right, up, openness, _ = layer.normals.split()
    right = ImageChops.add(right, _unevenness(rng, layer, material, ramps[0]), 1, -128)
    up = ImageChops.add(up, _unevenness(rng, layer, material, ramps[1]), 1, -128)
    normals = Image.merge("RGB", (right, up, openness))
    colour = normals.filter(table).reduce(layer.scale)
    size = colour.size
    soil = cloud(rng, size, max(4.0, max(size) / 3), 4)
    dirt = soil.point([round(255 - material.stain * level) for level in range(256)])
    colour = ImageChops.multiply(colour, Image.merge("RGB", (dirt,) * 3))
    if material.rust:
        colour = _rusted(rng, colour, material.rust, openness.reduce(layer.scale))
    return colour


def _unevenness(rng: Random, layer: Layer, material: Material, ramp: Image.Image) -> Image.Image:
    """Return how grain, scratches, dents and the near light turn the normal along one axis (128 is none)."""
    size, scale = layer.normals.size, layer.scale
    fine = scale * 0.8
    wide, high = fine, fine
    if material.brushed:
        wide, high = (fine * 9, fine * 0.7) if rng.random() < 0.5 else (fine * 0.7, fine * 9)
    rough = grain(rng, size, wide, high).point(list(swing(material.grain)))
    draw = ImageDraw.Draw(rough)
    for _ in range(int(material.scratches * max(size) / scale / 8)):
        x, y, angle = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(0, math.pi)
        length = rng.uniform(2, 18) * scale
        turn = rng.choice((-1, 1)) * rng.randrange(10, 40)
        draw.line((x, y, x + length * math.cos(angle), y + length * math.sin(angle)), 128 + turn, 1)
    small = (12, 12)
    dents = grain(rng, small, 5).point(list(swing(material.waves)))
    broad = ImageChops.add(dents, _window(ramp, layer, small), 1, -128)
    return ImageChops.add(rough, broad.resize(size, Image.Resampling.BILINEAR), 1, -128)


def _window(ramp: Image.Image, layer: Layer, size: Size) -> Image.Image:
    """Return the part of a picture-wide map that a layer covers, at a size."""
    wide, high = layer.frame
    x, y = layer.corner
    part = (
        x / wide * ramp.width,
        y / high * ramp.height,
        (x + layer.mask.width) / wide * ramp.width,
        (y + layer.mask.height) / high * ramp.height,
    )
    return ramp.resize(size, Image.Resampling.BILINEAR, part)


def _rusted(rng: Random, colour: Image.Image, share: float, openness: Image.Image) -> Image.Image:
    """Cover a share of a surface with rust."""
    size = colour.size
    where = cloud(rng, size, max(5.0, max(size) / 6), 5, 0.7)
    where = where.point(curve(lambda v: max(0.0, min(1.0, (v - 0.95 + share) * 3.5)) * 0.85))
    tone = ImageChops.multiply(cloud(rng, size, max(8.0, max(size) / 10), 5, 0.7), openness)
    rust = tinted(tone, (36, 24, 18), (88, 52, 34), (138, 86, 54))
    return Image.composite(rust, colour, where)
