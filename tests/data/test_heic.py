"""HEIC, with a reader and without."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pytest
from PIL import Image

from data import heic, intake
from data.errors import ImageRejected
from data.intake import read_image

# Four quarters, red and lime over blue and yellow, stored turned by 90 degrees as a telephone does.
QUARTERS = (Path(__file__).parents[1] / "golden" / "quarters-turned.heic").read_bytes()

READER = """
import io, os, sys
from PIL import Image

class Opened:
    def __init__(self, data):
        self.size = Image.open(data).size
        self._data = data

    def to_pillow(self):
        return Image.open(self._data)

def open_heif(stream):
    data = stream.read()[16:]
    if data == b"crash":
        os._exit(139)
    return Opened(io.BytesIO(data))
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A reader that finds a PNG behind sixteen bytes, in a place where child processes find it too."""
    (tmp_path / "stand_in_heif.py").write_text(READER, encoding="utf-8")
    monkeypatch.setattr(heic, "_READERS", ("missing_heif", "stand_in_heif"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def wrap(data: bytes) -> bytes:
        return b"\0\0\0\x10ftypheic\0\0\0\0" + data

    return wrap


def png(picture: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", **options)
    return stream.getvalue()


def test_a_heic_photograph_becomes_an_upright_jpeg():
    pytest.importorskip("pi_heif")
    upright = read_image(QUARTERS)
    assert (upright.mime, upright.width, upright.height) == ("image/jpeg", 80, 40)
    picture = Image.open(io.BytesIO(upright.data))
    corners = [picture.getpixel((x, y)) for y in (10, 30) for x in (20, 60)]
    for seen, wanted in zip(corners, [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)], strict=True):
        assert math.dist(seen, wanted) < 12


@pytest.mark.parametrize("end", [40, 300, -20])
def test_a_heic_file_cut_short_is_rejected(end):
    pytest.importorskip("pi_heif")
    with pytest.raises(ImageRejected, match="damaged"):
        read_image(QUARTERS[:end])


def test_without_a_reader_the_rejection_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(heic, "_READERS", ("missing_heif",))
    with pytest.raises(ImageRejected, match=r"HEIC.*pip install pi-heif"):
        read_image(QUARTERS)


def test_what_the_reader_gives_is_kept_as_jpeg_with_its_colour_profile(stand_in):
    upright = read_image(stand_in(png(Image.new("RGB", (30, 20), "red"), icc_profile=b"profile")))
    picture = Image.open(io.BytesIO(upright.data))
    assert (upright.mime, picture.size, upright.original_orientation) == ("image/jpeg", (30, 20), 1)
    assert picture.info["icc_profile"] == b"profile"


def test_a_transparent_heic_is_laid_on_white(stand_in):
    upright = read_image(stand_in(png(Image.new("RGBA", (8, 8), (255, 0, 0, 0)))))
    assert Image.open(io.BytesIO(upright.data)).getpixel((4, 4)) == (255, 255, 255)


def test_a_heic_with_too_many_pixels_is_rejected_before_it_is_decoded(stand_in, monkeypatch):
    monkeypatch.setattr(intake, "MAX_PIXELS", 599)
    with pytest.raises(ImageRejected, match="million pixels"):
        read_image(stand_in(png(Image.new("RGB", (30, 20)))))


def test_a_file_that_crashes_the_reader_is_rejected_and_nothing_else_dies(stand_in):
    with pytest.raises(ImageRejected, match="stand_in_heif ended with 139"):
        read_image(stand_in(b"crash"))


def test_a_file_that_the_reader_cannot_read_is_rejected_with_its_words(stand_in):
    with pytest.raises(ImageRejected, match="cannot identify image"):
        read_image(stand_in(b"nonsense"))


def test_a_file_on_which_the_reader_never_ends_is_rejected(stand_in, monkeypatch):
    monkeypatch.setattr(heic, "_MOST_SECONDS", 0.0)
    with pytest.raises(ImageRejected, match="took more than"):
        read_image(stand_in(png(Image.new("RGB", (30, 20)))))


@pytest.mark.parametrize(
    ("brand", "found"), [(b"heic", True), (b"mif1", True), (b"avif", False), (b"mp42", False)]
)
def test_a_heic_file_is_known_by_its_brand(brand, found):
    assert heic.is_heic(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0") is found
