"""Suggestions: replaced by newer ones, drawn when accepted, kept when rejected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from data import annotations, classes, images, models, suggestions
from data.errors import DatabaseUnusable, InvalidBox, NotFound, StaleRevision
from data.records import Box, Model
from data.schema import ImageRow, ModelRow, SuggestionRow


@pytest.fixture
def image(database, project, add_image):
    with database.write() as session:
        for name in ("m1", "m2"):
            models.register(session, Model(name, project.id, None, name, ("bolt",), {}, datetime.now(UTC)))
    return add_image("a.png")


@pytest.fixture
def boxes(bolt):
    return [(Box("", bolt.id, k, k, k + 5, k + 5.5), 0.5 + k / 10) for k in range(3)]


def test_suggestions_come_back_with_the_surest_first(database, image, boxes):
    with database.write() as session:
        offered = suggestions.offer(session, image.id, "m1", boxes)
    with database.read() as session:
        found = suggestions.read(session, image.id)
    assert found == tuple(reversed(offered))
    assert [(each.score, each.x1, each.state) for each in found] == [
        (0.7, 7, "open"),
        (0.6, 6, "open"),
        (0.5, 5, "open"),
    ]


def test_newer_suggestions_replace_the_open_ones_of_every_model_and_no_decided_ones(database, image, boxes):
    with database.write() as session:
        old = suggestions.offer(session, image.id, "m1", boxes)
        suggestions.reject(session, image.id, [old[0].id])
        new = suggestions.offer(session, image.id, "m2", boxes[2:])
        assert suggestions.read(session, image.id) == new
        assert [each.id for each in suggestions.read(session, image.id, "rejected")] == [old[0].id]


def test_what_is_drawn_already_is_not_suggested(database, bolt, image):
    with database.write() as session:
        annotations.replace(session, image.id, [Box("mine", bolt.id, 0, 0, 10, 10)], 0, "draw")
        half, less = Box("", bolt.id, 0, 0, 10, 20), Box("", bolt.id, 0, 0, 10, 20.5)
        (left,) = suggestions.offer(session, image.id, "m1", [(half, 0.9), (less, 0.8)])
        assert left.y1 == 20.5


def test_what_is_left_to_decide_is_neither_drawn_meanwhile_nor_of_an_archived_class(
    database, project, bolt, image, boxes
):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        (seen, _) = boxes[0]
        (old,) = suggestions.offer(session, image.id, "m1", boxes[:1])
        other = [(replace(seen, class_id=nut.id), 0.7), (Box("", bolt.id, 20, 20, 30, 30), 0.6)]
        _, nuts, bolts = sorted(
            suggestions.offer(session, image.id, "m2", [*boxes[:1], *other]), key=lambda each: each.id
        )
        accepted = replace(seen, id=suggestions.box_id(old.id))

        def left(drawn, *class_ids):
            return suggestions.undecided(session, image.id, drawn, class_ids)

        assert left([accepted], bolt.id, nut.id) == (nuts, bolts)
        assert left([accepted], bolt.id) == (bolts,)
        assert len(left([], bolt.id, nut.id)) == 3


def test_saving_boxes_decides_on_suggestions_and_taking_them_back_opens_them_again(database, image, boxes):
    with database.write() as session:
        first, second, third = suggestions.offer(session, image.id, "m1", boxes)

        def states(drawn, **decided):
            named = [Box(suggestions.box_id(each.id), each.class_id, 0, 0, 9, 9) for each in drawn]
            assert suggestions.settle(session, image.id, named, **decided) == ()
            kept = {each.id: each.state for each in (first, second, third)}
            for state in ("open", "accepted", "rejected"):
                kept |= {each.id: state for each in suggestions.read(session, image.id, state)}
            return [kept[each.id] for each in (first, second, third)]

        assert states([first], rejected=[second.id]) == ["accepted", "rejected", "open"]
        assert states([first]) == ["accepted", "rejected", "open"]
        assert states([first], reopened=[second.id]) == ["accepted", "open", "open"]
        assert states([], rejected=[third.id]) == ["open", "open", "rejected"]
        assert states([third], rejected=[third.id]) == ["open", "open", "accepted"]
        assert states([], rejected=[third.id]) == ["open", "open", "rejected"]


def test_a_rejection_of_what_a_newer_look_replaced_is_told_and_stops_nothing(database, image, boxes):
    with database.write() as session:
        old = [each.id for each in suggestions.offer(session, image.id, "m1", boxes)]
        (new,) = suggestions.offer(session, image.id, "m1", boxes[:1])
        drawn = [Box(suggestions.box_id(old[1]), boxes[0][0].class_id, 0, 0, 9, 9)]
        assert suggestions.settle(session, image.id, drawn, [old[0], new.id, 10**30]) == (old[0], 10**30)
        assert [each.id for each in suggestions.read(session, image.id, "rejected")] == [new.id]


def test_accepted_suggestions_become_boxes_of_their_model_beside_those_that_are_there(
    database, bolt, image, boxes
):
    mine = Box("mine", bolt.id, 20, 20, 30, 30)
    with database.write() as session:
        annotations.replace(session, image.id, [mine], 0, "draw")
        first, second, third = suggestions.offer(session, image.id, "m1", boxes)
        saved = suggestions.accept(session, image.id, [first.id, third.id], 1, "accept", author="anna")
        assert (saved.revision, saved.status, saved.boxes) == (2, "labelled", 3)
        drawn = annotations.read(session, image.id)
        assert drawn[0] == mine
        assert [(box.xyxy, box.source) for box in drawn[1:]] == [
            ((0, 0, 5, 5.5), "model:m1"),
            ((2, 2, 7, 7.5), "model:m1"),
        ]
        assert [each.id for each in suggestions.read(session, image.id)] == [second.id]
        assert annotations.history(session, image.id)[-1].author == "anna"


def test_accepting_twice_draws_once(database, image, boxes):
    with database.write() as session:
        offered = [each.id for each in suggestions.offer(session, image.id, "m1", boxes)]
        once = suggestions.accept(session, image.id, offered, 0, "accept")
        assert suggestions.accept(session, image.id, offered, 0, "accept") == once
        again = suggestions.accept(session, image.id, offered, 1, "another operation")
        assert (again.revision, again.boxes) == (2, 3)


def test_whoever_offers_or_decides_keeps_others_from_the_image_until_the_end(database, image, boxes):
    if database.kind == "sqlite":
        pytest.skip("There, one writes at a time anyway.")
    with database.write() as session:
        (first, *_) = suggestions.offer(session, image.id, "m1", boxes)
    locked = select(ImageRow.id).where(ImageRow.id == image.id).with_for_update(nowait=True)
    for decide in (
        lambda session: suggestions.reject(session, image.id, [first.id]),
        lambda session: suggestions.offer(session, image.id, "m1", boxes),
    ):
        with database.write() as session:
            decide(session)
            with pytest.raises(DatabaseUnusable), database.write() as other:
                other.execute(locked)


def test_accepting_on_an_old_revision_changes_nothing(database, image, boxes):
    with database.write() as session:
        offered = suggestions.offer(session, image.id, "m1", boxes)
        annotations.mark_empty(session, image.id, 0, "mark")
    with pytest.raises(StaleRevision), database.write() as session:
        suggestions.accept(session, image.id, [offered[0].id], 0, "accept")
    with database.read() as session:
        assert len(suggestions.read(session, image.id)) == 3


def test_a_rejected_suggestion_cannot_be_accepted_and_an_accepted_one_not_rejected(database, image, boxes):
    with database.write() as session:
        first, second, _ = suggestions.offer(session, image.id, "m1", boxes)
        suggestions.reject(session, image.id, [first.id])
        with pytest.raises(NotFound, match="was rejected"):
            suggestions.accept(session, image.id, [first.id], 0, "accept")
        suggestions.accept(session, image.id, [second.id], 0, "accept")
        suggestions.reject(session, image.id, [second.id])
        assert [each.id for each in suggestions.read(session, image.id, "accepted")] == [second.id]


def test_what_cannot_be_stored_is_refused_with_its_reason(database, project, bolt, image, boxes):
    box = boxes[0][0]
    with database.write() as session:
        for found, said in (
            ([(Box("", bolt.id, 0, 0, 41, 5), 0.5)], "outside"),
            ([(Box("", bolt.id + 99, 0, 0, 4, 5), 0.5)], "does not have"),
            ([(box, 1.5)], "not 0 to 1"),
            ([(box, float("nan"))], "not 0 to 1"),
        ):
            with pytest.raises(InvalidBox, match=said):
                suggestions.offer(session, image.id, "m1", found)
        with pytest.raises(NotFound, match="no model"):
            suggestions.offer(session, image.id, "m9", boxes)
        with pytest.raises(NotFound):
            suggestions.offer(session, image.id + 99, "m1", boxes)
        with pytest.raises(NotFound, match="Reload the image"):
            suggestions.reject(session, image.id, [99, 10**30])


def test_the_database_itself_refuses_a_score_or_state_that_cannot_be(database, bolt, image):
    for values in ({"score": 1.5}, {"state": "perhaps"}, {"x1": 0.0}):
        row = {"image_id": image.id, "model_id": "m1", "class_id": bolt.id, "x0": 0.0, "y0": 0.0, "x1": 5.0}
        row |= {"y1": 5.0, "score": 0.5, "state": "open", "created": datetime.now(UTC), **values}
        with pytest.raises(IntegrityError), database.write() as session:
            session.add(SuggestionRow(**row))


@pytest.mark.parametrize("gone", [ImageRow, ModelRow])
def test_suggestions_go_with_their_image_and_their_model(database, image, boxes, gone):
    with database.write() as session:
        suggestions.offer(session, image.id, "m1", boxes)
    with database.write() as session:
        session.execute(delete(gone))
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 0
        if gone is ModelRow:
            assert images.get(session, image.id).id == image.id


def test_an_accepting_sent_again_after_it_was_taken_back_accepts_nothing(database, image, boxes):
    with database.write() as session:
        first, *_ = suggestions.offer(session, image.id, "m1", boxes)
        once = suggestions.accept(session, image.id, [first.id], 0, "accept")
        annotations.replace(session, image.id, [], 1, "take back")
        suggestions.settle(session, image.id, [])
        assert suggestions.accept(session, image.id, [first.id], 0, "accept").revision == once.revision
        assert suggestions.read(session, image.id, "accepted") == ()
        assert first.id in [each.id for each in suggestions.read(session, image.id)]
