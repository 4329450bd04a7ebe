"""Boxes: replaced as a whole, never overwritten unseen, never saved twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from data import annotations, classes, images, projects
from data.errors import InvalidBox, NotFound, StaleRevision
from data.records import Box
from data.schema import BoxRow, EditRow


@pytest.fixture
def image(add_image):
    return add_image("a.png")


def test_boxes_come_back_exactly_and_in_order(database, bolt, image):
    boxes = (
        Box("z", bolt.id, 0.1, 0.2, 39.999999999, 30.0, "import", difficult=True),
        Box("a", bolt.id, 0, 0, 40, 30, "model:m1", crowd=True),
    )
    with database.write() as session:
        saved = annotations.replace(session, image.id, boxes, 0, "op")
    assert (saved.status, saved.revision, saved.boxes) == ("labelled", 1, 2)
    with database.read() as session:
        assert annotations.read(session, image.id) == boxes
        assert images.get(session, image.id) == saved


def test_a_save_at_an_old_revision_is_refused_with_the_boxes_of_now(database, bolt, image):
    mine, theirs = Box("mine", bolt.id, 0, 0, 5, 5), Box("theirs", bolt.id, 1, 1, 9, 9)
    with database.write() as session:
        annotations.replace(session, image.id, [theirs], 0, "first")
    with pytest.raises(StaleRevision) as caught, database.write() as session:
        annotations.replace(session, image.id, [mine], 0, "second")
    assert (caught.value.image_id, caught.value.revision, caught.value.boxes) == (image.id, 1, (theirs,))
    with database.read() as session:
        assert annotations.read(session, image.id) == (theirs,)


def test_of_twelve_savers_that_saw_one_revision_one_wins(database, bolt, image):
    outcomes = []

    def save(number: int) -> None:
        try:
            with database.write() as session:
                annotations.replace(
                    session, image.id, [Box(f"{number}", bolt.id, 0, 0, 5, 5)], 0, f"op{number}"
                )
            outcomes.append("saved")
        except StaleRevision:
            outcomes.append("stale")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved"] + ["stale"] * 11
    with database.read() as session:
        assert len(annotations.read(session, image.id)) == 1


def test_the_same_operation_sent_twice_is_done_once(database, bolt, image):
    boxes = [Box("1", bolt.id, 0, 0, 5, 5)]
    with database.write() as session:
        first = annotations.replace(session, image.id, boxes, 0, "op")
    with database.write() as session:
        assert annotations.replace(session, image.id, boxes, 0, "op") == first


def test_a_save_repeated_because_its_answer_was_lost_does_not_learn_the_revision_of_anothers_save(
    database, bolt, image
):
    mine, theirs = Box("mine", bolt.id, 0, 0, 5, 5), Box("theirs", bolt.id, 1, 1, 9, 9)
    with database.write() as session:
        answer = annotations.replace(session, image.id, [mine], 0, "mine 1")
    with database.write() as session:
        assert annotations.replace(session, image.id, [mine, theirs], 1, "theirs 1").revision == 2
    with database.write() as session:
        repeated = annotations.replace(session, image.id, [mine], 0, "mine 1")
    assert repeated == answer
    assert (repeated.revision, repeated.status, repeated.boxes) == (1, "labelled", 1)
    with pytest.raises(StaleRevision), database.write() as session:
        annotations.replace(session, image.id, [mine], repeated.revision, "mine 2")
    with database.read() as session:
        assert annotations.read(session, image.id) == (mine, theirs)


def test_a_repeated_mark_tells_the_state_it_left_and_not_what_came_after_it(database, bolt, image):
    with database.write() as session:
        answer = annotations.mark_empty(session, image.id, 0, "mark")
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 1, "draw")
        repeated = annotations.mark_empty(session, image.id, 0, "mark")
        assert repeated == answer
        assert (repeated.revision, repeated.status, repeated.boxes) == (1, "empty", 0)
        assert images.get(session, image.id).status == "labelled"


def test_two_images_may_use_one_operation_id(database, bolt, image, add_image):
    other = add_image("b.png")
    with database.write() as session:
        for each in (image, other):
            annotations.replace(session, each.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        assert [box.id for box in annotations.read(session, other.id)] == ["1"]


def test_taking_the_last_box_away_makes_an_image_unlabelled(database, bolt, image):
    with database.write() as session:
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "a")
        assert annotations.replace(session, image.id, [], 1, "b").status == "unlabelled"


def test_an_image_marked_empty_stays_so_without_boxes_and_becomes_labelled_with_one(database, bolt, image):
    with database.write() as session:
        assert annotations.mark_empty(session, image.id, 0, "a").status == "empty"
        assert annotations.replace(session, image.id, [], 1, "b").status == "empty"
        assert (
            annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 2, "c").status
            == "labelled"
        )


def test_the_mark_empty_can_be_taken_away(database, image):
    with database.write() as session:
        annotations.mark_empty(session, image.id, 0, "a")
        undone = annotations.mark_empty(session, image.id, 1, "b", empty=False)
        assert (undone.status, undone.revision) == ("unlabelled", 2)


def test_an_image_with_boxes_cannot_be_marked_empty(database, bolt, image):
    with database.write() as session:
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "a")
        with pytest.raises(InvalidBox, match=r"a\.png has 1 boxes"):
            annotations.mark_empty(session, image.id, 1, "b")


def test_marking_empty_at_an_old_revision_is_refused(database, image):
    with database.write() as session:
        annotations.mark_empty(session, image.id, 0, "a")
        with pytest.raises(StaleRevision):
            annotations.mark_empty(session, image.id, 0, "b", empty=False)
        assert annotations.mark_empty(session, image.id, 0, "a").status == "empty"


@pytest.mark.parametrize(
    "corners",
    [
        (5, 5, 5, 9),
        (5, 5, 9, 5),
        (9, 5, 5, 9),
        (-0.5, 0, 5, 5),
        (0, 0, 40.5, 5),
        (0, 0, 5, 30.5),
        (float("nan"), 0, 5, 5),
        (0, 0, float("inf"), 5),
    ],
)
def test_a_box_that_cannot_be_is_refused_and_the_old_ones_stay(database, bolt, image, corners):
    good = Box("good", bolt.id, 0, 0, 40, 30)
    with database.write() as session:
        annotations.replace(session, image.id, [good], 0, "a")
    with pytest.raises(InvalidBox, match=r"a\.png"), database.write() as session:
        annotations.replace(session, image.id, [good, Box("bad", bolt.id, *corners)], 1, "b")
    with database.read() as session:
        assert annotations.read(session, image.id) == (good,)


def test_a_box_of_another_projects_class_is_refused(database, project, image):
    with database.write() as session:
        other = projects.create(session, "Other")
        foreign = classes.add(session, other.id, "bolt")
        with pytest.raises(InvalidBox, match=f"class {foreign.id}"):
            annotations.replace(session, image.id, [Box("1", foreign.id, 0, 0, 5, 5)], 0, "op")


def test_two_boxes_of_one_id_are_refused(database, bolt, image):
    with database.write() as session, pytest.raises(InvalidBox, match="'1'"):
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)] * 2, 0, "op")


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_ids_must_have_a_sensible_length(database, bolt, image, name):
    with database.write() as session:
        with pytest.raises(InvalidBox):
            annotations.replace(session, image.id, [Box(name, bolt.id, 0, 0, 5, 5)], 0, "op")
        with pytest.raises(InvalidBox):
            annotations.replace(session, image.id, [], 0, name)


def test_an_image_that_is_gone_cannot_be_saved(database):
    with database.write() as session:
        with pytest.raises(NotFound):
            annotations.replace(session, 99, [], 0, "op")
        with pytest.raises(NotFound):
            annotations.mark_empty(session, 99, 0, "op")


def test_every_change_is_kept_as_history_that_can_be_read_back(database, bolt, image):
    first, second = Box("1", bolt.id, 0, 0, 5, 5), Box("2", bolt.id, 1, 1, 6, 6.5, difficult=True)
    with database.write() as session:
        annotations.replace(session, image.id, [first], 0, "a", author="anna")
        annotations.replace(session, image.id, [first, second], 1, "b")
        annotations.replace(session, image.id, [], 2, "c")
        edits = session.scalars(select(EditRow).order_by(EditRow.revision)).all()
        told = [
            (edit.author, edit.status, [annotations.box_from_json(box) for box in edit.boxes])
            for edit in edits
        ]
    assert told == [
        ("anna", "labelled", [first]),
        ("person", "labelled", [first, second]),
        ("person", "unlabelled", []),
    ]


def states(session, image):
    """Status and boxes of an image as they are now."""
    now = images.get(session, image.id)
    return now.status, annotations.read(session, image.id)


def test_the_history_tells_who_changed_what_and_when(database, bolt, image):
    box = Box("1", bolt.id, 0, 0, 5, 5)
    began = datetime.now(UTC)
    with database.write() as session:
        assert annotations.history(session, image.id) == ()
        annotations.mark_empty(session, image.id, 0, "a", author="anna")
        annotations.replace(session, image.id, [box], 1, "b", author="import")
        annotations.restore(session, image.id, 1, 2, "c")
    with database.read() as session:
        edits = annotations.history(session, image.id)
    assert [(e.revision, e.action, e.author, e.status, e.boxes, e.restored) for e in edits] == [
        (1, "mark", "anna", "empty", (), None),
        (2, "draw", "import", "labelled", (box,), None),
        (3, "restore", "person", "empty", (), 1),
    ]
    assert all(began <= edit.created <= datetime.now(UTC) for edit in edits)


def test_every_earlier_state_of_an_image_can_be_put_back_with_its_status(database, bolt, image):
    first, second = Box("1", bolt.id, 0, 0, 5, 5), Box("2", bolt.id, 1, 1, 6, 6.5, crowd=True)
    with database.write() as session:
        seen = [states(session, image)]
        annotations.replace(session, image.id, [first], 0, "a")
        seen.append(states(session, image))
        annotations.replace(session, image.id, [second, first], 1, "b")
        seen.append(states(session, image))
        annotations.replace(session, image.id, [], 2, "c")
        seen.append(states(session, image))
        annotations.mark_empty(session, image.id, 3, "d")
        seen.append(states(session, image))
    for earlier in (2, 0, 4, 1, 3):
        with database.write() as session:
            now = images.get(session, image.id).revision
            back = annotations.restore(session, image.id, earlier, now, f"back to {earlier}")
            assert back.revision == now + 1
            assert (back.status, back.boxes) == (seen[earlier][0], len(seen[earlier][1]))
            assert states(session, image) == seen[earlier]


def test_a_restore_can_itself_be_taken_back(database, bolt, image):
    box = Box("1", bolt.id, 0, 0, 5, 5)
    with database.write() as session:
        annotations.replace(session, image.id, [box], 0, "a")
        annotations.restore(session, image.id, 0, 1, "b")
        annotations.restore(session, image.id, 1, 2, "c")
        assert states(session, image) == ("labelled", (box,))


def test_a_restore_sent_twice_is_done_once_and_tells_the_state_it_left(database, bolt, image):
    box = Box("1", bolt.id, 0, 0, 5, 5)
    with database.write() as session:
        annotations.replace(session, image.id, [box], 0, "a")
        answer = annotations.restore(session, image.id, 0, 1, "b")
        annotations.replace(session, image.id, [box], 2, "c")
        assert annotations.restore(session, image.id, 0, 1, "b") == answer
        assert (answer.revision, answer.status) == (2, "unlabelled")
        assert states(session, image) == ("labelled", (box,))


def test_a_restore_at_an_old_revision_is_refused_with_the_boxes_of_now(database, bolt, image):
    box = Box("1", bolt.id, 0, 0, 5, 5)
    with database.write() as session:
        annotations.replace(session, image.id, [box], 0, "a")
    with pytest.raises(StaleRevision) as caught, database.write() as session:
        annotations.restore(session, image.id, 0, 0, "b")
    assert caught.value.boxes == (box,)


@pytest.mark.parametrize("earlier", [2, -1, 2**31, 10**30])
def test_a_revision_that_never_was_cannot_be_put_back(database, bolt, image, earlier):
    with database.write() as session:
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "a")
        with pytest.raises(NotFound, match="never had this revision; it has 0 to 1"):
            annotations.restore(session, image.id, earlier, 1, "b")


def test_boxes_of_before_sources_were_checked_are_put_back_as_a_persons(database, bolt, image):
    with database.write() as session:
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "a")
        annotations.replace(session, image.id, [], 1, "b")
        edit = session.scalars(select(EditRow).where(EditRow.revision == 1)).one()
        edit.boxes = [["1", bolt.id, 0.0, 0.0, 5.0, 5.0, "a plug-in", 0, 0]]
    with database.write() as session:
        annotations.restore(session, image.id, 1, 2, "c")
        assert [box.source for box in annotations.read(session, image.id)] == ["person"]


@pytest.mark.parametrize("source", ["", "people", "model:", "import ", "model:a\x00b"])
def test_a_source_that_is_none_is_refused(database, bolt, image, source):
    with database.write() as session, pytest.raises(InvalidBox, match=r"person, import or model:<id>"):
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5, source)], 0, "op")


def test_the_database_itself_refuses_a_source_that_is_none(database, bolt, image):
    row = {"image_id": image.id, "id": "x", "position": 0, "class_id": bolt.id, "x0": 0.0, "y0": 0.0}
    row |= {"x1": 5.0, "y1": 5.0, "source": "people", "difficult": False, "crowd": False}
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(BoxRow(**row))


def test_an_image_in_the_bin_cannot_be_changed(database, bolt, image):
    with database.write() as session:
        images.discard(session, image.id)
        for change in (
            lambda: annotations.replace(session, image.id, [], 0, "a"),
            lambda: annotations.mark_empty(session, image.id, 0, "a"),
            lambda: annotations.restore(session, image.id, 0, 0, "a"),
        ):
            with pytest.raises(NotFound, match="bin"):
                change()


@pytest.mark.parametrize("corners", ["5, 0, 5, 9", "-1, 0, 5, 5", "0, 0, 2000000000, 5"])
def test_the_database_itself_refuses_boxes_without_area_or_outside_all_bounds(database, bolt, image, corners):
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(
            text(
                "INSERT INTO box (image_id, id, position, class_id, x0, y0, x1, y1, source, difficult, crowd)"
                f" VALUES ({image.id}, 'x', 0, {bolt.id}, {corners}, 'person', false, false)"
            )
        )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_the_database_itself_refuses_numbers_that_are_not_finite(database, bolt, image, value):
    row = {"image_id": image.id, "id": "x", "position": 0, "class_id": bolt.id, "x0": 0.0, "y0": 0.0}
    row |= {"x1": value, "y1": 5.0, "source": "person", "difficult": False, "crowd": False}
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(BoxRow(**row))


@given(
    st.text(min_size=1, max_size=20),
    st.lists(st.floats(0, 1e6, allow_nan=False), min_size=4, max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_any_box_survives_its_json_form(name, corners, difficult, crowd):
    box = Box(name, 3, *corners, "person", difficult, crowd)
    assert annotations.box_from_json(annotations.box_to_json(box)) == box
