"""An image becomes the network's input in exactly one way."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssd_core.errors import InvalidExample
from ssd_core.preprocess import load_rgb, resize_for_network

# Two rows of three pixels, all different.
CORNERS = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[10, 20, 30], [40, 50, 60], [70, 80, 90]]], np.uint8
)


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stored = io.BytesIO()
    image.save(stored, kind, **options)
    return stored.getvalue()


def grey(values: list[list[int]]) -> np.ndarray:
    return np.repeat(np.array(values, np.uint8)[..., None], 3, axis=2)


def test_path_bytes_and_array_give_the_same_pixels(tmp_path: Path) -> None:
    stored = encode(Image.fromarray(CORNERS))
    (tmp_path / "a.png").write_bytes(stored)
    for image in (CORNERS, stored, tmp_path / "a.png"):
        pixels = load_rgb(image)
        assert pixels.dtype == np.uint8
        assert pixels.tolist() == CORNERS.tolist()


# As a viewer must turn the stored pixels for each EXIF orientation.
TURNS = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encode(Image.fromarray(CORNERS), exif=exif.tobytes())
    assert load_rgb(stored).tolist() == TURNS[orientation](CORNERS).tolist()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_garbage_in_the_exif_block_does_not_hide_the_photograph() -> None:
    stored = encode(Image.fromarray(CORNERS), exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xffgarbage")
    assert load_rgb(stored).tolist() == CORNERS.tolist()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I", "F"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    white = Image.new("RGB", (4, 3), (255, 255, 255)).convert(mode)
    assert load_rgb(encode(white, "TIFF")).tolist() == np.full((3, 4, 3), 255).tolist()


def test_sixteen_bit_greys_keep_their_brightness() -> None:
    stored = encode(Image.fromarray(np.array([[0, 0x1234, 0xFFFF]], np.uint16)))
    assert load_rgb(stored).tolist() == grey([[0, 0x12, 0xFF]]).tolist()


def test_what_is_transparent_becomes_white_as_in_a_viewer() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (1, 1), (255, 0, 0, 0)).save(buffer, "PNG")
    assert load_rgb(buffer.getvalue()).tolist() == [[[255, 255, 255]]]


def test_formats_that_pillow_would_hand_to_other_programs_are_not_opened() -> None:
    with pytest.raises(InvalidExample, match="No image format was recognised"):
        load_rgb(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 5 5\n%%EndComments\nshowpage\n")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused_before_it_does() -> None:
    buffer = io.BytesIO()
    Image.new("1", (10_000, 9_000)).save(buffer, "PNG")
    assert len(buffer.getvalue()) < 100_000
    with pytest.raises(InvalidExample, match="10000×9000"):
        load_rgb(buffer.getvalue())
    # Pillow refuses by itself what is twice as large as its own limit.
    bitmap = bytearray(encode(Image.new("L", (16, 16)), "BMP"))
    bitmap[18:22] = (20_000_000).to_bytes(4, "little")
    with pytest.raises(InvalidExample, match="more than 89 million pixels; shrink it"):
        load_rgb(bytes(bitmap))


def test_a_truncated_jpeg_is_rejected_by_name(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    stored = encode(Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)), "JPEG")
    (tmp_path / "cut.jpg").write_bytes(stored[: len(stored) // 2])
    with pytest.raises(InvalidExample, match=r"cut\.jpg .*truncated.*save it again"):
        load_rgb(tmp_path / "cut.jpg")


def test_a_truncated_jpeg_that_also_needs_turning_is_rejected() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8))
    stored = encode(image, "JPEG", exif=exif.tobytes())
    with pytest.raises(InvalidExample, match="truncated"):
        load_rgb(stored[: len(stored) // 2])


@pytest.mark.parametrize("stored", [b"", b"GIF89a", b"<svg></svg>", b"\xff\xd8\xff\xe0"])
def test_bytes_that_are_no_image_are_rejected(stored: bytes) -> None:
    with pytest.raises(InvalidExample, match=rf"the {len(stored)} bytes given"):
        load_rgb(stored)


def test_a_missing_file_is_rejected_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidExample, match=r"no image file at .*gone\.jpg"):
        load_rgb(tmp_path / "gone.jpg")
    with pytest.raises(InvalidExample, match="no image file"):
        load_rgb(tmp_path)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_an_array_of_another_kind_is_rejected(pixels: np.ndarray) -> None:
    with pytest.raises(InvalidExample, match=r"must be uint8 \[height, width, 3\]"):
        load_rgb(pixels)


def test_shrinking_averages_over_the_source_pixels_golden() -> None:
    # By hand: weights 3/7, 3/7, 1/7 for sources .5, .5 and 1.5 from the centre, first along x, then along y,
    # rounded after each: rows 36 219 / 89 31, then columns.
    source = grey([[0, 0, 255, 255], [0, 0, 255, 255], [100, 100, 20, 20], [100, 100, 20, 20]])
    assert resize_for_network(source, (2, 2))[..., 0].tolist() == [[44, 192], [81, 58]]


def test_growing_interpolates_between_pixel_centres_golden() -> None:
    source = grey([[0, 100], [200, 40]])
    assert resize_for_network(source, (2, 4))[..., 0].tolist() == [[0, 25, 75, 100], [200, 160, 80, 40]]


def test_width_and_height_are_not_swapped() -> None:
    wide = grey([[0, 50, 100, 150, 200, 250]])
    resized = resize_for_network(wide, (2, 3))
    assert resized.shape == (2, 3, 3)
    assert resized[0].tolist() == resized[1].tolist()
    assert resized[0, 0, 0] < resized[0, 1, 0] < resized[0, 2, 0]


def test_channels_stay_apart() -> None:
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 200
    assert resize_for_network(red, (3, 5)).reshape(-1, 3).tolist() == [[200, 0, 0]] * 15


def test_an_image_of_the_network_size_keeps_its_pixels() -> None:
    resized = resize_for_network(CORNERS, (2, 3))
    assert resized.dtype == np.float32
    assert resized.tolist() == CORNERS.tolist()


def test_the_result_is_float32_from_whole_numbers_and_the_input_is_untouched() -> None:
    source = np.random.default_rng(1).integers(0, 256, (50, 70, 3), np.uint8)
    before = source.copy()
    resized = resize_for_network(source, (30, 30))
    assert resized.dtype == np.float32
    assert resized.min() >= 0
    assert resized.max() <= 255
    assert (resized == np.round(resized)).all()
    assert (source == before).all()
