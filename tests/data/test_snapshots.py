"""Snapshots."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from data import annotations, classes, images, models, projects, snapshots, suggestions
from data.annotations import box_to_json
from data.blobs import Blobs
from data.database import Database
from data.errors import NotFound, NothingToTrain
from data.intake import read_image
from data.records import Box, LabelClass, Model, SnapshotImage
from data.schema import ImageRow, LabelClassRow
from data.snapshot_content import SnapshotContent


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


def test_images_and_classes_are_told_without_the_boxes(database, project, bolt, labelled):
    learnt, kept = labelled(3), labelled(2, split="test", start=3)
    with database.write() as session:
        frozen = snapshots.freeze(session, project.id, seed=0, val_fraction=0)
    with database.read() as session:
        assert snapshots.image_ids(session, frozen.id, "train") == {image.id for image in learnt}
        assert snapshots.image_ids(session, frozen.id, "test") == {image.id for image in kept}
        assert snapshots.image_ids(session, "gone", "train") == set()
        assert snapshots.class_names(session, frozen.id) == {bolt.id: bolt.name}
        assert snapshots.class_names(session, "gone") == {}


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


def test_images_in_the_bin_are_left_out(database, project, labelled):
    gone = labelled(5)[1]
    with database.write() as session:
        images.discard(session, gone.id)
        frozen = snapshots.freeze(session, project.id, seed=0)
        assert gone.id not in [image.image_id for image in frozen.images]
        session.execute(update(ImageRow).values(split="test"))
        assert len(snapshots.split_images(session, project.id, "test")) == len(frozen.images) == 4


def test_boxes_of_an_archived_class_are_left_out_and_their_images_stay(database, project, bolt, labelled):
    kept = labelled(4)
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        both, alone = kept[0], kept[1]
        drawn = [Box("1", bolt.id, 0, 0, 5, 5), Box("2", nut.id, 1, 1, 6, 6)]
        annotations.replace(session, both.id, drawn, both.revision, "both")
        annotations.replace(session, alone.id, drawn[1:], alone.revision, "alone")
        before = snapshots.freeze(session, project.id, seed=0)
        classes.change(session, nut.id, archived=True)
        frozen = snapshots.freeze(session, project.id, seed=0)
        session.execute(update(ImageRow).values(split="test"))
        tested = snapshots.split_images(session, project.id, "test")
    assert [entry.name for entry in frozen.classes] == ["bolt"]
    assert [len(image.boxes) for image in before.images] == [2, 1, 1, 1]
    assert [len(image.boxes) for image in frozen.images] == [1, 0, 1, 1]
    assert [image.boxes for image in tested] == [image.boxes for image in frozen.images]
    assert frozen.content_hash != before.content_hash


def test_images_that_show_only_archived_classes_do_not_count_as_labelled(database, project, bolt, labelled):
    labelled(4)
    with database.write() as session:
        classes.change(session, bolt.id, archived=True)
        with pytest.raises(NothingToTrain, match="has 0 labelled images"):
            snapshots.freeze(session, project.id, seed=0)


def test_a_rare_class_is_both_trained_on_and_validated(database, project, bolt, labelled):
    drawn = labelled(20)
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        for image in drawn[3:5]:
            boxes = [Box("1", nut.id, 0, 0, 5, 5)]
            annotations.replace(session, image.id, boxes, image.revision, "nut")
        frozen = snapshots.freeze(session, project.id, seed=0)
    assert {frozen.images[3].split, frozen.images[4].split} == {"train", "val"}


def test_images_that_look_like_test_images_are_kept_out_and_counted_in_the_message(
    database, project, labelled
):
    first, *others = labelled(4)
    with database.write() as session:
        session.execute(update(ImageRow).values(perceptual_hash=0x0F0F0F0F0F0F0F0F))
        session.execute(update(ImageRow).where(ImageRow.id == first.id).values(split="test"))
    # Half of eight images, so that the likeness still counts.
    labelled(1, start=4)
    more = labelled(3, "test", start=5)
    with database.write() as session, pytest.raises(NothingToTrain, match="1 labelled images") as caught:
        snapshots.freeze(session, project.id, seed=0)
    assert f"{len(others)} look like images kept for testing" in str(caught.value)
    assert len(more) == 3


def test_near_duplicates_are_frozen_on_one_side(database, project, labelled):
    drawn = labelled(20)
    pair = [drawn[4].id, drawn[11].id]
    with database.write() as session:
        for image_id, value in zip(pair, (0x0F0F0F0F0F0F0F0F, 0x0F0F0F0F0F0F0F30), strict=True):
            session.execute(update(ImageRow).where(ImageRow.id == image_id).values(perceptual_hash=value))
        for seed in range(12):
            frozen = snapshots.freeze(session, project.id, seed=seed, val_fraction=0.4)
            assert len({image.split for image in frozen.images if image.image_id in pair}) == 1


def test_a_snapshot_composed_while_reading_is_stored_as_it_is(database, project, labelled):
    labelled(5)
    with database.read() as session:
        composed = snapshots.compose(session, project.id, seed=0)
    with database.write() as session:
        assert snapshots.store(session, composed) == composed.id
    with database.write() as session:
        assert snapshots.freeze(session, project.id, seed=0) == composed.snapshot()
        assert snapshots.get(session, composed.id) == composed.snapshot()
    assert composed.sizes == {"train": 4, "val": 1, "test": 0}


def test_another_workspace_freezes_the_same_photographs_into_the_same_hash(
    database, blobs, project, bolt, labelled, tmp_path
):
    labelled(12)
    with database.write() as session:
        here = snapshots.freeze(session, project.id, seed=3)
    other, elsewhere = Database.open(None, tmp_path / "other"), Blobs(tmp_path / "other" / "blobs")
    try:
        with other.write() as session:
            there = projects.create(session, "There")
            classes.add(session, there.id, "unused")
            session.delete(session.get_one(LabelClassRow, 1))
            session.flush()
            same = classes.add(session, there.id, "bolt")
            for frozen in reversed(here.images):
                upright = read_image(blobs.path(frozen.sha256).read_bytes())
                sha256 = elsewhere.put(upright.data)
                image, _ = images.insert(session, there.id, frozen.name, upright, sha256)
                boxes = [replace(box, id="other", class_id=same.id) for box in frozen.boxes]
                annotations.replace(session, image.id, boxes, 0, "op")
            again = snapshots.freeze(session, there.id, seed=3)
    finally:
        other.close()
    assert again.content_hash == here.content_hash
    assert {i.name: i.split for i in again.images} == {i.name: i.split for i in here.images}


@pytest.fixture
def reject(database, project, bolt):
    """Has a model suggest places on an image and a person reject them all."""
    with database.write() as session:
        models.register(session, Model("m1", project.id, None, "m1", ("bolt",), {}, datetime.now(UTC)))

    def rejected(image, *places, class_id=bolt.id):
        with database.write() as session:
            found = [(Box("", class_id, *place), 0.5) for place in places]
            offered = suggestions.offer(session, image.id, "m1", found)
            suggestions.reject(session, image.id, [each.id for each in offered])

    return rejected


def test_rejected_suggestions_are_frozen_with_their_image_and_read_back(database, project, labelled, reject):
    first, second = labelled(2)
    with database.write() as session:
        before = snapshots.freeze(session, project.id, seed=0)
    reject(second, (1, 2, 3.5, 4), (0, 0, 9, 9))
    with database.write() as session:
        frozen = snapshots.freeze(session, project.id, seed=0)
        assert {image.image_id: image.rejected_xyxy for image in frozen.images} == {
            first.id: (),
            second.id: ((1, 2, 3.5, 4), (0, 0, 9, 9)),
        }
        assert frozen.content_hash != before.content_hash
        assert snapshots.freeze(session, project.id, seed=0) == frozen
    with database.read() as session:
        assert snapshots.get(session, frozen.id) == frozen
        assert snapshots.get(session, before.id) == before


def test_an_image_with_nothing_but_rejected_suggestions_is_not_trained_on(
    database, project, labelled, add_image, reject
):
    labelled(2)
    unfinished = add_image("z.png")
    reject(unfinished, (0, 0, 9, 9))
    with database.write() as session:
        frozen = snapshots.freeze(session, project.id, seed=0)
        assert unfinished.id not in [image.image_id for image in frozen.images]
        annotations.mark_empty(session, unfinished.id, 0, "op")
        frozen = snapshots.freeze(session, project.id, seed=0)
    assert frozen.images[-1].rejected_xyxy == ((0, 0, 9, 9),)


def test_rejections_of_archived_classes_and_open_suggestions_are_left_out(
    database, project, bolt, labelled, reject
):
    first, second = labelled(2)
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
    reject(first, (0, 0, 9, 9), class_id=nut.id)
    with database.write() as session:
        classes.change(session, nut.id, archived=True)
        suggestions.offer(session, second.id, "m1", [(Box("", bolt.id, 20, 10, 30, 20), 0.9)])
        frozen = snapshots.freeze(session, project.id, seed=0)
    assert [image.rejected_xyxy for image in frozen.images] == [(), ()]


def test_the_hash_of_what_has_no_rejections_is_the_one_it_always_was():
    image = SnapshotImage(1, "a.jpg", "0" * 64, 9, 8, "train", (Box("1", 1, 0, 0, 1, 2.5),))
    always = "de1596a3829070497cf56f37531e366969a5ba4f614a2aeafcb51cd09bb4dc4a"
    assert hash_of(TWO, [image]) == always


def hash_of(label_classes, images):
    """The hash of images, however they came to be."""
    content = SnapshotContent(label_classes)
    for image in images:
        boxes = content.write_boxes([box_to_json(box) for box in image.boxes], image.rejected_xyxy)
        content.add(SimpleNamespace(**{**asdict(image), "id": image.image_id}), image.split, boxes)
    return content.hash()


PLACES = st.sampled_from([(1.0, 2.0, 3.0, 4.0), (0.0, 0.0, 9.0, 9.5)])
NAMES = st.sampled_from(["a.jpg", "b.jpg", "ä/c.jpg", 'd".jpg'])
BOXES = st.lists(
    st.builds(
        lambda number, x, y, flag: Box(str(number), number % 2 + 1, x, y, x + 1, y + 2.5, difficult=flag),
        st.integers(0, 5),
        st.floats(0, 100),
        st.floats(0, 100),
        st.booleans(),
    ),
    max_size=3,
).map(tuple)
FROZEN = st.lists(
    st.builds(
        SnapshotImage,
        image_id=st.integers(1, 99),
        name=NAMES,
        sha256=st.sampled_from(["0" * 64, "f" * 64]),
        width=st.just(200),
        height=st.just(200),
        split=st.sampled_from(["train", "val", "test"]),
        boxes=BOXES,
        rejected_xyxy=st.lists(PLACES, max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=5,
)
TWO = (LabelClass(1, 1, "bolt", "#000000", 0), LabelClass(2, 1, "nut", "#ffffff", 1))


@given(FROZEN, st.randoms(use_true_random=False))
def test_neither_order_nor_ids_nor_colours_change_the_hash(frozen, rng):
    shuffled = [
        replace(
            image,
            image_id=image.image_id + 7,
            boxes=tuple(
                replace(box, id=f"{number}", class_id=box.class_id * 10, source="import")
                for number, box in enumerate(rng.sample(image.boxes, len(image.boxes)))
            ),
            rejected_xyxy=tuple(rng.sample(image.rejected_xyxy, len(image.rejected_xyxy))),
        )
        for image in rng.sample(frozen, len(frozen))
    ]
    renumbered = tuple(replace(entry, id=entry.id * 10, project_id=9, colour="#123456") for entry in TWO)
    assert hash_of(TWO, frozen) == hash_of(renumbered, shuffled)


@given(FROZEN, FROZEN)
def test_different_content_has_a_different_hash(one, other):
    def told(frozen):
        return sorted(
            (
                i.name,
                i.sha256,
                i.split,
                sorted((box.class_id, box.xyxy, box.difficult) for box in i.boxes),
                sorted(i.rejected_xyxy),
            )
            for i in frozen
        )

    same = hash_of(TWO, one) == hash_of(TWO, other)
    assert same == (told(one) == told(other))


def test_the_order_and_the_names_of_classes_change_the_hash():
    image = SnapshotImage(1, "a", "0" * 64, 9, 9, "train", (Box("1", 1, 0, 0, 1, 1),))
    renamed = (replace(TWO[0], name="screw"), TWO[1])
    hashes = {hash_of(order, [image]) for order in (TWO, TWO[::-1], TWO[:1], renamed)}
    assert len(hashes) == 4
