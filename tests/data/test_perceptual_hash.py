"""What stays and what changes of a picture's fingerprint."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from data.near_duplicates import NEAR_BITS
from data.perceptual_hash import NO_STRUCTURE, perceptual_hash
from tests.data.noise import noise


def scene(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Twelve coloured discs on a coloured ground."""
    rng = Random(seed)

    def colour() -> tuple[int, int, int]:
        return (rng.randrange(256), rng.randrange(256), rng.randrange(256))

    picture = Image.new("RGB", size, colour())
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(0.05, 0.25) * size[0]
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour())
    return picture


def apart(one: Image.Image, other: Image.Image) -> int:
    return ((perceptual_hash(one) ^ perceptual_hash(other)) & (2**64 - 1)).bit_count()


def recompressed(picture: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return Image.open(stream)


def cropped(picture: Image.Image, part: float) -> Image.Image:
    x, y = picture.width * part / 2, picture.height * part / 2
    return picture.crop((round(x), round(y), round(picture.width - x), round(picture.height - y)))


@pytest.mark.parametrize("seed", range(20))
def test_a_scaled_recompressed_brightened_or_slightly_cropped_copy_stays_near(seed):
    original = scene(seed)
    copies = [
        original.resize((80, 60)),
        original.resize((1000, 750)),
        recompressed(original, 30),
        ImageEnhance.Brightness(original).enhance(0.8),
        ImageEnhance.Contrast(original).enhance(0.8),
        original.convert("L"),
        cropped(original, 0.01),
    ]
    assert [apart(original, copy) <= NEAR_BITS for copy in copies] == [True] * len(copies)


def test_different_pictures_are_far_apart():
    pictures = [scene(seed) for seed in range(40)]
    distances = [apart(a, b) for n, a in enumerate(pictures) for b in pictures[:n]]
    assert min(distances) > 2 * NEAR_BITS


def test_a_hash_is_a_signed_number_of_64_bits_half_of_them_set():
    hashes = [perceptual_hash(scene(seed)) for seed in range(20)]
    assert all(-(2**63) <= value < 2**63 for value in hashes)
    assert any(value < 0 for value in hashes)
    assert {(value & (2**64 - 1)).bit_count() for value in hashes} == {32}


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_every_mode_that_is_stored_has_a_hash(mode):
    assert perceptual_hash(scene(1).convert(mode)) != NO_STRUCTURE


@pytest.mark.parametrize(
    "picture",
    [Image.new("RGB", (40, 30), "teal"), Image.new("L", (1, 1)), Image.linear_gradient("L")],
    ids=["one colour", "one pixel", "a gradient"],
)
def test_a_picture_without_structure_has_the_hash_that_is_like_nothing(picture):
    assert perceptual_hash(picture) == NO_STRUCTURE


def test_very_long_pictures_have_a_hash_too():
    assert isinstance(perceptual_hash(noise((5000, 1), 90)), int)
