"""What lens, shutter, sensor and JPEG do to a scene."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from random import Random

from PIL import Image, ImageChops, ImageFilter

from data.workshop.light import Colour, warmth
from data.workshop.texture import Size, curve, grain, swing


def falloff(rng: Random, size: Size, toward: tuple[float, float], colour: Colour) -> Image.Image:
    """Return how bright and of what hue each place of the bench is: RGB, to multiply with.

    Args:
        rng: where the randomness comes from.
        size: of the picture.
        toward: direction of the lamp in the picture, right and down.
        colour: of the lamp, linear.
    """
    small = (max(8, size[0] // 8), max(8, size[1] // 8))
    reach = rng.uniform(1.7, 2.6)
    span = int(max(small) * reach)
    spot = Image.radial_gradient("L").resize((span, span), Image.Resampling.BICUBIC)
    x = round(small[0] / 2 + toward[0] * small[0] * rng.uniform(0.2, 0.6) - span / 2)
    y = round(small[1] / 2 + toward[1] * small[1] * rng.uniform(0.2, 0.6) - span / 2)
    away = Image.new("L", small, 255)
    away.paste(spot, (x, y))
    depth = rng.uniform(0.2, 0.5)
    channels = []
    for part in colour:
        hue = (part / max(colour)) ** 0.12
        channels.append(away.point(curve(_fading(depth, hue))))
    corner = Image.radial_gradient("L").resize(small, Image.Resampling.BICUBIC)
    fade = rng.uniform(0.04, 0.24)
    corner = corner.point(curve(lambda v: 1 - fade * v * v * 1.2))
    light = ImageChops.multiply(Image.merge("RGB", channels), Image.merge("RGB", (corner,) * 3))
    return light.resize(size, Image.Resampling.BILINEAR)


def _fading(depth: float, hue: float) -> Callable[[float], float]:
    """Return how light of a hue fades with its distance (0..1) from the lamp's middle."""

    def level(v: float) -> float:
        return math.pow(1 - depth * math.pow(min(1.0, v * 1.1), 1.4), 0.75) * (hue + (1 - hue) * v)

    return level


def soft(image: Image.Image, radius: float) -> Image.Image:
    """Return a blurred copy, made at half size where the blur is wide enough not to tell."""
    if radius < 2.5:
        return image.filter(ImageFilter.GaussianBlur(radius))
    half = image.reduce(2).filter(ImageFilter.GaussianBlur(radius / 2))
    return half.resize(image.size, Image.Resampling.BILINEAR)


def focused(rng: Random, image: Image.Image, tilt: float) -> Image.Image:
    """Blur what lies before and behind the plane of focus; more so the more the camera is tilted."""
    width, height = image.size
    unit = width / 640
    if tilt > 0.25 and rng.random() < 0.75:
        middle, deep = rng.uniform(0.35, 0.65), rng.uniform(0.12, 0.3)
        ramp = Image.linear_gradient("L").resize((1, height), Image.Resampling.BILINEAR)
        strength = rng.uniform(0.6, 1.3)
        ramp = ramp.point(curve(lambda v: min(1.0, max(0.0, abs(v - middle) - deep) * 2.4 * strength)))
        blurred = soft(image, rng.uniform(1.8, 3.6) * unit)
        image = Image.composite(blurred, image, ramp.resize(image.size))
    return image.filter(ImageFilter.BoxBlur(rng.choice((0.3, 0.35, 0.4, 0.45, 0.6, 0.9)) * unit))


def shaken(rng: Random, image: Image.Image) -> Image.Image:
    """Smear the picture along a short line, as an unsteady hand does."""
    length = rng.uniform(1.5, 4.0) * image.size[0] / 640
    angle = rng.uniform(0, math.pi)
    for share in (0.5, 0.25):
        dx, dy = round(length * share * math.cos(angle)), round(length * share * math.sin(angle))
        moved = image.copy()
        moved.paste(image, (dx, dy))
        image = Image.blend(image, moved, 0.5)
    return image


def bloomed(image: Image.Image, strength: float) -> Image.Image:
    """Let the brightest spots glow."""
    bright = image.reduce(4).point(curve(lambda v: max(0.0, v - 0.8) * 5 * strength) * 3)
    if bright.convert("L").getbbox() is None:
        return image
    glow = bright.filter(ImageFilter.GaussianBlur(image.size[0] / 640 * 3))
    return ImageChops.screen(image, glow.resize(image.size, Image.Resampling.BILINEAR))


def developed(rng: Random, image: Image.Image, brightness: float, colour: Colour) -> Image.Image:
    """Expose, white-balance and tone the picture as a camera's automatics do, with their errors.

    Args:
        rng: where the randomness comes from.
        image: the picture.
        brightness: its mean display value, 0..1.
        colour: of the light, linear; most of its hue is taken out.
    """
    gain = min(1.9, max(0.85, 1.12 * (rng.gauss(0.57, 0.06) / max(0.05, brightness)) ** 0.5))
    drift, trust = warmth(5500 + rng.gauss(0, 250)), rng.uniform(0.55, 1.0)
    contrast, lift = rng.uniform(0.15, 0.6), rng.uniform(0.0, 0.025)
    level = sum(colour) / 3
    tables: list[int] = []
    for part, error in zip(colour, drift, strict=True):
        tables += curve(_tone(gain * (error * (level / part) ** trust) ** (1 / 2.2), contrast, lift))
    return image.point(tables)


def _tone(scale: float, contrast: float, lift: float) -> Callable[[float], float]:
    """Return a camera's tone curve for 0..1: gain, soft shoulder, S-shaped contrast, lifted blacks."""

    def level(v: float) -> float:
        v *= scale
        v = v if v < 0.75 else 0.75 + 0.25 * (1 - math.exp(-(v - 0.75) / 0.25))
        return lift + (1 - lift) * (v + (v * v * (3 - 2 * v) - v) * contrast)

    return level


def noisy(rng: Random, image: Image.Image, strength: float) -> Image.Image:
    """Add sensor noise: fine in brightness, coarser in hue.

    Args:
        rng: where the randomness comes from.
        image: the picture.
        strength: of the noise, in display steps of 255.
    """
    width, height = image.size
    small = (width * 2 // 5 + 1, height * 2 // 5 + 1)
    hue = Image.frombytes("RGB", small, rng.randbytes(small[0] * small[1] * 3))
    hue = hue.point(list(swing(strength * 1.1)) * 3).resize(image.size, Image.Resampling.BILINEAR)
    fine = grain(rng, image.size, 1).point(list(swing(strength * 1.6)))
    noise = ImageChops.add(hue, Image.merge("RGB", (fine,) * 3), 1, -128)
    return ImageChops.add(image, noise, 1, -128)


def jpeg(rng: Random, image: Image.Image) -> bytes:
    """Return the picture as a camera's JPEG."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=rng.randrange(76, 93), subsampling=rng.choice((0, 2, 2)), optimize=False)
    return out.getvalue()
