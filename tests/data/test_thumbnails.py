"""Small copies of images."""

from __future__ import annotations

import errno
import io
import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from data import thumbnails as module
from data.errors import DiskFull, ImageRejected, NotFound
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
    shutil.rmtree(thumbnails.folder)
    assert thumbnails.thumbnail(sha256).is_file()


def test_the_cache_may_be_deleted_while_a_copy_is_being_written(blobs, thumbnails, picture, monkeypatch):
    sha256 = blobs.put(picture())
    vanished = []
    make = module.tempfile.mkstemp

    def vanishing(*args, **options):
        if not vanished:
            shutil.rmtree(thumbnails.folder)
            vanished.append(True)
        return make(*args, **options)

    monkeypatch.setattr(module.tempfile, "mkstemp", vanishing)
    assert thumbnails.thumbnail(sha256).is_file()
    assert vanished


def test_a_copy_is_on_disk_before_it_has_its_name(blobs, thumbnails, picture, monkeypatch):
    sha256 = blobs.put(picture())
    events = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda number: (events.append("synced"), fsync(number)))
    monkeypatch.setattr(Path, "replace", lambda self, to: (events.append("named"), replace(self, to)))
    thumbnails.thumbnail(sha256)
    assert events == ["synced", "named"]


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(blobs, thumbnails, picture, monkeypatch):
    sha256 = blobs.put(picture())

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="Free some space"):
        thumbnails.thumbnail(sha256)
    assert not any(place.is_file() for place in thumbnails.folder.rglob("*"))


def test_many_who_want_the_same_copies_all_get_whole_ones(blobs, thumbnails, picture):
    names = [blobs.put(picture((900, 600), colour)) for colour in ("red", "teal", "gold")]

    def wanted(number: int) -> tuple[int, int]:
        with Image.open(thumbnails.thumbnail(names[number % 3])) as small:
            small.load()
            return small.size

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(wanted, range(96))) == {(256, 171)}
    assert not list(thumbnails.folder.rglob(".tmp-*"))


def test_no_more_images_are_decoded_at_once_than_the_memory_bears(blobs, thumbnails, picture, monkeypatch):
    names = [blobs.put(picture(colour=(number, 0, 0), kind="PNG")) for number in range(12)]
    lock, running, most = threading.Lock(), 0, 0
    shrink = module._small

    def watched(*args):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return shrink(*args)

    monkeypatch.setattr(module, "_small", watched)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(thumbnails.thumbnail, names))
    assert 1 < most <= module._AT_ONCE


@pytest.mark.parametrize("copy", ["thumbnail", "display"])
def test_a_copy_keeps_the_colour_profile_but_nothing_else_of_its_file(blobs, thumbnails, picture, copy):
    exif = Image.Exif()
    exif[0x010E] = "a description"
    sha256 = blobs.put(picture((400, 300), exif=exif, comment=b"a comment", icc_profile=b"profile"))
    path = thumbnails.thumbnail(sha256) if copy == "thumbnail" else thumbnails.display(sha256, 100)[0]
    with Image.open(path) as small:
        assert small.info["icc_profile"] == b"profile"
        assert "comment" not in small.info
        assert not small.getexif()


def test_a_profile_of_grey_does_not_go_with_colours(blobs, thumbnails, picture):
    sha256 = blobs.put(picture(colour=128, mode="L", icc_profile=b"grey"))
    with Image.open(thumbnails.thumbnail(sha256)) as small:
        assert "icc_profile" not in small.info


def test_a_profile_larger_than_the_copy_is_left_out(blobs, thumbnails, picture):
    sha256 = blobs.put(picture(icc_profile=b"p" * 100_000))
    assert thumbnails.thumbnail(sha256).stat().st_size < 10_000


@pytest.mark.parametrize("mode", ["1", "P"])
def test_a_pattern_of_bits_or_palette_becomes_grey_and_does_not_lose_pixels(blobs, thumbnails, mode):
    board = Image.new("1", (512, 512))
    board.putdata([(x + y) % 2 for y in range(512) for x in range(512)])
    stream = io.BytesIO()
    board.convert(mode).save(stream, "PNG")
    with Image.open(thumbnails.thumbnail(blobs.put(stream.getvalue()), 128)) as small:
        assert small.getpixel((64, 64)) == pytest.approx((128, 128, 128), abs=16)


def aged(path: Path, days: float) -> Path:
    then = time.time() - days * 86_400
    os.utime(path, (then, then))
    return path


def test_the_copies_not_used_for_longest_make_room(blobs, thumbnails, picture):
    made = [thumbnails.thumbnail(blobs.put(picture(colour=(n, 0, 0), kind="PNG"))) for n in range(10)]
    for days, path in enumerate(made, start=1):
        path.write_bytes(b"x" * 1000)
        aged(path, days)
    assert thumbnails.trim(10_000) == 0
    # Down to nine tenths of the limit.
    assert thumbnails.trim(6000) == 5
    assert [path.is_file() for path in made] == [True] * 5 + [False] * 5


def test_a_copy_that_is_wanted_again_counts_as_used(blobs, thumbnails, picture):
    wanted, other = (blobs.put(picture(colour=colour)) for colour in ("red", "teal"))
    used, unused = thumbnails.thumbnail(wanted), thumbnails.thumbnail(other)
    for path, days in ((used, 3), (unused, 2)):
        path.write_bytes(b"x" * 1000)
        aged(path, days)
    thumbnails.thumbnail(wanted)
    assert thumbnails.trim(1200) == 1
    assert (used.exists(), unused.exists()) == (True, False)


def test_the_cache_trims_itself_while_copies_are_made(blobs, thumbnails, picture, monkeypatch):
    trimmed = []
    monkeypatch.setattr(module, "_TRIM_EVERY", 3)
    monkeypatch.setattr(thumbnails, "trim", lambda: trimmed.append(thumbnails._made))
    for number in range(7):
        thumbnails.thumbnail(blobs.put(picture(colour=(number, 0, 0), kind="PNG")))
    assert trimmed == [3, 6]


def test_leftovers_of_killed_writers_go_when_the_cache_is_trimmed(blobs, thumbnails, picture):
    kept = thumbnails.thumbnail(blobs.put(picture()))
    old, young, foreign = (kept.parent / name for name in (".tmp-old", ".tmp-young", "notes.txt"))
    for path in (old, young, foreign):
        path.write_bytes(b"half")
    aged(old, 1)
    aged(foreign, 1)
    thumbnails.trim(0)
    assert (old.exists(), young.exists(), foreign.exists(), kept.exists()) == (False, True, True, False)


def test_an_empty_cache_has_nothing_to_trim(thumbnails):
    assert thumbnails.trim(0) == 0


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
