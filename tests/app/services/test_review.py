"""Review: a model's look at the labels goes on where it was, survives a bad image, and can be stopped."""

from __future__ import annotations

import json
import threading
import time
import uuid
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from app.bootstrap import Studio
from app.services.review import ReviewState
from app.services.sights import Sights
from app.services.tasks import Busy
from data import findings, labelled_images, suggestions
from data.errors import NotFound
from data.findings import Doubt, LookedAt
from data.records import Box, Image, Model
from data.schema import ModelRow
from tests.app.model_folders import PLANTED_BOX

Two = tuple[Model, Model]
PATIENCE_SECONDS = 60.0


def looked(studio: Studio, project_id: int, model: str | None = None) -> ReviewState:
    """Look, and give what is told at the end."""
    studio.review.look(project_id, model)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (state := studio.review.state(project_id)).task is None or not state.task.ended:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return state


def pictures(studio: Studio, model: Model) -> tuple[Image, ...]:
    """A red picture of a nut, a blue one of a bolt, and both again."""
    return studio.labelling.images(model.project_id).images


def relabel(studio: Studio, image: Image, class_id: int | None) -> None:
    boxes = [] if class_id is None else [Box("box", class_id, *PLANTED_BOX)]
    studio.labelling.save_boxes(image.id, boxes, image.revision, uuid.uuid4().hex)
    if class_id is None:
        studio.labelling.mark_empty(image.id, image.revision + 1, uuid.uuid4().hex, empty=True)


def told(studio: Studio, model: Model) -> list[tuple[str, str]]:
    """Kind and image of each finding, worst first."""
    page = studio.review.page(model.project_id)
    return [(each.finding.doubt.kind, each.image.name) for each in page.shown]


@pytest.fixture
def asked(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pictures that a model is asked about."""
    heard: list[Any] = []
    begin = studio.detection.begin_candidates

    def listen(model: str, image: Any, **options: Any) -> Any:
        heard.append(image)
        return begin(model, image, **options)

    monkeypatch.setattr(studio.detection, "begin_candidates", listen)
    return heard


def test_labels_that_are_right_are_in_no_doubt(studio: Studio, colour_models: Two) -> None:
    state = looked(studio, colour_models[0].project_id, "m0")
    assert state.task is not None
    assert (state.task.state, state.task.done, state.task.total) == ("done", 4, 4)
    assert told(studio, colour_models[0]) == []
    assert state.last is not None
    assert (state.last.model_name, state.last.images, state.last.learnt) == ("right", 4, 0)
    assert (state.last.recall, state.last.weak, state.last.left_out) == (1.0, False, 0)


def test_a_model_that_finds_little_is_known_to_be_weak(studio: Studio, colour_models: Two) -> None:
    # It takes each nut for a bolt, and each bolt for a nut.
    state = looked(studio, colour_models[0].project_id, "m1")
    assert state.last is not None
    assert (state.last.recall, state.last.weak) == (0.0, True)


def test_a_look_of_an_older_version_is_remembered_without_what_it_did_not_measure(
    studio: Studio, colour_models: Two
) -> None:
    project_id = colour_models[0].project_id
    looked(studio, project_id, "m0")
    file = studio.workspace.cache / "review" / f"project-{project_id}.json"
    written = json.loads(file.read_text("utf-8"))
    for name in ("recall", "left_out", "unreadable_images"):
        del written[name]
    file.write_text(json.dumps({**written, "wanted": 4}), "utf-8")
    last = studio.review.state(project_id).last
    assert last is not None
    assert (last.images, last.recall, last.weak) == (4, None, False)


def test_a_look_that_is_stopped_at_once_leaves_the_one_before_as_it_is(
    studio: Studio, colour_models: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = colour_models[0].project_id
    before = looked(studio, project_id, "m0").last
    find_lines = Sights.__init__

    def stop_first(*arguments: Any) -> None:
        studio.review.stop(project_id)
        find_lines(*arguments)

    monkeypatch.setattr(Sights, "__init__", stop_first)
    state = looked(studio, project_id, "m1")
    assert state.task is not None
    assert (state.task.state, state.last) == ("cancelled", before)


def test_a_deleted_box_and_a_changed_class_are_found_and_mended(studio: Studio, colour_models: Two) -> None:
    right = colour_models[0]
    first, second, *_ = pictures(studio, right)
    nut, _bolt = studio.labelling.classes(right.project_id)
    relabel(studio, first, None)
    relabel(studio, second, nut.id)
    looked(studio, right.project_id, "m0")
    assert sorted(told(studio, right)) == [("missing_box", "0.jpg"), ("other_class", "1.jpg")]
    for each in studio.review.page(right.project_id).shown:
        studio.review.carry_out(each.finding.id, each.image.revision, uuid.uuid4().hex)
    assert told(studio, right) == []
    (drawn,) = studio.labelling.boxes(first.id)[1]
    assert (drawn.class_id, drawn.source) == (nut.id, "model:m0")
    assert drawn.xyxy == pytest.approx(PLANTED_BOX, abs=1e-3)
    assert looked(studio, right.project_id, "m0").counts["open"] == dict.fromkeys(
        ("missing_box", "unseen_box", "other_class", "poor_fit"), 0
    )


def test_whoever_is_told_that_a_look_has_ended_is_told_what_it_found(
    studio: Studio, colour_models: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = colour_models[0].project_id
    may_end = threading.Event()
    begin, last = studio.detection.begin_candidates, studio.review._last

    def held(*arguments: Any, **options: Any) -> Any:
        assert may_end.wait(PATIENCE_SECONDS)
        return begin(*arguments, **options)

    def slowly(project_id: int) -> Any:
        found = last(project_id)
        may_end.set()
        task = studio.review._task(project_id)
        assert task is not None
        assert task.turn is not None
        task.turn.result(PATIENCE_SECONDS)
        return found

    monkeypatch.setattr(studio.detection, "begin_candidates", held)
    studio.review.look(project_id, "m0")
    monkeypatch.setattr(studio.review, "_last", slowly)
    state = studio.review.state(project_id)
    assert state.task is not None
    assert (state.task.state, state.last) == ("running", None)


def test_all_images_are_looked_at_however_few_are_read_at_a_time(
    studio: Studio, colour_models: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelled_images, "to_look_at", partial(labelled_images.to_look_at, limit=3))
    state = looked(studio, colour_models[0].project_id, "m0")
    assert state.task is not None
    assert state.last is not None
    assert (state.task.done, state.last.images) == (4, 4)


def test_another_look_asks_only_about_pictures_that_are_new(
    studio: Studio, colour_models: Two, asked: list[Any]
) -> None:
    project_id = colour_models[0].project_id
    looked(studio, project_id, "m0")
    # Two pairs of the four have one file each.
    assert len(asked) == 2
    looked(studio, project_id, "m0")
    assert len(asked) == 2
    looked(studio, project_id, "m1")
    assert len(asked) == 4


def test_a_picture_that_cannot_be_read_does_not_end_the_look(studio: Studio, colour_models: Two) -> None:
    right = colour_models[0]
    first, second, *_ = pictures(studio, right)
    relabel(studio, second, None)
    path, _mime = studio.labelling.file_of(first)
    path.chmod(0o644)
    path.write_bytes(b"no picture")
    state = looked(studio, right.project_id, "m0")
    assert state.task is not None
    assert state.task.state == "done"
    assert state.last is not None
    assert (state.last.images, state.last.unreadable) == (2, ("0.jpg", "2.jpg"))
    assert state.last.unreadable_images == 2
    assert told(studio, right) == [("missing_box", "1.jpg")]


def test_what_was_found_before_a_stop_is_told_and_the_next_look_goes_on(
    studio: Studio, colour_models: Two, monkeypatch: pytest.MonkeyPatch, asked: list[Any]
) -> None:
    right = colour_models[0]
    first, *_ = pictures(studio, right)
    relabel(studio, first, None)
    begin = studio.detection.begin_candidates

    def stop_after(*arguments: Any, **options: Any) -> Any:
        answer = begin(*arguments, **options)
        studio.review.stop(right.project_id)
        with pytest.raises(Busy, match="Begin again in a moment"):
            studio.review.look(right.project_id, "m0")
        return answer

    monkeypatch.setattr(studio.detection, "begin_candidates", stop_after)
    state = looked(studio, right.project_id, "m0")
    assert state.task is not None
    assert state.task.state == "cancelled"
    assert told(studio, right) == [("missing_box", "0.jpg")]
    assert len(asked) == 1
    monkeypatch.setattr(studio.detection, "begin_candidates", begin)
    looked(studio, right.project_id, "m0")
    assert len(asked) == 2


def test_without_a_model_nobody_can_look(studio: Studio, colour_models: Two, labelled_project: Any) -> None:
    with pytest.raises(NotFound, match="no model yet"):
        studio.review.look(labelled_project.id)
    with pytest.raises(NotFound, match="another project"):
        studio.review.look(labelled_project.id, "m0")


def test_boxes_of_a_class_that_the_model_does_not_know_are_left_alone(
    studio: Studio, colour_models: Two
) -> None:
    right = colour_models[0]
    strange = studio.labelling.add_class(right.project_id, "washer")
    relabel(studio, pictures(studio, right)[1], strange.id)
    looked(studio, right.project_id, "m0")
    assert told(studio, right) == []


def test_a_picture_whose_file_is_missing_does_not_end_the_look(studio: Studio, colour_models: Two) -> None:
    right = colour_models[0]
    first, second, *_ = pictures(studio, right)
    relabel(studio, second, None)
    studio.labelling.file_of(first)[0].unlink()
    state = looked(studio, right.project_id, "m0")
    assert state.task is not None
    assert (state.task.state, state.task.error) == ("done", None)
    assert state.last is not None
    assert (state.last.images, state.last.unreadable) == (2, ("0.jpg", "2.jpg"))
    assert told(studio, right) == [("missing_box", "1.jpg")]


def test_two_who_begin_at_once_begin_one_look(
    studio: Studio, colour_models: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = colour_models[0].project_id
    together = threading.Barrier(2, timeout=30)
    plain, begun = studio.review._looks.find, []

    def find(task_id: str) -> Any:
        found = plain(task_id)
        with suppress(threading.BrokenBarrierError):
            together.wait(1)
        return found

    run = studio.review._looks.run
    monkeypatch.setattr(studio.review._looks, "find", find)
    monkeypatch.setattr(studio.review._looks, "run", lambda *given: (begun.append(1), run(*given)))
    both = [threading.Thread(target=studio.review.look, args=(project_id,)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert begun == [1]


def test_closing_does_not_wait_until_all_that_was_seen_is_compared(
    studio: Studio, colour_models: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = colour_models[0]
    begin = studio.detection.begin_candidates
    closing = threading.Thread(target=studio.review.close)

    def close_after(*arguments: Any, **options: Any) -> Any:
        answer = begin(*arguments, **options)
        if not closing.is_alive():
            closing.start()
            task = studio.review._task(right.project_id)
            assert task is not None
            assert task.stop.wait(30)
        return answer

    monkeypatch.setattr(studio.detection, "begin_candidates", close_after)
    monkeypatch.setattr(studio.review, "_compare", lambda *_: pytest.fail("it compared"))
    studio.review.look(right.project_id, "m0")
    task = studio.review._task(right.project_id)
    assert task is not None
    task.stop.wait(30)
    closing.join(30)
    assert task.state == "cancelled"


def test_a_model_that_is_damaged_ends_the_look_and_is_named(studio: Studio, colour_models: Two) -> None:
    folder = studio.workspace.model("m0")
    for file in folder.glob("*.tflite"):
        file.chmod(0o644)
        file.write_bytes(b"no network")
    (folder / "model.weights.h5").unlink()
    state = looked(studio, colour_models[0].project_id, "m0")
    assert state.task is not None
    assert state.task.state == "failed"
    assert "m0" in str(state.task.error)
    assert state.last is None


def test_what_models_saw_that_are_gone_is_forgotten(studio: Studio, colour_models: Two) -> None:
    project_id = colour_models[0].project_id
    looked(studio, project_id, "m0")
    with studio._database.write() as session:
        session.delete(session.get(ModelRow, "m0"))
    looked(studio, project_id, "m1")
    assert sorted(path.name for path in (studio.workspace.cache / "review").glob("*.jsonl")) == ["m1.jsonl"]


def test_a_box_that_is_deleted_as_wrong_is_not_suggested_again(studio: Studio, colour_models: Two) -> None:
    right = colour_models[0]
    first, *_ = pictures(studio, right)
    corners = (1.0, 1.0, 9.0, 9.0)
    (offered,) = studio.labelling.suggest(first.id, "m1", [("nut", corners, 0.6)])
    studio.labelling.accept_suggestions(first.id, [offered.id], first.revision, uuid.uuid4().hex)
    image, (_, wrong) = studio.labelling.boxes(first.id)
    doubt = Doubt("unseen_box", wrong.class_id, corners, 0.9, None, wrong.id)
    with studio._database.write() as session:
        findings.put(session, "m0", [LookedAt(image.id, image.revision, [doubt])])
    (shown,) = studio.review.page(right.project_id).shown
    studio.review.carry_out(shown.finding.id, image.revision, uuid.uuid4().hex)
    with studio._database.read() as session:
        assert [each.id for each in suggestions.read(session, first.id, "rejected")] == [offered.id]
