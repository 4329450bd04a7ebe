"""A photograph put together: bench, shadows, shaded parts, lens; and the boxes of its parts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageFilter

from data.workshop import lens
from data.workshop.bench import Bench, bench
from data.workshop.camera import Camera, Layer, Thing, cast, coverage, paint, shadow
from data.workshop.layout import strew
from data.workshop.light import Colour, Lighting, Material, colour_table, lighting
from data.workshop.mesh import unit
from data.workshop.surface import coloured
from data.workshop.texture import Size, curve, swing

#: A part of which less than this share shows is left away.
_LEAST_VISIBLE = 0.3

#: A pixel belongs to a part from this coverage of 255 on.
EDGE = 96

_FEWEST, _TRIES = 2, 8

NamedBox = tuple[str, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Photograph:
    """A rendered picture (RGB), its parts' boxes, and the mask of what shows of each (grey, picture size)."""

    image: Image.Image
    boxes: tuple[NamedBox, ...]
    masks: tuple[Image.Image, ...]


def photograph(rng: Random, size: Size, count: int) -> Photograph:
    """Render a bench with parts.

    Args:
        rng: where the randomness comes from.
        size: (width, height) in pixels.
        count: parts to lay; fewer where there is no room, none for 0.
    """
    tilt = math.radians(rng.choice((rng.uniform(0, 12), rng.uniform(8, 30), rng.uniform(20, 42))))
    view = rng.uniform(62, 110) + 13 * (count or 6) * rng.uniform(0.2, 1.0)
    camera = Camera(size, view, tilt, view * rng.uniform(1.3, 2.2))
    top = _bench_top(rng, camera)
    light = lighting(rng, top.mean)
    for _ in range(_TRIES):
        things = strew(rng, camera, count)
        layers = _visible(things, camera)
        if sum(layer.thing.name is not None for layer in layers) >= min(count, _FEWEST):
            break
    shadows = [layer.thing for layer in layers] + [thing for thing in things if not thing.mesh.faces]
    image = _lit_bench(top, camera, light, shadows)
    image = _with_parts(rng, image, layers, camera, light)
    key = light.lamps[0]
    toward = (key.direction[0], -key.direction[1])
    image = ImageChops.multiply(image, lens.falloff(rng, size, toward, key.colour))
    image = _exposed(rng, image, tilt, key.colour)
    masks: list[Image.Image] = []
    boxes: list[NamedBox] = []
    for layer, mask in zip(layers, _masks(layers, size), strict=True):
        area = mask.point([255 * (level >= EDGE) for level in range(256)]).getbbox()
        if layer.thing.name is not None and area is not None:
            x0, y0, x1, y1 = area
            boxes.append((layer.thing.name, float(x0), float(y0), float(x1), float(y1)))
            masks.append(mask)
    return Photograph(image, tuple(boxes), tuple(masks))


def _exposed(rng: Random, image: Image.Image, tilt: float, colour: Colour) -> Image.Image:
    """Run the picture through lens and sensor."""
    image = lens.focused(rng, image, tilt)
    if rng.random() < 0.18:
        image = lens.shaken(rng, image)
    image = lens.bloomed(image, rng.uniform(0.3, 0.8))
    mean = image.convert("L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(mean, (int, float))
    image = lens.developed(rng, image, mean / 255, colour)
    return lens.noisy(rng, image, rng.choice((1.5, 2.2, 3.0, 4.0, 6.0)))


def _bench_top(rng: Random, camera: Camera) -> Bench:
    """Draw a bench in the camera's perspective, turned at random."""
    width, height = camera.size
    angle = rng.choice((0.0, math.pi / 2)) + rng.gauss(0, 0.22)
    c, s = math.cos(angle), math.sin(angle)
    corners = [camera.ground(x, y) for x in (0, width) for y in (0, height)]
    turned = [(c * x - s * y, -s * x - c * y) for x, y in corners]
    scale = camera.size[0] / camera.view
    left, top = min(u for u, _ in turned), min(v for _, v in turned)
    right, bottom = max(u for u, _ in turned), max(v for _, v in turned)
    shrink = min(1.0, math.sqrt(1.05 * width * height / ((right - left) * (bottom - top))) / scale)
    scale *= shrink
    area = (math.ceil((right - left) * scale) + 4, math.ceil((bottom - top) * scale) + 4)
    flat = bench(rng, area, scale)
    origin = (2 - left * scale, 2 - top * scale)
    seen = flat.image.transform(
        camera.size,
        Image.Transform.PERSPECTIVE,
        camera.ground_transform(angle, scale, origin),
        Image.Resampling.BILINEAR,
    )
    return Bench(seen, flat.mean, flat.gloss)


def _visible(things: list[Thing], camera: Camera) -> list[Layer]:
    """Paint things and leave those out of which too little shows."""
    painted = [layer for layer in (paint(thing, camera) for thing in things) if layer is not None]
    covered = Image.new("L", camera.size, 0)
    kept = []
    for layer in reversed(painted):
        x, y = layer.corner
        window = covered.crop((x, y, x + layer.mask.width, y + layer.mask.height))
        free = ImageChops.multiply(layer.mask, ImageChops.invert(window))
        if layer.thing.name is not None and coverage(free) < _LEAST_VISIBLE * layer.whole:
            continue
        kept.append(layer)
        covered.paste(255, layer.corner, layer.mask)
    return kept[::-1]


def _masks(layers: list[Layer], size: Size) -> list[Image.Image]:
    """Return what shows of each layer under those above it."""
    covered = Image.new("L", size, 0)
    masks = []
    for layer in reversed(layers):
        mask = Image.new("L", size, 0)
        mask.paste(layer.mask, layer.corner)
        masks.append(ImageChops.multiply(mask, ImageChops.invert(covered)))
        covered.paste(255, layer.corner, layer.mask)
    return masks[::-1]


def _lit_bench(top: Bench, camera: Camera, light: Lighting, things: list[Thing]) -> Image.Image:
    """Return the bench with shadows, contact shadows and the lamp's sheen."""
    shade = shadow(things, camera, light, 0.0, 2)
    under = cast([thing for thing in things if thing.mesh.faces], camera, (0.0, 0.0, 1.0), 0.0, 2)
    unit = camera.size[0] / camera.view / 2
    near = under.filter(ImageFilter.GaussianBlur(0.6 * unit + 0.4))
    wide = under.filter(ImageFilter.GaussianBlur(3.2 * unit))
    closed = Image.blend(near, wide, 0.5)
    channels = []
    for key, ambient in zip(light.key, light.ambient, strict=True):
        direct = shade.point([round(key * (255 - level)) for level in range(256)])
        around = closed.point([round(ambient * (255 - level)) for level in range(256)])
        channels.append(ImageChops.add(direct, around).point(curve(lambda v: math.pow(v, 1 / 2.2))))
    half = Image.merge("RGB", channels)
    image = ImageChops.multiply(top.image, half.resize(camera.size, Image.Resampling.BILINEAR))
    if top.gloss < 0.1:
        return image
    sheen = ImageChops.multiply(_sheen(camera, light, top.gloss, half.size), half)
    sheen = sheen.resize(camera.size, Image.Resampling.BILINEAR)
    rough = top.image.point(curve(lambda v: math.pow(v, 0.6)) * 3)
    return ImageChops.screen(image, ImageChops.multiply(sheen, rough))


def _sheen(camera: Camera, light: Lighting, gloss: float, size: Size) -> Image.Image:
    """Return how the lamps shine back from a half-glossy bench (RGB)."""
    wide, high = 16, 12
    c, s = math.cos(camera.tilt), math.sin(camera.tilt)
    eye = (0.0, -camera.distance * s, camera.distance * c)
    levels = bytearray()
    for j in range(high):
        for i in range(wide):
            x, y = camera.ground(
                (i + 0.5) / wide * camera.size[0],
                (j + 0.5) / high * camera.size[1],
            )
            view = unit((eye[0] - x, eye[1] - y, eye[2]))
            total = 0.0
            for item in light.lamps:
                d = item.direction
                half = unit((d[0] + view[0], d[1] + view[1], d[2] + view[2]))
                angle = math.acos(min(1.0, half[2])) / (0.13 + item.half_width * 0.3)
                total += math.exp(-angle * angle) * min(1.0, item.radiance * 0.3)
            levels.append(min(255, round(255 * gloss * total)))
    small = Image.frombytes("L", (wide, high), bytes(levels)).resize(size, Image.Resampling.BICUBIC)
    return Image.merge("RGB", (small,) * 3)


def _with_parts(
    rng: Random, image: Image.Image, layers: list[Layer], camera: Camera, light: Lighting
) -> Image.Image:
    """Put the shaded parts on the bench; those above throw shadows on those below."""
    upper = [layer.thing for layer in layers if layer.thing.rests_on > 0]
    lower = Image.new("L", camera.size, 0)
    shaded_below = not upper
    tables: dict[Material, ImageFilter.Color3DLUT] = {}
    ramps = _near_light(camera, light)
    for layer in layers:
        if layer.thing.rests_on > 0 and not shaded_below:
            image = _shaded_below(image, lower, upper, camera, light)
            shaded_below = True
        colour: Image.Image | None = None
        for k, material in enumerate(layer.thing.materials):
            where = layer.surfaces.point([255 * (v == k) for v in range(256)]) if layer.surfaces else None
            if k > 0 and (where is None or where.getbbox() is None):
                continue
            if material not in tables:
                tables[material] = colour_table(material, light, camera.tilt)
            part = coloured(rng, layer, material, tables[material], ramps)
            if colour is None:
                colour = part
            else:
                colour.paste(part, (0, 0), where.reduce(layer.scale) if where else None)
        assert colour is not None
        image.paste(colour, layer.corner, layer.mask)
        lower.paste(255, layer.corner, layer.mask)
    return image


def _near_light(camera: Camera, light: Lighting) -> tuple[Image.Image, Image.Image]:
    """Return how view and near lamp turn reflections across the picture: right, up (grey, 128 is none)."""
    reach = 0.5 * camera.view / camera.distance * 2.0
    across, down = (math.atan(reach) * 40, math.atan(reach * camera.size[1] / camera.size[0]) * 40)
    ramp = Image.linear_gradient("L")
    right = ramp.rotate(90).point(list(swing(across)))
    up = ramp.rotate(180).point(list(swing(down)))
    return right, up


def _shaded_below(
    image: Image.Image, lower: Image.Image, upper: list[Thing], camera: Camera, light: Lighting
) -> Image.Image:
    """Darken parts of the lowest layer where others lie over them."""
    height = sum(thing.rests_on for thing in upper) / len(upper)
    shade = shadow(upper, camera, light, height, 2, 3)
    under = cast(upper, camera, (0.0, 0.0, 1.0), height, 2).filter(ImageFilter.GaussianBlur(3))
    dark = ImageChops.lighter(shade.point(lambda v: int(v * 0.5)), under.point(lambda v: int(v * 0.6)))
    dark = dark.resize(camera.size, Image.Resampling.BICUBIC)
    image.paste((0, 0, 0), (0, 0), ImageChops.multiply(dark, lower))
    return image
