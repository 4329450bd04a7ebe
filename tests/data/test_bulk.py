"""One change to many images: what it changes, what it skips, and that each can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data import annotations, browsing, bulk, images, models, projects, suggestions
from data.bulk import BulkStep, Skipped
from data.errors import StaleRevision
from data.intake import read_image
from data.records import Box, ImageFilter, Model

EVERY = ImageFilter()


@pytest.fixture
def ids(database, bolt, add_image):
    """Five images, the second of which is labelled and the third marked empty."""
    added = [add_image(f"{number}.png", split="val" if number > 2 else None).id for number in range(5)]
    with database.write() as session:
        annotations.replace(session, added[1], [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        annotations.mark_empty(session, added[2], 0, "op")
    return added


@pytest.fixture
def change(database, project):
    def carry_out(action, value, chosen):
        with database.write() as session:
            return bulk.change(session, project.id, action, value, chosen)

    return carry_out


@pytest.fixture
def state(database, ids):
    """Reads all that a change may touch of each image."""

    def read():
        with database.read() as session:
            return [
                (image.split, image.flag, image.status, image.deleted is None)
                for image in images.get_many(session, ids)
            ]

    return read


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("split", "train"),
        ("split", "val"),
        ("split", None),
        ("flag", True),
        ("status", "empty"),
        ("status", "unlabelled"),
        ("delete", None),
    ],
)
@pytest.mark.parametrize("by", ["ids", "filter"])
def test_what_was_changed_can_be_taken_back(change, state, ids, action, value, by):
    before = state()
    done = change(action, value, ids if by == "ids" else EVERY)
    assert done.changed == sum(old != new for old, new in zip(before, state(), strict=True)) > 0
    for step in done.undo:
        change(step.action, step.value, step.image_ids)
    assert state() == before


def test_undo_gathers_the_images_by_their_former_value(change, ids):
    done = change("split", "train", ids)
    assert set(done.undo) == {
        BulkStep("split", None, tuple(ids[:3])),
        BulkStep("split", "val", tuple(ids[3:])),
    }
    assert done.changed == 5


def test_an_image_that_is_as_wanted_already_is_neither_changed_nor_skipped(change, ids):
    done = change("split", "val", ids)
    assert (done.changed, done.skipped) == (3, ())
    again = change("split", "val", ids)
    assert (again.changed, again.skipped, again.undo) == (0, (), ())


def test_only_images_without_boxes_are_marked_and_each_change_is_in_the_history(database, change, state, ids):
    done = change("status", "empty", EVERY)
    assert done.skipped == (Skipped(ids[1], "1.png", "It has boxes: delete them first."),)
    assert (done.changed, done.skipped_total) == (3, 1)
    assert [status for _, _, status, _ in state()] == ["empty", "labelled", "empty", "empty", "empty"]
    with database.read() as session:
        assert [images.get(session, image_id).revision for image_id in ids] == [1, 1, 1, 1, 1]
        (edit,) = annotations.history(session, ids[0])
    assert (edit.revision, edit.action, edit.author, edit.status, edit.boxes) == (
        1,
        "mark",
        "person",
        "empty",
        (),
    )


def test_a_marked_image_is_as_marked_by_hand(database, change, ids, bolt):
    change("status", "empty", ids[:1])
    box = Box("1", bolt.id, 0, 0, 5, 5)
    with pytest.raises(StaleRevision), database.write() as session:
        annotations.replace(session, ids[0], [box], 0, "late")
    with database.write() as session:
        annotations.replace(session, ids[0], [box], 1, "draw")
        assert annotations.restore(session, ids[0], 1, 2, "back").status == "empty"
        counted = projects.get(session, images.get(session, ids[0]).project_id)
        assert (counted.labelled, counted.empty) == (1, 2)


def test_flag_and_split_leave_the_revision_as_it_is(database, change, ids):
    change("flag", True, ids)
    change("split", "test", ids)
    with database.read() as session:
        assert [image.revision for image in images.get_many(session, ids)] == [0, 1, 1, 0, 0]


def test_a_filter_chooses_the_images_and_leaves_the_bin_alone(database, change, state, ids):
    with database.write() as session:
        images.discard(session, ids[4])
    assert change("flag", True, ImageFilter(split="val")).changed == 1
    assert [flag for _, flag, _, _ in state()] == [False, False, False, True, False]


def test_what_a_filter_looks_at_may_be_what_is_changed(change, state):
    assert change("flag", True, ImageFilter(status="unlabelled")).changed == 3
    assert change("flag", False, ImageFilter(flagged=True)).changed == 3
    assert not any(flag for _, flag, _, _ in state())


def test_images_in_the_bin_are_skipped_by_all_but_putting_back(change, ids):
    assert change("delete", None, ids[:2]).changed == 2
    done = change("split", "test", ids[:3])
    assert [(each.id, each.problem) for each in done.skipped] == [
        (image_id, "It lies in the bin: put it back first.") for image_id in ids[:2]
    ]
    assert change("delete", None, ids).changed == 3
    assert change("put_back", None, ids[:1]).changed == 1
    assert change("put_back", None, EVERY).changed == 4


def test_a_bin_is_put_back_with_all_it_had(database, project, change, ids):
    with database.read() as session:
        before = images.page(session, project.id)
    change("delete", None, EVERY)
    with database.read() as session:
        assert images.page(session, project.id).total == 0
        assert browsing.tallies(session, project.id).bin == 5
    change("put_back", None, EVERY)
    with database.read() as session:
        assert images.page(session, project.id) == before


def test_ids_that_are_gone_or_of_another_project_are_skipped(database, blobs, picture, change, ids):
    with database.write() as session:
        other = projects.create(session, "Other")
        upright = read_image(picture())
        foreign, _ = images.insert(session, other.id, "a.png", upright, blobs.put(upright.data))
    done = change("flag", True, [ids[0], ids[0], foreign.id, 10**30, -1])
    assert done.changed == 1
    assert [(each.id, each.name) for each in done.skipped] == [(-1, ""), (foreign.id, ""), (10**30, "")]
    with database.read() as session:
        assert not images.get(session, foreign.id).flag


def test_many_skipped_images_are_counted_and_the_first_named(change, ids):
    done = change("flag", True, range(10**6, 10**6 + 600))
    assert (done.changed, len(done.skipped), done.skipped_total) == (0, bulk.NAMED_SKIPS, 600)


def test_more_images_than_one_statement_takes_are_all_changed(change, state, ids, monkeypatch):
    monkeypatch.setattr(bulk, "_IDS_AT_ONCE", 2)
    assert change("status", "empty", EVERY).changed == 3
    assert change("flag", True, ids).changed == 5
    assert [flag for _, flag, _, _ in state()] == [True] * 5


def test_suggestions_of_discarded_images_wait_with_them(database, project, bolt, change, ids):
    with database.write() as session:
        models.register(session, Model("m1", project.id, None, "m1", ("bolt",), {}, datetime.now(UTC)))
        suggestions.offer(session, ids[0], "m1", [(Box("", bolt.id, 0, 0, 5, 5), 0.5)])
    for action, left in (("delete", 0), ("put_back", 1)):
        change(action, None, ids)
        with database.read() as session:
            assert browsing.tallies(session, project.id).suggested == left
