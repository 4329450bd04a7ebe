"""Small copies of images."""

from __future__ import annotations

import pytest
from PIL import Image

from data.errors import ImageRejected, NotFound
from data.thumbnails import Thumbnails


@pytest.fixture
def thumbnails(blobs, tmp_path) -> Thumbnails:
    return Thumbnails(tmp_path / "cache", blobs)


def test_a_thumbnail_fits_its_square_and_keeps_the_proportions(blobs, thumbnails, picture):
    path = thumbnails.thumbnail(blobs.put(picture((800, 400))), 256)
    with Image.open(path) as small:
        assert (small.format, small.size) == ("WEBP", (256, 128))


def test_a_small_image_is_not_enlarged(blobs, thumbnails, picture):
    with Image.open(thumbnails.thumbnail(blobs.put(picture((20, 10))))) as small:
        assert small.size == (20, 10)


@pytest.mark.parametrize(("mode", "kind"), [("L", "JPEG"), ("1", "PNG"), ("P", "GIF")])
def test_grey_and_palette_images_have_thumbnails_too(blobs, thumbnails, picture, mode, kind):
    with Image.open(thumbnails.thumbnail(blobs.put(picture((30, 30), 1, mode, kind)))) as small:
        assert small.mode == "RGB"


def test_the_second_time_the_thumbnail_comes_from_the_cache(blobs, thumbnails, picture):
    sha256 = blobs.put(picture())
    made = thumbnails.thumbnail(sha256).stat().st_mtime_ns
    assert thumbnails.thumbnail(sha256).stat().st_mtime_ns == made


def test_the_cache_may_be_deleted_at_any_time(blobs, thumbnails, picture):
    sha256 = blobs.put(picture())
    thumbnails.thumbnail(sha256).unlink()
    assert thumbnails.thumbnail(sha256).is_file()


def test_an_image_within_the_limit_is_displayed_as_it_is(blobs, thumbnails, picture):
    sha256 = blobs.put(picture((60, 40), kind="PNG"))
    assert thumbnails.display(sha256, 60) == (blobs.path(sha256), "image/png")


def test_an_image_over_the_limit_is_displayed_smaller(blobs, thumbnails, picture):
    path, mime = thumbnails.display(blobs.put(picture((400, 200))), 100)
    with Image.open(path) as small:
        assert (small.size, mime) == ((100, 50), "image/jpeg")


def test_an_image_that_is_not_stored_is_not_found(thumbnails):
    with pytest.raises(NotFound):
        thumbnails.thumbnail("0" * 64)
    with pytest.raises(NotFound):
        thumbnails.display("../secret")


def test_a_damaged_image_file_is_told_in_a_sentence_and_leaves_no_copy(blobs, thumbnails, picture):
    whole = picture((400, 400), kind="PNG")
    for damaged in (b"no image", whole[: len(whole) // 2], picture((400, 400))[:300]):
        sha256 = blobs.put(damaged)
        with pytest.raises(ImageRejected, match=rf"{sha256} cannot be read.*Restore it"):
            thumbnails.thumbnail(sha256)
        with pytest.raises(ImageRejected, match=sha256):
            thumbnails.display(sha256, 100)
    assert not any(place.is_file() for place in thumbnails.folder.rglob("*"))


def test_a_file_that_claims_to_be_gigantic_is_told_in_a_sentence(blobs, thumbnails, picture, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    sha256 = blobs.put(picture((400, 400)))
    with pytest.raises(ImageRejected, match=sha256):
        thumbnails.thumbnail(sha256)
    with pytest.raises(ImageRejected, match=sha256):
        thumbnails.display(sha256)


def test_an_image_file_that_vanishes_while_it_is_asked_for_is_not_found(
    blobs, thumbnails, picture, monkeypatch, tmp_path
):
    sha256 = blobs.put(picture())
    monkeypatch.setattr(blobs, "path", lambda name: tmp_path / name)
    with pytest.raises(NotFound, match=sha256):
        thumbnails.thumbnail(sha256)
    with pytest.raises(NotFound, match=sha256):
        thumbnails.display(sha256)
