"""The detector finds what was planted, on every kind of input, on LiteRT and on TensorFlow."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact, InvalidConfig, InvalidExample
from ssd_core.runtime import Detector

RED, BLUE, BLACK = (255, 0, 0), (0, 0, 255), (0, 0, 0)


@pytest.fixture(scope="module")
def detector(saved_model: Path) -> Detector:
    return Detector.load(saved_model)


@pytest.fixture
def on_tensorflow(
    saved_model: Path, colour_network: Callable[[SSDConfig], Any], monkeypatch: pytest.MonkeyPatch
) -> Detector:
    """The same model on TensorFlow; `build_network` builds the tiny network, without its weights."""

    def build(config: SSDConfig, weights: None) -> Any:
        network = colour_network(config)
        network.set_weights([np.zeros_like(weight) for weight in network.get_weights()])
        return network

    monkeypatch.setattr("ssd_core.model.build_network", build)
    return Detector.load(saved_model, backend="tensorflow")


def plain(colour: tuple[int, int, int], size_hw: tuple[int, int] = (96, 128)) -> np.ndarray:
    return np.full((*size_hw, 3), colour, np.uint8)


def test_it_knows_its_classes_and_card(detector: Detector, tiny_config: SSDConfig) -> None:
    assert detector.classes == ("nut", "bolt")
    assert detector.card["thresholds"]["score"] == 0.6
    assert detector.config == tiny_config


def test_it_finds_what_is_there_in_pixels_of_the_image_given(
    detector: Detector, planted_box_xyxy: np.ndarray
) -> None:
    wanted = np.clip(planted_box_xyxy * 2, 0, [128, 96, 128, 96])
    for colour, class_id in ((RED, 0), (BLUE, 1)):
        found = detector.predict(plain(colour))
        assert found.class_ids.tolist() == [class_id]
        np.testing.assert_allclose(found.boxes_xyxy[0], wanted, atol=1e-3)
        assert found.scores[0] == pytest.approx(np.exp(10) / (np.exp(10) + np.exp(5) + 1), abs=1e-5)
    assert len(detector.predict(plain(BLACK))) == 0


def test_path_bytes_and_array_give_the_same_detections(detector: Detector, tmp_path: Path) -> None:
    stored = io.BytesIO()
    Image.fromarray(plain(BLUE)).save(stored, "PNG")
    (tmp_path / "blue.png").write_bytes(stored.getvalue())
    answers = [detector.predict(image) for image in (plain(BLUE), stored.getvalue(), tmp_path / "blue.png")]
    assert answers[0].boxes_xyxy.tolist() == answers[1].boxes_xyxy.tolist() == answers[2].boxes_xyxy.tolist()
    assert answers[0].scores.tolist() == answers[1].scores.tolist() == answers[2].scores.tolist()


def test_width_and_height_are_not_swapped(detector: Detector, planted_box_xyxy: np.ndarray) -> None:
    found, image_size_hw = detector.candidates(plain(RED, (48, 640)))
    assert image_size_hw == (48, 640)
    wanted = np.clip(planted_box_xyxy * [10, 1, 10, 1], 0, [640, 48, 640, 48])
    np.testing.assert_allclose(found.boxes_xyxy[0], wanted, atol=1e-3)


def test_candidates_start_at_5_percent_and_evaluation_at_1(detector: Detector) -> None:
    # Red of 48 leads to a logit of 1.88 against the background's 5, a score of .04; 56 to .06.
    assert len(detector.candidates(plain((48, 0, 0)))[0]) == 0
    assert len(detector.predict_for_evaluation(plain((48, 0, 0)))) == 1
    assert len(detector.candidates(plain((56, 0, 0)))[0]) == 1
    assert len(detector.predict_for_evaluation(plain(BLACK))) == 0


def test_the_sliders_do_what_they_say(detector: Detector) -> None:
    weak = plain((128, 0, 0))
    assert len(detector.predict(weak, score=0.4)) == 1
    assert len(detector.predict(weak, score=0.6)) == 0
    assert len(detector.predict(plain(RED), max_boxes=0)) == 0


def test_classes_suppress_each_other_and_scores_are_lowered_on_request(detector: Detector) -> None:
    # Magenta is red and blue alike: a nut and a bolt at the same place, each with a score of .498.
    both = plain((255, 0, 255))
    assert len(detector.predict(both, 0.3)) == 2
    assert len(detector.predict(both, 0.3, class_agnostic=True)) == 1
    best, lowered = detector.predict(both, 0.06, class_agnostic=True, soft="gaussian").scores
    assert lowered == pytest.approx(best * np.exp(-1 / 0.5), rel=1e-5)
    with pytest.raises(InvalidConfig, match="harsh"):
        detector.predict(both, soft="harsh")  # type: ignore[arg-type]


def test_the_time_of_a_call_is_told(detector: Detector) -> None:
    _, _, took = detector.timed_candidates(plain(RED))
    assert took.decode >= 0
    assert took.network > 0
    assert took.total >= took.decode + took.network


def test_warming_up_changes_nothing(detector: Detector) -> None:
    before = detector.predict(plain(RED)).scores.tolist()
    detector.warm()
    assert detector.predict(plain(RED)).scores.tolist() == before


def test_threads_do_not_mix_their_images(detector: Detector) -> None:
    colours = [RED, BLUE, BLACK] * 30
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda colour: detector.predict(plain(colour)).class_ids.tolist(), colours))
    assert found == [[0], [1], []] * 30


def test_an_image_that_cannot_be_read_is_named(detector: Detector, tmp_path: Path) -> None:
    with pytest.raises(InvalidExample, match=r"gone\.jpg"):
        detector.predict(tmp_path / "gone.jpg")


def test_a_card_that_prefers_int8_gets_int8(saved_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved_model, tmp_path / "m"))
    (folder / "model.float32.tflite").unlink()
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps(card | {"runtime": "int8"}), encoding="utf-8")
    detector = Detector.load(folder)
    answers = [detector.predict(plain(colour)).class_ids.tolist() for colour in (RED, BLUE, BLACK)]
    assert answers == [[0], [1], []]
    (folder / "card.json").write_text(json.dumps(card | {"runtime": "onnx"}), encoding="utf-8")
    with pytest.raises(InvalidArtifact, match="unknown runtime 'onnx'"):
        Detector.load(folder)


def test_a_damaged_network_file_is_refused(saved_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved_model, tmp_path / "m"))
    path = folder / "model.float32.tflite"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InvalidArtifact, match=r"damaged: model\.float32\.tflite"):
        Detector.load(folder)
    path.unlink()
    with pytest.raises(InvalidArtifact, match=r"incomplete: model\.float32\.tflite"):
        Detector.load(folder)


def test_bytes_that_are_no_network_are_refused(saved_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved_model, tmp_path / "m"))
    (folder / "model.float32.tflite").write_bytes(b"no network at all")
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["files"]["model.float32.tflite"] = hashlib.sha256(b"no network at all").hexdigest()
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(InvalidArtifact, match=r"LiteRT cannot use .*model\.float32\.tflite"):
        Detector.load(folder)


@pytest.mark.parametrize("colour", [RED, BLUE, BLACK, (200, 0, 180)])
def test_tensorflow_finds_what_litert_finds(
    detector: Detector, on_tensorflow: Detector, colour: tuple[int, int, int]
) -> None:
    assert (detector.backend, on_tensorflow.backend) == ("litert", "tensorflow")
    assert on_tensorflow.classes == detector.classes
    assert on_tensorflow.card == detector.card
    one, other = (each.predict(plain(colour), score=0.05) for each in (detector, on_tensorflow))
    assert one.class_ids.tolist() == other.class_ids.tolist()
    np.testing.assert_allclose(one.boxes_xyxy, other.boxes_xyxy, atol=1e-3)
    np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)


@pytest.mark.parametrize("name", ["detector", "on_tensorflow"])
def test_several_images_of_any_size_give_what_each_gives_alone(
    name: str, request: pytest.FixtureRequest
) -> None:
    detector = request.getfixturevalue(name)
    images = [plain(RED), plain(BLACK, (40, 30)), plain(BLUE, (48, 640))]
    together = detector.predict_many(images, score=0.05)
    assert [found.class_ids.tolist() for found in together] == [[0], [], [1]]
    for found, image in zip(together, images, strict=True):
        alone = detector.predict(image, score=0.05)
        np.testing.assert_allclose(found.boxes_xyxy, alone.boxes_xyxy, atol=1e-3)
        np.testing.assert_allclose(found.scores, alone.scores, atol=1e-5)
    assert detector.predict_many([]) == []


def test_threads_do_not_mix_their_images_on_tensorflow(on_tensorflow: Detector) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda colour: on_tensorflow.predict(plain(colour)).class_ids.tolist(), [RED, BLUE] * 10)
        )
    assert found == [[0], [1]] * 10


def test_a_precision_that_is_asked_for_counts_more_than_the_card(saved_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved_model, tmp_path / "m"))
    (folder / "model.float32.tflite").unlink()
    assert len(Detector.load(folder, precision="int8").predict(plain(RED))) == 1
    with pytest.raises(InvalidArtifact, match=r"model\.float32\.tflite"):
        Detector.load(folder, backend="litert", precision="float32")


def test_backends_and_precisions_that_do_not_exist_are_named(saved_model: Path) -> None:
    with pytest.raises(InvalidConfig, match="no backend 'onnx': use auto or litert or tensorflow"):
        Detector.load(saved_model, backend="onnx")
    with pytest.raises(InvalidConfig, match="no precision 'int4' on litert: use float32 or int8"):
        Detector.load(saved_model, backend="litert", precision="int4")  # type: ignore[arg-type]
    with pytest.raises(InvalidConfig, match="no precision 'int8' on tensorflow"):
        Detector.load(saved_model, backend="tensorflow", precision="int8")


def test_detecting_imports_no_tensorflow(saved_model: Path) -> None:
    program = (
        "import sys, pathlib, numpy as np\n"
        "from ssd_core.runtime import Detector\n"
        "detector = Detector.load(pathlib.Path(sys.argv[1]))\n"
        "detector.warm()\n"
        "image = np.zeros((30, 40, 3), np.uint8)\n"
        "image[..., 0] = 255\n"
        "print(len(detector.predict(image)), len(detector.predict_for_evaluation(image)))\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "heavy = loaded & {'tensorflow', 'keras', 'faster_coco_eval'}\n"
        "print(sorted(heavy))\n"
    )
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program, str(saved_model)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.splitlines() == ["1 1", "[]"]
