"""The sizes of images, stated and measured."""

from __future__ import annotations

import pytest
from PIL import Image

from data.errors import ImageRejected
from data.formats import sizes
from data.formats.sizes import stated_size, upright_size
from tests.data.formats.folders import jpeg, write


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (40, 30, (40, 30)),
        ("40", "30.0", (40, 30)),
        (0, 30, None),
        (-1, 30, None),
        ("wide", 30, None),
        (None, 30, None),
        (True, 30, None),
        (float("nan"), 30, None),
        (float("inf"), 30, None),
        (10**400, 30, None),
    ],
    ids=lambda value: str(value)[:8],
)
def test_a_size_is_stated_by_two_numbers_that_can_be(width, height, size):
    assert stated_size(width, height) == size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_of_a_file_is_that_of_the_upright_picture(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = write(tmp_path, {"a.jpg": jpeg(40, 30, exif=exif)}) / "a.jpg"
    assert upright_size(path) == ((30, 40) if orientation >= 5 else (40, 30))


@pytest.mark.parametrize("data", [b"", b"no image", jpeg()[:20], b"<svg/>"])
def test_a_file_that_is_no_image_has_no_size(tmp_path, data):
    assert upright_size(write(tmp_path, {"a.jpg": data}) / "a.jpg") is None


def test_a_bomb_has_no_size_but_is_not_decoded(tmp_path):
    path = tmp_path / "a.png"
    Image.new("1", (20_000, 20_000)).save(path)
    assert upright_size(path) is None


HEIC = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 12


def test_the_size_of_a_heic_is_what_its_reader_tells(tmp_path, monkeypatch):
    path = write(tmp_path, {"a.heic": HEIC}) / "a.heic"
    monkeypatch.setattr(sizes, "open_heic", lambda _data, _most: Image.new("RGB", (40, 30)))
    assert upright_size(path) == (40, 30)
    monkeypatch.setattr(sizes, "open_heic", lambda _data, _most: None)
    assert upright_size(path) is None


def test_without_a_reader_a_heic_has_no_size(tmp_path, monkeypatch):
    def refuse(_data: bytes, _most: int) -> None:
        raise ImageRejected("No reader is installed.", "Install one.")

    monkeypatch.setattr(sizes, "open_heic", refuse)
    assert upright_size(write(tmp_path, {"a.heic": HEIC}) / "a.heic") is None
