"""JPEG files that were cut short."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from data.jpeg_mending import mend
from tests.data.noise import noise


def jpeg(mode: str = "RGB", size: tuple[int, int] = (160, 320), **options: object) -> bytes:
    stream = io.BytesIO()
    noise(size, 60).convert(mode).save(stream, "JPEG", **options)
    return stream.getvalue()


def pixels(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


KINDS = [
    ("RGB", {}),
    ("L", {}),
    ("CMYK", {}),
    ("RGB", {"subsampling": 0}),
    ("RGB", {"restart_marker_rows": 1}),
    ("RGB", {"optimize": True}),
]


@pytest.mark.parametrize(("mode", "options"), KINDS)
@pytest.mark.parametrize("part", [0.2, 0.5, 0.8, 0.93])
def test_the_rows_that_are_there_are_counted_to_the_block(mode, options, part):
    data = jpeg(mode, **options)
    mended = mend(data[: int(len(data) * part)])
    assert mended is not None
    # The noise has as many bytes in each row, but for the header; blocks are 8 or 16 rows high.
    assert mended.rows == pytest.approx(320 * part, abs=24)
    assert mended.enough == (mended.rows >= 288)
    whole, found = pixels(data), pixels(mended.data)
    there = (0, 0, 160, mended.rows - 16)
    assert ImageChops.difference(whole.crop(there), found.crop(there)).getbbox() is None


@pytest.mark.parametrize(("mode", "options"), [*KINDS, ("RGB", {"progressive": True})])
@pytest.mark.parametrize("bytes_lost", [1, 2])
def test_a_file_that_lacks_only_its_end_marker_has_every_pixel(mode, options, bytes_lost):
    data = jpeg(mode, **options)
    mended = mend(data[:-bytes_lost])
    assert mended is not None
    assert (mended.rows, mended.height) == (320, 320)
    assert mended.data.startswith(data[:-bytes_lost])
    assert ImageChops.difference(pixels(data), pixels(mended.data)).getbbox() is None


def test_a_picture_smaller_than_a_block_counts_as_whole():
    mended = mend(jpeg(size=(5, 7))[:-2])
    assert mended is not None
    assert mended.rows == 7


def test_a_progressive_file_is_whole_once_every_scan_has_begun():
    data = jpeg(progressive=True)
    last = data.rindex(b"\xff\xda")
    begun = mend(data[: last + 40])
    assert begun is not None
    assert begun.enough
    assert mend(data[:last]) is None
    assert mend(data[: last + 5]) is None


def test_a_file_that_ends_in_its_header_cannot_be_mended():
    data = jpeg()
    assert mend(data[:200]) is None
    assert mend(data[: data.index(b"\xff\xda") + 4]) is None


def test_a_thumbnail_within_the_file_is_not_taken_for_the_picture():
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x927C] = jpeg(size=(16, 16))
    data = jpeg(exif=exif)
    mended = mend(data[:-2])
    assert mended is not None
    assert mended.rows == 320
