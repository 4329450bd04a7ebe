"""Pictures for one model go through the network together, and whoever asked is told what became of each."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.jobs import tensorflow_detector
from app.jobs.frames import read_frame, unpacked
from app.jobs.tensorflow_detector import MODELS_KEPT, TensorFlowDetector
from ssd_core.candidates import Candidates
from ssd_core.errors import InvalidExample
from ssd_core.runtime import Prepared

Until = Callable[[Callable[[], bool]], None]


class Known:
    """Finds one thing in every picture, of the class that its bytes say; notes how many came together."""

    def __init__(self, batches: list[int]) -> None:
        self.batches = batches

    def prepare(self, picture: bytes) -> Prepared:
        if picture == b"broken":
            raise InvalidExample("No image format.")
        return Prepared(np.full((1, 1, 3), int(picture), np.float32), (48, 64), 1.5)

    def candidates_together(self, prepared: Sequence[Prepared]) -> tuple[list[Candidates], float]:
        self.batches.append(len(prepared))
        classes = [int(each.pixels[0, 0, 0]) for each in prepared]
        if 13 in classes:
            raise MemoryError("too little")
        box, score = np.array([[1, 2, 3, 4]], np.float32), np.array([0.5], np.float32)
        return [Candidates(box, score, np.array([each])) for each in classes], 2.5


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures came together, of models that are known by heart."""
    noted: list[int] = []

    def load(folder: Path) -> tuple[Known, dict[str, float]]:
        if folder.name == "missing":
            raise FileNotFoundError("no such folder")
        return Known(noted), {"tensorflow": 2.0, "litert": 5.0}

    monkeypatch.setattr(tensorflow_detector, "_loaded", load)
    monkeypatch.setattr(tensorflow_detector, "SECONDS_IDLE", 0.01)
    return noted


@pytest.fixture
def ask(batches: list[int], until: Until) -> Callable[..., dict[Any, Any]]:
    """Hand over what is asked for, wait until it is ready for the network, and give all answers by number."""

    def asked(models: Sequence[str], *pictures: tuple[str, bytes]) -> dict[Any, Any]:
        stream = io.BytesIO()
        detector = TensorFlowDetector(stream)
        for model in models:
            detector.take({"load": model}, b"")
        until(lambda: detector._at_work == 0)
        for number, (model, picture) in enumerate(pictures):
            detector.take({"id": number, "folder": model}, picture)
        until(lambda: detector._at_work == len(detector._waiting))
        work = threading.Thread(target=detector.work)
        work.start()
        # It ends by itself, as nothing more is asked for.
        work.join(30)
        assert not work.is_alive()
        stream.seek(0)
        frames = iter(lambda: read_frame(stream), None)
        return {header.get("id", header.get("loaded")): (header, body) for header, body in frames}

    return asked


def test_what_waits_together_goes_together_model_by_model_in_few_numbers(
    ask: Callable[..., dict[Any, Any]], batches: list[int]
) -> None:
    pictures = [("a", b"%d" % number) for number in range(11)] + [("b", b"7")]
    answers = ask(["a", "b"], *pictures)
    assert sorted(batches, reverse=True) == [8, 2, 1, 1]
    assert [unpacked(answers[number][1]).class_ids.tolist() for number in range(12)] == [
        [number] for number in (*range(11), 7)
    ]
    assert answers[3][0] == {"id": 3, "size_hw": [48, 64], "decode": 1.5, "network": 2.5}


def test_what_cannot_be_looked_at_is_told_with_the_reason_and_the_rest_goes_on(
    ask: Callable[..., dict[Any, Any]],
) -> None:
    answers = ask(["a", "missing"], ("a", b"broken"), ("other", b"1"), ("a", b"13"))
    assert answers[None][0] == {"failed": "missing", "error": "no such folder"}
    assert answers[0][0] == {"id": 0, "error": "No image format."}
    assert answers[1][0] == {"id": 1, "unable": "The model is not loaded any more."}
    assert answers[2][0] == {"id": 2, "unable": "too little"}


def test_the_models_that_were_used_last_stay_loaded(ask: Callable[..., dict[Any, Any]]) -> None:
    names = [str(number) for number in range(MODELS_KEPT)]
    # The first is asked for once more before the last comes, so that the second has to go.
    answers = ask([*names, names[0], "last"], *((name, b"1") for name in (*names, "last")))
    assert ["unable" in answers[number][0] for number in range(4)] == [False, True, False, False]
    # What is loaded already is not measured again.
    assert answers[names[0]][0] == {"loaded": names[0], "milliseconds": {}}
    assert answers["last"][0] == {"loaded": "last", "milliseconds": {"tensorflow": 2.0, "litert": 5.0}}


@pytest.mark.slow
def test_how_long_a_picture_takes_is_measured_on_both_when_a_model_is_loaded(
    tmp_path: Path, jpeg: Callable[..., bytes]
) -> None:
    from tests.app.model_folders import crowded_model

    detector, times = tensorflow_detector._loaded(crowded_model(tmp_path / "crowded", jpeg((200, 120, 40))))
    assert detector.backend == "tensorflow"
    assert sorted(times) == ["litert", "tensorflow"]
    assert all(0 < milliseconds < float("inf") for milliseconds in times.values())
