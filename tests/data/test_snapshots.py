"""Snapshots."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data import annotations, classes, images, projects, snapshots
from data.errors import NotFound, NothingToTrain
from data.intake import read_image
from data.records import Box
from data.schema import LabelClassRow


@pytest.fixture
def labelled(database, bolt, add_image):
    """Adds images a.png, b.png, … with one box each."""

    def add(count: int, split=None, start: int = 0):
        added = []
        for number in range(start, start + count):
            image = add_image(f"{chr(ord('a') + number)}.png", split=split)
            with database.write() as session:
                boxes = [Box("1", bolt.id, 0.25, 1, 5, 5 + number)]
                added.append(annotations.replace(session, image.id, boxes, 0, "op"))
        return added

    return add


def test_a_snapshot_holds_labelled_and_empty_images_with_boxes_and_classes(
    database, project, bolt, labelled, add_image
):
    full = labelled(4)
    empty = add_image("y.png")
    add_image("z.png")
    with database.write() as session:
        annotations.mark_empty(session, empty.id, 0, "op")
        frozen = snapshots.freeze(session, project.id, seed=0)
    assert [image.image_id for image in frozen.images] == [*(image.id for image in full), empty.id]
    assert frozen.images[2].boxes == (Box("1", bolt.id, 0.25, 1, 5, 7),)
    assert frozen.images[4].boxes == ()
    assert frozen.classes == (replace(bolt, boxes=4),)
    assert sum(image.split == "val" for image in frozen.images) == 1
    with database.read() as session:
        assert snapshots.get(session, frozen.id) == frozen


def test_a_snapshot_stays_as_it_was_when_the_project_changes(database, project, bolt, labelled):
    first = labelled(2)[0]
    with database.write() as session:
        frozen = snapshots.freeze(session, project.id, seed=0)
    with database.write() as session:
        session.get_one(LabelClassRow, bolt.id).name = "screw"
        images.delete(session, first.id)
    with database.read() as session:
        assert snapshots.get(session, frozen.id) == frozen


def test_equal_content_has_an_equal_hash_and_is_stored_once(database, project, labelled):
    labelled(5)
    with database.write() as session:
        first = snapshots.freeze(session, project.id, seed=0)
    with database.write() as session:
        assert snapshots.freeze(session, project.id, seed=0) == first


def test_the_hash_is_the_same_in_another_project_and_order(database, blobs, project, labelled, picture):
    labelled(5)
    with database.write() as session:
        here = snapshots.freeze(session, project.id, seed=0)
        other = projects.create(session, "Other")
        bolt = classes.add(session, other.id, "bolt", "#123456")
        for frozen in reversed(here.images):
            data = blobs.path(frozen.sha256).read_bytes()
            image, _ = images.insert(session, other.id, frozen.name, read_image(data), frozen.sha256)
            boxes = [replace(box, id="other", class_id=bolt.id, source="import") for box in frozen.boxes]
            annotations.replace(session, image.id, boxes, 0, "op")
        there = snapshots.freeze(session, other.id, seed=0)
    assert there.content_hash == here.content_hash
    assert there.id != here.id


def test_one_moved_box_another_class_name_or_split_changes_the_hash(database, project, bolt, labelled):
    image = labelled(5)[0]
    hashes = set()
    with database.write() as session:
        hashes.add(snapshots.freeze(session, project.id, seed=0).content_hash)
        hashes.add(snapshots.freeze(session, project.id, seed=0, val_fraction=0).content_hash)
        annotations.replace(session, image.id, [Box("1", bolt.id, 0.25, 1, 5, 5.0001)], 1, "move")
        hashes.add(snapshots.freeze(session, project.id, seed=0).content_hash)
        session.get_one(LabelClassRow, bolt.id).name = "screw"
        hashes.add(snapshots.freeze(session, project.id, seed=0).content_hash)
        difficult = Box("1", bolt.id, 0.25, 1, 5, 5.0001, difficult=True)
        annotations.replace(session, image.id, [difficult], 2, "flag")
        hashes.add(snapshots.freeze(session, project.id, seed=0).content_hash)
    assert len(hashes) == 5


@pytest.mark.parametrize(("count", "missing"), [(0, "2 more images"), (1, "1 more image\\.")])
def test_too_few_labelled_images_are_counted_out(database, project, labelled, count, missing):
    labelled(count)
    with database.write() as session, pytest.raises(NothingToTrain, match=missing):
        snapshots.freeze(session, project.id, seed=0)


def test_test_images_do_not_count_as_trainable(database, project, labelled):
    labelled(5, "test")
    labelled(1, start=5)
    with database.write() as session, pytest.raises(NothingToTrain, match="1 labelled images"):
        snapshots.freeze(session, project.id, seed=0)


def test_a_project_that_keeps_all_its_labelled_images_for_validation_has_nothing_to_train_on(
    database, project, labelled, add_image
):
    labelled(5, "val")
    empty = add_image("y.png")
    with database.write() as session:
        annotations.mark_empty(session, empty.id, 0, "op")
        with pytest.raises(
            NothingToTrain, match=r"all its 5 labelled images for validation.*at least 1 image"
        ):
            snapshots.freeze(session, project.id, seed=0)
    labelled(1, start=5)
    with database.write() as session:
        frozen = snapshots.freeze(session, project.id, seed=0)
    assert [image.name for image in frozen.images if image.split == "train" and image.boxes] == ["f.png"]


def test_test_images_are_frozen_as_test(database, project, labelled):
    labelled(3, "test")
    labelled(4, start=3)
    with database.write() as session:
        frozen = snapshots.freeze(session, project.id, seed=0)
    assert [image.split for image in frozen.images[:3]] == ["test"] * 3
    assert "test" not in [image.split for image in frozen.images[3:]]


def test_split_images_gives_those_that_were_assigned_and_finished(
    database, project, bolt, labelled, add_image
):
    tested = labelled(2, "test")
    labelled(2, start=2)
    add_image("unlabelled.png", split="test")
    with database.read() as session:
        found = snapshots.split_images(session, project.id, "test")
        assert [image.image_id for image in found] == [image.id for image in tested]
        assert {image.split for image in found} == {"test"}
        assert found[1].boxes == (Box("1", bolt.id, 0.25, 1, 5, 6),)
        assert snapshots.split_images(session, project.id, "val") == ()


def test_unknown_ids_and_fractions_are_refused(database, project):
    with database.write() as session:
        with pytest.raises(NotFound):
            snapshots.get(session, "none")
        with pytest.raises(NotFound):
            snapshots.freeze(session, 99, seed=0)
        with pytest.raises(ValueError, match="val_fraction"):
            snapshots.freeze(session, project.id, seed=0, val_fraction=1.0)
