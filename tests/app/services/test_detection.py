"""Detection on finished models: loaded beside those that answer, in turns, as a whole or in tiles."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from app.bootstrap import Studio
from app.services.detectors import Detectors
from app.services.fair_turns import Superseded
from data.errors import NotFound
from data.records import Model
from ssd_core.errors import InvalidArtifact, InvalidConfig, InvalidExample
from ssd_core.runtime import Detector
from ssd_core.thresholds import Thresholds
from tests.app.model_folders import PLANTED_BOX

Two = tuple[Model, Model]
Jpeg = Callable[..., bytes]
RED, BLUE, MAGENTA = (250, 5, 5), (5, 5, 250), (250, 5, 250)
SOON = 30.0


def classes_of(answer: dict[str, Any]) -> list[str]:
    return [found["class"] for found in answer["detections"]]


def test_a_model_is_asked_by_id_name_or_folder(
    studio: Studio, colour_models: Two, colour_folders: tuple[Path, Path], jpeg: Jpeg
) -> None:
    for model in ("m0", "right", colour_folders[0]):
        answer = studio.detection.detect(model, jpeg(RED))
        assert (answer["width"], answer["height"], classes_of(answer)) == (64, 48, ["nut"])
        assert answer["detections"][0]["box"] == pytest.approx(PLANTED_BOX, abs=1e-3)
    assert studio.detection.detect("m0", jpeg(RED))["model"] == "m0"
    assert classes_of(studio.detection.detect("wrong", jpeg(RED))) == ["bolt"]
    with pytest.raises(NotFound):
        studio.detection.detect("nope", jpeg(RED))


def test_thresholds_choose_among_the_candidates(studio: Studio, colour_models: Two, jpeg: Jpeg) -> None:
    def seen(**chosen: Any) -> list[str]:
        return classes_of(studio.detection.detect("m0", jpeg(MAGENTA), Thresholds(**chosen)))

    assert sorted(seen(score=0.3)) == ["bolt", "nut"]
    assert len(seen(score=0.3, class_agnostic=True)) == 1
    assert seen(score=0.3, classes=("bolt",)) == ["bolt"]
    assert seen(score=0.3, class_scores={"bolt": 0.9}) == ["nut"]
    assert len(seen(score=0.3, max_boxes=1)) == 1
    with pytest.raises(InvalidConfig, match="no class 'cup'"):
        seen(classes=("cup",))
    with pytest.raises(InvalidConfig, match="no class 'cup'"):
        studio.detection.classes("m0", Thresholds(classes=("cup",)))
    assert studio.detection.classes("m0") == ("nut", "bolt")


def test_candidates_say_whose_they_are_what_answered_and_where_the_time_went(
    studio: Studio, colour_models: Two, jpeg: Jpeg
) -> None:
    answer = studio.detection.candidates("m0", jpeg(RED))
    assert (answer["model"], answer["classes"]) == ("m0", ["nut", "bolt"])
    assert [row[5] for row in answer["candidates"]] == [0]
    assert set(answer["milliseconds"]) == {"waited", "decode", "network", "total"}
    in_tiles = studio.detection.candidates("m0", jpeg(RED), tiles=2)
    assert [answer["runtime"], in_tiles["runtime"]] == ["LiteRT float32"] * 2


def test_a_file_that_is_no_picture_is_told_to_whoever_asked(studio: Studio, colour_models: Two) -> None:
    with pytest.raises(InvalidExample, match="No image format"):
        studio.detection.detect("m0", b"no picture")
    with pytest.raises(InvalidExample, match="no image file"):
        studio.detection.detect("m0", Path("/nowhere.jpg"))


def test_small_things_on_a_large_photograph_are_found_in_tiles(studio: Studio, colour_models: Two) -> None:
    # The detector sees red where most of a picture is red: one corner of this one, so one tile of nine.
    pixels = np.zeros((480, 640, 3), np.uint8)
    pixels[:160, :210] = RED
    stored = io.BytesIO()
    Picture.fromarray(pixels).save(stored, "PNG")
    assert studio.detection.detect("m0", stored.getvalue())["detections"] == []
    (found,) = studio.detection.detect("m0", stored.getvalue(), tiles=3)["detections"]
    # A tile is 256×192 pixels, four times the network's input.
    assert found["class"] == "nut"
    assert found["box"] == pytest.approx([4 * side for side in PLANTED_BOX], abs=1e-2)
    with pytest.raises(InvalidConfig, match="1 to 8 tiles"):
        studio.detection.detect("m0", stored.getvalue(), tiles=9)


def test_large_photographs_take_turns_round_the_clients_and_a_newer_frame_overtakes(
    studio: Studio, colour_models: Two, jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, order = threading.Event(), threading.Event(), []

    def held(folder: Path, detector: Any, image: bytes, asked: Any) -> None:
        begun.set()
        assert go_on.wait(SOON)
        order.append(asked.client)
        raise InvalidExample("too dark")

    monkeypatch.setattr(studio.detection, "_seen_in_tiles", held)
    begin = studio.detection.begin_candidates
    answers = [begin("m0", jpeg(RED), client="greedy", tiles=2)]
    assert begun.wait(SOON)
    answers += [begin("m0", jpeg(RED), client=client, tiles=2) for client in ("greedy", "greedy", "modest")]
    old, new = (begin("m0", jpeg(RED), client="camera", tiles=2, frame=number) for number in (1, 2))
    assert isinstance(old.exception(SOON), Superseded)
    assert classes_of(studio.detection.detect("m0", jpeg(RED))) == ["nut"]
    go_on.set()
    for answer in (*answers, new):
        assert isinstance(answer.exception(SOON), InvalidExample)
    assert order == ["greedy", "greedy", "modest", "camera", "greedy"]


def test_each_tile_of_a_large_photograph_is_a_turn_of_whoever_asked(
    studio: Studio, colour_models: Two, jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    submit = studio.detection._turns.submit
    monkeypatch.setattr(
        studio.detection._turns,
        "submit",
        lambda who, *work, **more: taken.append(who) or submit(who, *work, **more),
    )
    studio.detection.begin_candidates("m0", jpeg(RED), client="a", tiles=2).result(SOON)
    assert taken == ["a"] * 6  # to decode it, four tiles, and the whole


def test_the_model_that_is_meant_is_the_default_or_the_only_project_s(
    studio: Studio, colour_models: Two
) -> None:
    project_id = colour_models[0].project_id
    assert studio.detection.chosen() == "m1"
    assert studio.detection.chosen("right") == "m0"
    studio.models.change("m0", is_default=True)
    assert studio.detection.chosen() == studio.detection.chosen(None, project_id) == "m0"
    other = studio.labelling.create_project("other")
    with pytest.raises(NotFound, match="has no model yet"):
        studio.detection.chosen(None, other.id)


def test_without_any_model_that_is_said(studio: Studio) -> None:
    with pytest.raises(NotFound, match="There is no model yet"):
        studio.detection.chosen()


def test_a_model_is_loaded_while_another_goes_on_answering(
    studio: Studio, colour_models: Two, jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.detection.warm("m0")
    loading, go_on = threading.Event(), threading.Event()
    load = Detector.load

    def slowly(folder: Path) -> Detector:
        loading.set()
        assert go_on.wait(SOON)
        return load(folder)

    monkeypatch.setattr(Detector, "load", slowly)
    answers: list[Any] = []
    asking = [
        threading.Thread(target=lambda: answers.append(studio.detection.detect("m1", jpeg(RED))))
        for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    assert loading.wait(SOON)
    assert classes_of(studio.detection.detect("m0", jpeg(RED))) == ["nut"]
    assert answers == []
    go_on.set()
    for thread in asking:
        thread.join(SOON)
    assert [classes_of(answer) for answer in answers] == [["bolt"]] * 3


def test_a_model_is_loaded_once_kept_and_given_up_when_others_were_used_later(
    colour_folders: tuple[Path, Path], built_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Path] = []
    load = Detector.load
    monkeypatch.setattr(Detector, "load", lambda folder: loaded.append(folder) or load(folder))
    detectors = Detectors(kept=2)
    right, wrong = colour_folders
    assert detectors.get(right) is detectors.get(right)
    detectors.get(wrong)
    detectors.get(right)
    detectors.get(built_folder)
    ready = [detectors.ready(folder) for folder in (right, wrong, built_folder)]
    assert [each is not None for each in ready] == [True, False, True]
    assert ready[0] is detectors.get(right)
    assert loaded == [right, wrong, built_folder]


def test_a_frame_begins_at_once_where_its_model_was_asked_just_now_and_is_loaded(
    studio: Studio, colour_models: Two, jpeg: Jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    detection = studio.detection
    assert detection.begin_at_once("m0", jpeg(RED)) is None
    asked = detection.begin_candidates("m0", jpeg(RED), client="a").result(SOON)
    begun = detection.begin_at_once("m0", jpeg(RED), client="a", frame=1)
    assert begun is not None
    assert begun.result(SOON)["candidates"] == asked["candidates"]
    monkeypatch.setattr(studio.models, "folder_at_hand", lambda model: studio.workspace.model("m1"))
    assert detection.begin_at_once("m1", jpeg(RED)) is None


def test_a_model_that_could_not_be_loaded_is_tried_again(
    colour_folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path) -> Detector:
        raise InvalidArtifact("half a copy")

    detectors = Detectors()
    with monkeypatch.context() as patched:
        patched.setattr(Detector, "load", fail)
        with pytest.raises(InvalidArtifact, match="half a copy"):
            detectors.get(colour_folders[0])
    assert detectors.get(colour_folders[0]).classes == ("nut", "bolt")


def test_frames_of_many_pages_are_all_answered_and_not_mixed(
    studio: Studio, colour_models: Two, jpeg: Jpeg
) -> None:
    begun = [
        (colour, studio.detection.begin_candidates("m0", jpeg(colour), client=f"page {page}"))
        for page in range(6)
        for colour in (RED, BLUE)
    ]
    for colour, answer in begun:
        (row,) = answer.result(SOON)["candidates"]
        assert row[5] == (0 if colour == RED else 1)
