"""An exported archive runs by its own example, wherever it is unpacked, and says what it lost."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ssd_core import export_bundle as bundles
from ssd_core.artifacts import CARD, save_model
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.errors import InvalidArtifact
from ssd_core.example import Example
from ssd_core.export_bundle import FORMATS, Material, export_bundle
from ssd_core.runtime import Detector
from ssd_core.standalone import Decoder

ROOT = Path(__file__).parents[2]
WITH_ONNX = pytest.mark.skipif(
    find_spec("tf2onnx") is None or find_spec("onnxruntime") is None, reason="the extra onnx is not installed"
)
RED = Example("red", np.full((96, 128, 3), (255, 0, 0), np.uint8))
FILES = {
    "litert": "model.float32.tflite",
    "litert_int8": "model.int8.tflite",
    "saved_model": "saved_model/saved_model.pb",
    "onnx": "model.onnx",
    "folder": "model.weights.h5",
}


@pytest.fixture(autouse=True)
def _network_by_heart(monkeypatch: pytest.MonkeyPatch, tiny_network: Any) -> None:
    """The tiny network is none that its config would build."""
    monkeypatch.setattr(bundles, "load_network", lambda folder: tiny_network)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A red photograph, stored lying on its side."""
    upright = Image.new("RGB", (128, 96), (255, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "photo.png", exif=exif)
    return tmp_path / "photo.png"


def unpacked(archive: Path) -> Path:
    folder = archive.with_suffix("")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "export_format", [pytest.param(name, marks=WITH_ONNX) if name == "onnx" else name for name in FORMATS]
)
def test_an_export_runs_by_its_own_example(
    export_format: str, saved_model: Path, photo: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "out" / f"{export_format}.zip"
    receipt = export_bundle(saved_model, export_format, archive, Material(compare=[RED]), "My nuts")
    folder = unpacked(archive)
    written = json.loads((folder / "parity.json").read_text())
    assert written == receipt
    assert (written["model"], written["format"]) == ("My nuts", export_format)
    for name, sha256 in written["files"].items():
        if name != CARD:
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
    assert FILES[export_format] in written["files"]
    command = [sys.executable, "-P", str(folder / "example.py"), str(photo)]
    places = [str(folder if export_format != "folder" else ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    answer = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    detector = Detector.load(saved_model)
    expected = detector.predict(photo, score=0.6)
    assert [line.split(" [")[0] for line in answer.stdout.splitlines()] == [
        f"nut {score:.2f}" for score in expected.scores
    ]
    shown = [int(side) for side in re.findall(r"\d+", answer.stdout.partition("[")[2])]
    np.testing.assert_allclose(shown, expected.boxes_xyxy[0], atol=1)


@pytest.mark.parametrize("export_format", FORMATS)
def test_an_example_is_ten_lines_long(export_format: str) -> None:
    program = bundles.PROGRAMS[export_format].split('"""')[2]
    lines = [line for line in program.splitlines() if line and not line.startswith(("import", "from"))]
    assert len(lines) <= 10


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("export_format", ["litert", "saved_model", pytest.param("onnx", marks=WITH_ONNX)])
def test_a_float_export_differs_from_the_network_by_nothing_that_shows(
    export_format: str, saved_model: Path, tmp_path: Path
) -> None:
    receipt = export_bundle(saved_model, export_format, tmp_path / "a.zip", Material(compare=[RED]))
    assert (receipt["images"], receipt["export"]["boxes"], receipt["export"]["unmatched"]) == (1, 1, 0)
    assert receipt["export"]["max_box_shift"] < 0.01
    assert receipt["export"]["max_score_difference"] < 1e-5


def test_a_receipt_of_the_training_is_handed_on_without_making_anything(
    tmp_path: Path, tiny_config: SSDConfig, tiny_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = {"AP": 0.5, "max_box_shift": 0.25}
    card = {"parity": {"images": 20, "reference": {"AP": 0.5}, "exports": {"float32": measured}}}
    save_model(tmp_path / "model", tiny_network, tiny_config, card)
    monkeypatch.setattr(bundles, "load_network", lambda folder: pytest.fail("TensorFlow was used"))
    receipt = export_bundle(tmp_path / "model", "litert", tmp_path / "a.zip")
    assert (receipt["images"], receipt["export"]) == (20, measured)


def test_int8_is_made_from_images_where_the_model_has_none(
    tmp_path: Path, tiny_config: SSDConfig, tiny_network: Any
) -> None:
    save_model(tmp_path / "model", tiny_network, tiny_config, {})
    with pytest.raises(InvalidArtifact, match="needs labelled images"):
        export_bundle(tmp_path / "model", "litert_int8", tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
    receipt = export_bundle(tmp_path / "model", "litert_int8", tmp_path / "a.zip", Material([RED], [RED]))
    assert receipt["images"] == 1


def test_equal_exports_are_equal_archives(saved_model: Path, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        export_bundle(saved_model, "folder", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_folder_export_is_a_model_folder(saved_model: Path, tmp_path: Path) -> None:
    export_bundle(saved_model, "folder", tmp_path / "a.zip", name="New name")
    detector = Detector.load(unpacked(tmp_path / "a.zip"))
    assert (detector.card["name"], detector.classes) == ("New name", ("nut", "bolt"))


def test_onnx_without_its_packages_says_what_to_install(
    saved_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssd_core.onnx_export.find_spec", lambda name: None)
    with pytest.raises(InvalidArtifact, match=r"pip install 'ssd-studio\[onnx\]'"):
        export_bundle(saved_model, "onnx", tmp_path / "a.zip")


def test_a_damaged_model_and_an_unknown_format_are_not_exported(saved_model: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidArtifact, match="There is no format 'pdf'"):
        export_bundle(saved_model, "pdf", tmp_path / "a.zip")
    shutil.copytree(saved_model, tmp_path / "damaged")
    (tmp_path / "damaged" / "model.weights.h5").write_bytes(b"x")
    with pytest.raises(InvalidArtifact, match="damaged"):
        export_bundle(tmp_path / "damaged", "folder", tmp_path / "a.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["damaged"]


def test_the_standalone_decoder_finds_what_the_detector_finds(tmp_path: Path, tiny_config: SSDConfig) -> None:
    prediction = np.random.default_rng(3).normal(
        size=(1, tiny_config.num_default_boxes, 4 + tiny_config.num_classes)
    )
    prediction = prediction.astype(np.float32)
    np.save(tmp_path / "default_boxes.npy", default_boxes_of(tiny_config))
    (tmp_path / "detector.json").write_bytes(bundles._json(bundles._about({"name": "x"}, tiny_config)))

    class Fixed:
        name = "litert"

        def run(self, images: Any) -> Any:
            return prediction

    size_wh = (200, 100)
    wanted = Detector(tiny_config, Fixed()).predict(np.zeros((100, 200, 3), np.uint8), score=0.4, iou=0.3)
    given = Decoder(tmp_path).detections(prediction, size_wh, score=0.4, iou=0.3)
    assert len(given) > 20
    assert [name for name, _, _ in given] == [tiny_config.classes[index] for index in wanted.class_ids]
    np.testing.assert_allclose([score for _, score, _ in given], wanted.scores, rtol=1e-6)
    np.testing.assert_allclose([box for _, _, box in given], wanted.boxes_xyxy, rtol=1e-5, atol=1e-4)


def test_the_standalone_decoder_reads_photographs_as_the_detector_does(
    tmp_path: Path, tiny_config: SSDConfig
) -> None:
    from ssd_core.preprocess import load_rgb, resize_for_network

    np.save(tmp_path / "default_boxes.npy", default_boxes_of(tiny_config))
    (tmp_path / "detector.json").write_bytes(bundles._json(bundles._about({"name": "x"}, tiny_config)))
    noise = np.random.default_rng(0).integers(0, 255, (70, 90, 3), np.uint8)
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.fromarray(noise).save(stream, "JPEG", exif=exif)
    (tmp_path / "photo.jpg").write_bytes(stream.getvalue())
    images, size_wh = Decoder(tmp_path).prepare(tmp_path / "photo.jpg")
    assert size_wh == (70, 90)
    np.testing.assert_array_equal(
        images[0], resize_for_network(load_rgb(stream.getvalue()), tiny_config.input_size_hw)
    )
