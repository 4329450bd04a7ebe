"""One call from images to a model folder; the fitting itself is replaced by a network known by heart."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ssd_core.artifacts import read_card
from ssd_core.boxes import change_box_format
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.errors import TrainingStopped
from ssd_core.example import Example
from ssd_core.progress import Progress
from ssd_core.runtime import Detector
from ssd_core.train_config import TrainConfig
from ssd_core.train_model import train_model
from ssd_core.training import FitResult

CLASSES = ("nut", "bolt")
SETTINGS = TrainConfig.preset("quick", steps=7, seed=3)
RED, BLUE, BLACK = (255, 0, 0), (0, 0, 255), (0, 0, 0)
#: The default box at which the network of `conftest.py` finds things.
PLANTED = 50


def labelled(colour: tuple[int, int, int], class_id: int | None) -> Example:
    """A 64×64 image whose box is where the known network finds things."""
    config = SSDConfig(CLASSES, input_size_hw=(64, 64))
    box = np.clip(change_box_format(default_boxes_of(config)[PLANTED], "xyxy"), 0, 64)
    pixels = np.full((64, 64, 3), colour, np.uint8)
    return Example(
        f"{colour}", pixels, [box] if class_id is not None else [], [class_id] if class_id is not None else []
    )


@pytest.fixture
def calls(
    monkeypatch: pytest.MonkeyPatch, colour_network: Callable[[SSDConfig], Any]
) -> list[dict[str, Any]]:
    """Replaces `fit`; gives what it was called with."""
    seen: list[dict[str, Any]] = []

    def fit(train: Any, val: Any, config: SSDConfig, settings: Any, folder: Path, **hooks: Any) -> FitResult:
        seen.append({"train": train, "val": val, "config": config, "settings": settings, "folder": folder})
        hooks["on_progress"](Progress("training", 7, 7, 2, 2, loss=1.5, metrics={"AP": 0.1}))
        return FitResult(colour_network(config), {"AP": 0.1}, 5, 7, 12.34, 8.0)

    monkeypatch.setattr("ssd_core.training.fit", fit)
    return seen


def test_the_model_folder_detects_and_its_card_tells_how_well(
    calls: list[dict[str, Any]], tmp_path: Path
) -> None:
    val = [labelled(RED, 0), labelled(BLUE, 1), labelled(BLACK, None)]
    told: list[Progress] = []
    metrics = train_model(
        val[:1],
        val,
        CLASSES,
        SETTINGS,
        tmp_path / "run",
        tmp_path / "models" / "m",
        input_size=64,
        card={"name": "parts", "snapshot": "abc", "metrics": "not this"},
        on_progress=told.append,
    )
    assert (metrics["split"], metrics["AP"], metrics["images"], metrics["boxes"]) == ("val", 1.0, 3, 2)
    assert metrics["training"] == {"steps": 7, "best_step": 5, "seconds": 12.3, "images_per_second": 8.0}
    card = read_card(tmp_path / "models" / "m")
    assert (card["name"], card["snapshot"], card["metrics"]) == ("parts", "abc", metrics)
    assert card["params"] == {**SETTINGS.to_json(), "backbone": "efficientnet_lite0", "input_size": [64, 64]}
    # The only scores are those of the two hits, .9933 each, so the best cut is halfway down to nothing.
    assert card["thresholds"] == {"score": 0.5, "iou": 0.45}
    detector = Detector.load(tmp_path / "models" / "m")
    assert detector.predict(np.full((30, 30, 3), BLUE, np.uint8)).class_ids.tolist() == [1]
    assert [(one.phase, one.step) for one in told][:2] == [("training", 7), ("finishing", 7)]
    assert told[1].metrics is None
    assert calls[0]["config"] == SSDConfig(CLASSES, input_size_hw=(64, 64))
    assert (calls[0]["settings"], calls[0]["folder"]) == (SETTINGS, tmp_path / "run")
    assert [example.name for example in calls[0]["train"]] == [val[0].name]


def test_without_validation_images_there_is_a_model_without_numbers(
    calls: list[dict[str, Any]], tmp_path: Path
) -> None:
    metrics = train_model(
        [labelled(RED, 0)], [], CLASSES, SETTINGS, tmp_path / "run", tmp_path / "m", input_size=(64, 96)
    )
    assert metrics["AP"] is None
    assert calls[0]["config"].input_size_hw == (64, 96)
    assert read_card(tmp_path / "m")["thresholds"]["score"] == 0.5


@pytest.mark.parametrize("questions", [1, 2, 3])
def test_stopping_while_it_finishes_leaves_no_model(
    calls: list[dict[str, Any]], tmp_path: Path, questions: int
) -> None:
    answers = iter([None] * (questions - 1) + ["cancel"])
    with pytest.raises(TrainingStopped, match="step 7: cancel"):
        train_model(
            [labelled(RED, 0)],
            [labelled(RED, 0)],
            CLASSES,
            SETTINGS,
            tmp_path / "run",
            tmp_path / "m",
            input_size=64,
            should_stop=lambda: next(answers),
        )
    assert not (tmp_path / "m").exists()
    assert list(tmp_path.iterdir()) == []


def test_importing_it_imports_no_tensorflow() -> None:
    program = "import sys, ssd_core.train_model; print('tensorflow' in sys.modules)"
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
