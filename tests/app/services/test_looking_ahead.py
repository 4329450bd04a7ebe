"""A model looks at what waits for labels, in the background, and puts it in order."""

from __future__ import annotations

import io
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from app.bootstrap import Studio, open_studio
from app.services import looking_ahead
from app.services.fair_turns import Overloaded
from app.services.queue_order import in_order, reason_of
from app.services.unlabelled_look import UNREADABLE
from app.settings import Settings
from data import images, looks, runs, snapshots, suggestions
from data.errors import DatabaseUnusable, NotFound
from data.looks import Described
from data.records import Box, ImageFilter, Model
from ssd_core.uncertainty import Doubt
from tests.app.model_folders import PLANTED_BOX

Two = tuple[Model, Model]
Jpeg = Callable[..., bytes]
Until = Callable[[Callable[[], bool]], None]
BLUE = (5, 5, 250)


def finish(studio: Studio, until: Until, project_id: int) -> looking_ahead.LookingState:
    until(lambda: studio.looking_ahead.state(project_id).state != "working")
    return studio.looking_ahead.state(project_id)


def names_in_order(studio: Studio, project_id: int) -> list[str]:
    wanted = ImageFilter(status="unlabelled", sort="useful")
    return [image.name for image in studio.labelling.images(project_id, wanted=wanted).images]


def test_what_waits_is_looked_at_suggested_and_put_in_order(
    studio: Studio, waiting: Two, until: Until
) -> None:
    project_id = waiting[0].project_id
    before = studio.looking_ahead.state(project_id)
    assert (before.state, before.done, before.total, before.ordered) == ("idle", 0, 3, False)
    studio.looking_ahead.begin(project_id, "m0")
    after = finish(studio, until, project_id)
    assert (after.state, after.total, after.ordered, after.error) == ("done", 3, True, None)
    assert names_in_order(studio, project_id) == ["c blind.jpg", "b torn.jpg", "a sure.jpg"]
    cards = {card.image.name: card for card in studio.labelling.cards(project_id).cards}
    assert cards["a sure.jpg"].suggestions == 1
    assert cards["c blind.jpg"].suggestions == 0
    look = cards["c blind.jpg"].look
    assert look is not None
    assert (look.model_id, look.reason.startswith("Nothing found")) == ("m0", True)
    view = studio.labelling.image_for_labelling(cards["a sure.jpg"].image.id)
    assert view.suggestions[0].score > 0.9
    found = view.suggestions[0]
    assert (found.x0, found.y0, found.x1, found.y1) == pytest.approx(PLANTED_BOX, abs=1e-3)
    assert [card.look for card in cards.values() if card.image.status == "labelled"] == [None] * 4


def test_a_class_that_is_not_used_any_more_is_neither_suggested_nor_a_reason(
    studio: Studio, waiting: Two, until: Until
) -> None:
    project_id = waiting[0].project_id
    nut = next(each for each in studio.labelling.classes(project_id) if each.name == "nut")
    studio.organising.change_class(nut.id, archived=True)
    studio.looking_ahead.begin(project_id, "m0")
    finish(studio, until, project_id)
    (red,) = (card for card in studio.labelling.cards(project_id).cards if card.image.name == "a sure.jpg")
    assert (red.suggestions, red.look and red.look.reason.split(",")[0]) == (0, "Nothing found")


def test_what_was_looked_at_is_not_looked_at_again_also_by_another_studio(
    studio: Studio,
    settings: Settings,
    waiting: Two,
    until: Until,
    jpeg: Jpeg,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project_id = waiting[0].project_id
    studio.looking_ahead.begin(project_id)
    finish(studio, until, project_id)
    studio.exchange.upload(project_id, [("d new.jpg", io.BytesIO(jpeg(BLUE)))])
    asked: list[Any] = []
    with open_studio(settings) as again:
        plain = again.detection.begin_candidates

        def counted(*given: Any, **options: Any) -> Any:
            asked.append(options["background"])
            return plain(*given, **options)

        monkeypatch.setattr(again.detection, "begin_candidates", counted)
        again.looking_ahead.begin(project_id)
        state = finish(again, until, project_id)
    assert (state.done, state.total) == (4, 4)
    assert asked == [True]


def test_a_look_is_stopped_after_the_present_image_and_goes_on_where_it_was(
    studio: Studio, waiting: Two, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = waiting[0].project_id
    plain = studio.detection.begin_candidates
    first, may_end = threading.Event(), threading.Event()

    def slow(*given: Any, **options: Any) -> Any:
        first.set()
        assert may_end.wait(30)
        return plain(*given, **options)

    monkeypatch.setattr(studio.detection, "begin_candidates", slow)
    studio.looking_ahead.begin(project_id)
    assert first.wait(30)
    assert studio.looking_ahead.begin(project_id).state == "working"
    studio.looking_ahead.stop(project_id)
    may_end.set()
    state = finish(studio, until, project_id)
    assert (state.state, state.done < 3) == ("idle", True)
    # Stopped by somebody, it does not begin by itself.
    studio.looking_ahead.glance()
    assert studio.looking_ahead.state(project_id).state == "idle"
    studio.looking_ahead.begin(project_id)
    assert finish(studio, until, project_id).done == 3


def test_one_image_that_cannot_be_read_ends_nothing_and_a_damaged_model_does(
    studio: Studio, waiting: Two, until: Until
) -> None:
    project_id = waiting[0].project_id
    with studio._database.read() as session:
        first = images.page(session, project_id, wanted=ImageFilter(status="unlabelled")).images[0]
    studio.workspace.blobs.joinpath(*_place(studio, first.sha256)).write_bytes(b"no picture")
    studio.looking_ahead.begin(project_id)
    state = finish(studio, until, project_id)
    assert (state.state, state.done) == ("done", 3)
    card = next(card for card in studio.labelling.cards(project_id).cards if card.image.id == first.id)
    assert card.look is not None
    assert (card.look.reason, names_in_order(studio, project_id)[-1]) == (UNREADABLE, first.name)
    for file in studio.workspace.model("m0").glob("*.tflite"):
        file.write_bytes(b"no network")
    studio.looking_ahead.begin(project_id, "m0")
    failed = finish(studio, until, project_id)
    assert failed.state == "failed"
    assert failed.error
    assert failed.model == waiting[0]


def _place(studio: Studio, sha256: str) -> tuple[str, ...]:
    return studio.labelling._blobs.path(sha256).relative_to(studio.workspace.blobs).parts


def test_it_begins_by_itself_for_new_images_and_new_models_unless_that_is_off(
    studio: Studio, waiting: Two, until: Until, jpeg: Jpeg
) -> None:
    project_id = waiting[0].project_id
    studio.looking_ahead.let_look_by_itself(project_id, wanted=False)
    studio.looking_ahead.glance()
    assert studio.looking_ahead.state(project_id).state == "idle"
    studio.looking_ahead.let_look_by_itself(project_id, wanted=True)
    studio.looking_ahead.glance()
    assert finish(studio, until, project_id).done == 3
    studio.exchange.upload(project_id, [("d new.jpg", io.BytesIO(jpeg(BLUE)))])
    studio.looking_ahead.glance()
    assert finish(studio, until, project_id).done == 4
    other = next(model for model in waiting if model.id != _default(studio, project_id))
    studio.models.change(other.id, is_default=True)
    assert studio.looking_ahead.state(project_id).done == 0
    studio.looking_ahead.glance()
    assert finish(studio, until, project_id).done == 4
    with studio._database.read() as session:
        found = looks.of_images(session, [each.id for each in images.page(session, project_id).images])
    assert {each.model_id for each in found.values()} == {other.id}


def _default(studio: Studio, project_id: int) -> str:
    model = studio.models.default_of(project_id)
    assert model is not None
    return model.id


def test_it_does_not_begin_by_itself_beside_a_training_or_where_the_server_forbids_it(
    studio: Studio, settings: Settings, waiting: Two, until: Until
) -> None:
    project_id = waiting[0].project_id
    with open_studio(settings.model_copy(update={"look_ahead": False})) as forbidden:
        forbidden.looking_ahead.glance()
        assert forbidden.looking_ahead.state(project_id).state == "idle"
    with studio._database.write() as session:
        images_of = images.page(session, project_id, wanted=ImageFilter(status="labelled")).images
        for image in images_of:
            images.change(session, image.id, split="train")
        run = runs.create(session, project_id, snapshots.freeze(session, project_id, seed=0).id, {})
    studio.looking_ahead.glance()
    assert studio.looking_ahead.state(project_id).state == "idle"
    with studio._database.write() as session:
        runs.finish(session, run.id, "cancelled", now=0.0)
    studio.looking_ahead.glance()
    assert finish(studio, until, project_id).done == 3


def test_an_image_labelled_while_it_is_looked_at_gets_no_suggestion(
    studio: Studio, waiting: Two, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = waiting[0].project_id
    nut = studio.labelling.classes(project_id)[0]
    plain = studio.detection.begin_candidates
    drawn: list[int] = []

    def label_first(model: str, file: Any, **options: Any) -> Any:
        if not drawn:
            image = studio.labelling.images(project_id, wanted=ImageFilter(status="unlabelled")).images[0]
            box = Box("1", nut.id, *PLANTED_BOX)
            studio.labelling.save_boxes(image.id, [box], image.revision, uuid.uuid4().hex)
            drawn.append(image.id)
        return plain(model, file, **options)

    monkeypatch.setattr(studio.detection, "begin_candidates", label_first)
    studio.looking_ahead.begin(project_id)
    state = finish(studio, until, project_id)
    assert (state.state, state.done, state.total) == ("done", 2, 2)
    with studio._database.read() as session:
        assert suggestions.read(session, drawn[0]) == ()


def test_a_project_without_a_model_has_nobody_to_look(studio: Studio) -> None:
    project = studio.labelling.create_project("empty")
    assert studio.looking_ahead.state(project.id).model is None
    with pytest.raises(NotFound, match="Train one first"):
        studio.looking_ahead.begin(project.id)
    studio.looking_ahead.glance()


@pytest.mark.parametrize(
    ("doubted", "words"),
    [
        (Doubt(0.9, (0.58, 0.5, 0.42), 0.58), "The model is unsure of 3 boxes (0.42–0.58)"),
        (Doubt(0.7, (0.5,), 0.97), "The model is unsure of a box (0.50)"),
        (Doubt(1.0, (), None), "Nothing found"),
        (Doubt(0.9, (), 0.12), "Hardly anything found (0.12 at best)"),
        (Doubt(0.6, (), 0.79), "Not sure of all that is there (0.79 at best)"),
        (Doubt(0.1, (), 0.97), "The model is sure of what it found (0.97)"),
    ],
)
def test_the_reason_is_told_in_words(doubted: Doubt, words: str) -> None:
    assert reason_of(doubted) == words


def test_what_is_unlike_everything_labelled_is_said_once() -> None:
    def image(number: int, reason: str, *numbers: float) -> Described:
        return Described(number, 0.5, reason, (*numbers, *[0.0] * (64 - len(numbers))))

    known = [image(1, "", 0.0), image(2, "", 0.5)]
    ahead = [image(3, "Nothing found", 9.0), image(4, "Nothing found", 0.2)]
    order = in_order(ahead, known)
    unlike = "Nothing found, unlike what is labelled so far"
    assert [(each[0], each[2]) for each in order] == [(3, unlike), (4, "Nothing found")]
    assert order[0][1] > order[1][1]
    assert in_order([image(3, unlike, 1.0)], known)[0][2] == unlike
    assert in_order(ahead, [])[0][2] == "Nothing found"


def test_the_reason_says_how_many_others_an_image_stands_for_as_things_are_now() -> None:
    def image(number: int, at: float, reason: str = "Nothing found") -> Described:
        return Described(number, 0.5, reason, (at, *[0.0] * 63))

    alike = [image(number, float(number)) for number in range(3)]
    far = [image(number, 100.0 * 2**number) for number in range(4, 8)]
    reasons = {each: reason for each, _, reason in in_order([*alike, *far], [])}
    assert sorted(reasons.values()) == ["Nothing found"] * 6 + ["Nothing found, like 2 others"]
    before = "Nothing found, unlike what is labelled so far, like 7 others"
    assert in_order([image(1, 0.0, before)], [image(9, 0.0)])[0][2] == "Nothing found"


def _slowly(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Have the first image wait: an event for that it is asked about, and one that lets it be answered."""
    plain = studio.detection.begin_candidates
    first, may_end = threading.Event(), threading.Event()

    def slow(*given: Any, **options: Any) -> Any:
        first.set()
        assert may_end.wait(30)
        return plain(*given, **options)

    monkeypatch.setattr(studio.detection, "begin_candidates", slow)
    return first, may_end


def _lookers(studio: Studio, project_id: int) -> set[str]:
    with studio._database.read() as session:
        found = looks.of_images(session, [each.id for each in images.page(session, project_id).images])
    return {each.model_id for each in found.values()}


def test_a_new_default_model_takes_the_place_of_the_one_that_is_looking(
    studio: Studio, waiting: Two, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = waiting[0].project_id
    other = next(model for model in waiting if model.id != _default(studio, project_id))
    first, may_end = _slowly(studio, monkeypatch)
    studio.looking_ahead.glance()
    assert first.wait(30)
    studio.models.change(other.id, is_default=True)
    studio.looking_ahead.glance()
    may_end.set()
    finish(studio, until, project_id)
    studio.looking_ahead.glance()
    assert finish(studio, until, project_id).done == 3
    assert _lookers(studio, project_id) == {other.id}


def test_a_look_that_was_stopped_and_is_wanted_again_at_once_goes_on(
    studio: Studio, waiting: Two, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = waiting[0].project_id
    first, may_end = _slowly(studio, monkeypatch)
    studio.looking_ahead.begin(project_id)
    assert first.wait(30)
    studio.looking_ahead.stop(project_id)
    assert studio.looking_ahead.begin(project_id).state == "working"
    may_end.set()
    state = finish(studio, until, project_id)
    assert (state.state, state.done) == ("done", 3)


def test_an_image_that_comes_when_a_look_is_about_to_end_is_looked_at_after_it(
    studio: Studio, waiting: Two, until: Until, jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = waiting[0].project_id
    at_end, may_end = threading.Event(), threading.Event()
    plain = looks.described

    def slow(*given: Any) -> Any:
        at_end.set()
        assert may_end.wait(30)
        return plain(*given)

    monkeypatch.setattr(looks, "described", slow)
    studio.looking_ahead.glance()
    assert at_end.wait(30)
    studio.exchange.upload(project_id, [("d new.jpg", io.BytesIO(jpeg(BLUE)))])
    studio.looking_ahead.glance()
    may_end.set()
    finish(studio, until, project_id)
    studio.looking_ahead.glance()
    assert finish(studio, until, project_id).done == 4


@pytest.mark.parametrize(
    ("error", "suggested"), [(Overloaded("Too many pictures are waiting."), 1), (TimeoutError("A drive."), 0)]
)
def test_a_rush_of_other_work_or_a_drive_that_does_not_answer_ends_no_look(
    studio: Studio,
    waiting: Two,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    suggested: int,
) -> None:
    plain = studio.detection.begin_candidates
    asked: list[Any] = []

    def crowded(*given: Any, **options: Any) -> Any:
        asked.append(given)
        if len(asked) > 1:
            return plain(*given, **options)
        refused: Future[Any] = Future()
        refused.set_exception(error)
        return refused

    monkeypatch.setattr(studio.detection, "begin_candidates", crowded)
    studio.looking_ahead.begin(waiting[0].project_id, "m0")
    finish(studio, until, waiting[0].project_id)
    cards = {card.image.name: card for card in studio.labelling.cards(waiting[0].project_id).cards}
    assert cards["a sure.jpg"].suggestions == suggested
    assert all(cards[name].look is not None for name in ("a sure.jpg", "b torn.jpg", "c blind.jpg"))


def test_a_look_goes_on_by_itself_after_a_moment_in_which_the_database_could_not_be_used(
    studio: Studio, waiting: Two, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = waiting[0].project_id
    write, failures = looks.note, [DatabaseUnusable("The database stayed locked.")]

    def note(*given: Any, **more: Any) -> bool:
        if failures:
            raise failures.pop()
        return write(*given, **more)

    monkeypatch.setattr(looks, "note", note)
    studio.looking_ahead.glance()
    failed = finish(studio, until, project_id)
    assert (failed.state, failed.error) == ("failed", "The database stayed locked.")
    studio.looking_ahead.glance()
    assert (finish(studio, until, project_id).state, failures) == ("done", [])
