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
from ssd_core.errors import InvalidArtifact, TrainingStopped
from ssd_core.example import Example
from ssd_core.parity import preferred_runtime
from ssd_core.progress import Progress
from ssd_core.runtime import Detector
from ssd_core.train_config import TrainConfig
from ssd_core.train_model import CALIBRATION_IMAGES, train_model
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
    prefer(monkeypatch, "float32")
    return seen


def prefer(monkeypatch: pytest.MonkeyPatch, runtime: str) -> None:
    """Decide what the clock would decide otherwise: which export of so small a network is faster."""
    monkeypatch.setattr("ssd_core.parity.preferred_runtime", lambda receipt: (runtime, f"{runtime} it is."))


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
    scores = {"nut": 0.5, "bolt": 0.5}
    assert card["thresholds"] == {"score": 0.5, "class_scores": scores, "iou": 0.45}
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
    assert read_card(tmp_path / "m")["thresholds"] == {"score": 0.5, "iou": 0.45}


def train_red(tmp_path: Path, **more: Any) -> dict[str, Any]:
    """Train on one image and validate on one; gives the metrics."""
    examples = [labelled(RED, 0)], [labelled(RED, 0)]
    return train_model(*examples, CLASSES, SETTINGS, tmp_path / "run", tmp_path / "m", input_size=64, **more)


@pytest.mark.usefixtures("calls")
def test_the_card_holds_the_receipt_of_both_exports(tmp_path: Path) -> None:
    train_red(tmp_path)
    card = read_card(tmp_path / "m")
    assert {"model.float32.tflite", "model.int8.tflite"} <= card["files"].keys()
    parity = card["parity"]
    # One validation image is few, so the training image is compared on too.
    assert parity["images"] == 2
    assert parity["reference"]["AP"] == parity["exports"]["float32"]["AP"] == 1.0
    assert parity["exports"]["float32"]["max_box_shift"] < 1e-3
    assert parity["exports"]["int8"]["boxes"] == 2
    assert (parity["runtime"], parity["reason"]) == ("float32", "float32 it is.")
    assert card["runtime"] == "float32"


@pytest.mark.usefixtures("calls")
def test_the_runtime_that_is_preferred_is_the_one_that_detects_and_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefer(monkeypatch, "int8")
    # An int8 export that sees nothing: its metrics are told, for it is what people will use.
    monkeypatch.setattr("ssd_core.export.to_litert_int8", lambda network, images, **_: blind_litert(network))
    metrics = train_red(tmp_path)
    assert metrics["AP"] == 0.0
    card = read_card(tmp_path / "m")
    assert (card["runtime"], card["metrics"]["AP"]) == ("int8", 0.0)
    assert len(Detector.load(tmp_path / "m").predict(np.full((30, 30, 3), RED, np.uint8))) == 0
    assert (
        len(Detector.load(tmp_path / "m", precision="float32").predict(np.full((30, 30, 3), RED, np.uint8)))
        == 1
    )


def blind_litert(network: Any) -> bytes:
    """The network with nothing but background in its answers."""
    from ssd_core.export import to_litert

    before = network.get_weights()
    network.set_weights([np.zeros_like(before[0]), before[1]])
    try:
        return to_litert(network)
    finally:
        network.set_weights(before)


@pytest.mark.usefixtures("calls")
def test_a_run_whose_int8_export_fails_ends_with_float32_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(network: Any, images: Any, **_: Any) -> bytes:
        raise InvalidArtifact("The network has a hole.")

    monkeypatch.setattr("ssd_core.export.to_litert_int8", fail)
    monkeypatch.setattr("ssd_core.parity.preferred_runtime", preferred_runtime)
    assert train_red(tmp_path)["AP"] == 1.0
    card = read_card(tmp_path / "m")
    assert card["runtime"] == "float32"
    assert "model.int8.tflite" not in card["files"]
    assert card["parity"]["exports"]["int8"] == {"failed": "The network has a hole."}
    assert card["parity"]["reason"] == "There is no int8 export. The network has a hole."


@pytest.mark.usefixtures("calls")
def test_an_int8_export_that_litert_cannot_run_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssd_core.export.to_litert_int8", lambda network, images, **_: b"no network at all")
    train_red(tmp_path)
    card = read_card(tmp_path / "m")
    assert "model.int8.tflite" not in card["files"]
    assert "LiteRT cannot use the int8 export" in card["parity"]["exports"]["int8"]["failed"]


def test_int8_is_calibrated_on_some_training_images_as_the_network_sees_them(
    calls: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []

    def record(network: Any, images: Any, **_: Any) -> bytes:
        seen.extend(images)
        raise InvalidArtifact("Enough seen.")

    monkeypatch.setattr("ssd_core.export.to_litert_int8", record)
    train = [labelled((shade, 0, 0), None) for shade in range(200)]
    train_model(train, [], CLASSES, SETTINGS, tmp_path / "run", tmp_path / "m", input_size=(32, 64))
    assert len(seen) == CALIBRATION_IMAGES
    assert {image.shape for image in seen} == {(32, 64, 3)}
    shades = [float(image[0, 0, 0]) for image in seen]
    assert shades == [float(index * 200 // CALIBRATION_IMAGES) for index in range(CALIBRATION_IMAGES)]


@pytest.mark.parametrize("questions", range(1, 8))
def test_stopping_while_it_finishes_leaves_no_model(
    calls: list[dict[str, Any]], tmp_path: Path, questions: int
) -> None:
    # It asks after fitting, before it loads and before it calibrates on the one training image, before each
    # of two comparisons, before the evaluation, and before it saves.
    answers = iter([None] * (questions - 1) + ["cancel"])
    with pytest.raises(TrainingStopped, match="step 7: cancel"):
        train_red(tmp_path, should_stop=lambda: next(answers))
    assert not (tmp_path / "m").exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("calls")
def test_the_earlier_model_reaches_the_run_and_its_troubles_reach_the_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, colour_network: Callable[[SSDConfig], Any]
) -> None:
    def fit(
        train: Any, val: Any, config: SSDConfig, settings: Any, folder: Path, *, initial: Path, **hooks: Any
    ) -> FitResult:
        hooks["on_epoch"](initial)
        hooks["on_progress"](Progress("training", 4, 7, 2, 2))
        usual = (colour_network(config), {"AP": 0.1}, 2, 4, 1.0, 8.0)
        return FitResult(*usual, stopped_early="Enough.", images_at_once=2, rate_factor=0.5)

    monkeypatch.setattr("ssd_core.training.fit", fit)
    told: list[Any] = []
    metrics = train_red(tmp_path, initial=tmp_path / "earlier", on_epoch=told.append)
    assert told == [tmp_path / "earlier"]
    assert metrics["training"] == {
        "steps": 4,
        "best_step": 2,
        "seconds": 1.0,
        "images_per_second": 8.0,
        "stopped_early": "Enough.",
        "images_at_once": 2,
        "rate_factor": 0.5,
    }


def test_importing_it_imports_no_tensorflow() -> None:
    program = "import sys, ssd_core.train_model; print('tensorflow' in sys.modules)"
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
