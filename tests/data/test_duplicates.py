"""Photographs that are in a project more than once."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from sqlalchemy import update

from data import duplicates, exchange, images, projects
from data.schema import ImageRow
from tests.data.noise import noise


def scene(size: tuple[int, int] = (320, 240), turned: float = 0) -> Image.Image:
    """A picture with plenty of structure; turned by 90 degrees it looks different."""
    small = Image.new("L", (4, 3))
    small.putdata([0, 200, 40, 255, 90, 10, 230, 60, 255, 120, 30, 180])
    return small.rotate(turned, expand=False).resize(size, Image.Resampling.BICUBIC).convert("RGB")


def jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


@pytest.fixture
def add(database, blobs, project):
    """Imports files given by name and gives the report."""

    def import_(**files: bytes):
        return exchange.import_images(database, blobs, project.id, list(files.items()))

    return import_


def names(groups: list[list[duplicates.Photograph]]) -> list[list[str]]:
    return [[one.name for one in group] for group in groups]


def test_equal_and_alike_photographs_are_told_apart(database, project, add):
    add(
        a=jpeg(scene()),
        b=jpeg(scene()),
        c=jpeg(scene((160, 120))),
        d=jpeg(scene(), 40),
        e=jpeg(scene(turned=180)),
    )
    with database.read() as session:
        assert names(duplicates.equal(session, project.id)) == [["a", "b"]]
        assert names(duplicates.alike(session, project.id)) == [["a", "b", "c", "d"]]


def test_photographs_that_are_only_equal_are_not_called_alike(database, project, add):
    add(a=jpeg(scene()), b=jpeg(scene()))
    with database.read() as session:
        assert duplicates.alike(session, project.id) == []


def test_only_groups_with_the_images_asked_for_are_given(database, project, add):
    add(a=jpeg(scene()), b=jpeg(scene()), c=jpeg(scene((160, 120))), e=jpeg(scene(turned=180)))
    with database.read() as session:
        ids = {image.name: image.id for image in images.page(session, project.id).images}
        assert names(duplicates.equal(session, project.id, {ids["b"]})) == [["a", "b"]]
        assert names(duplicates.alike(session, project.id, {ids["c"]})) == [["a", "b", "c"]]
        for find in (duplicates.equal, duplicates.alike):
            assert find(session, project.id, {ids["e"]}) == []


def test_neither_the_bin_nor_other_projects_count(database, blobs, project, add):
    add(a=jpeg(scene()), b=jpeg(scene()), c=jpeg(scene((160, 120))))
    with database.write() as session:
        other = projects.create(session, "Other")
    exchange.import_images(database, blobs, other.id, [("x", jpeg(scene()))])
    with database.write() as session:
        for image in images.page(session, project.id).images[1:]:
            images.discard(session, image.id)
        assert duplicates.equal(session, project.id) == duplicates.alike(session, project.id) == []


def test_an_import_tells_what_looks_alike_and_what_is_damaged(add):
    whole = jpeg(scene())
    report = add(a=whole, b=jpeg(scene((160, 120))), c=jpeg(noise((64, 320), 80))[:-2])
    assert (report.added, report.rejected) == (3, ())
    assert report.notes[0] == "a ≈ b: look alike, and stay together when images are split."
    assert report.notes[1].startswith("1 image kept although the file is damaged: c (")
    assert len(report.notes) == 2


def test_the_warning_of_a_damaged_file_stays_with_its_image(database, project, add):
    add(c=jpeg(noise((64, 320), 80))[:-2])
    with database.read() as session:
        (image,) = images.page(session, project.id).images
    assert "lacked its last bytes" in image.warning


def test_hashes_that_are_missing_are_computed_from_the_stored_files(
    database, blobs, project, add, monkeypatch
):
    monkeypatch.setattr(duplicates, "_BATCH", 2)
    add(a=jpeg(scene()), b=jpeg(scene((160, 120))), c=jpeg(scene(turned=180)), d=jpeg(scene((99, 77))))
    with database.write() as session:
        before = {image.name: image for image in images.page(session, project.id).images}
        session.execute(update(ImageRow).values(perceptual_hash=None))
    blobs.path(before["b"].sha256).unlink()
    blobs.path(before["c"].sha256).write_bytes(b"damaged")
    with database.read() as session:
        assert duplicates.alike(session, project.id) == []
    assert duplicates.hash_missing(database, blobs) == 2
    assert duplicates.hash_missing(database, blobs) == 0
    with database.read() as session:
        after = {image.name: image for image in images.page(session, project.id).images}
    assert after["a"] == before["a"]
    assert after["b"].perceptual_hash is after["c"].perceptual_hash is None
