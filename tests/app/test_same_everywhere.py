"""One photograph, one model: the page, the REST API, the command line and the library say the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio
from app.cli import main
from data import models
from data.records import Model
from ssd_core.preprocess import load_rgb
from ssd_core.runtime import Detector
from ssd_core.thresholds import Thresholds, detections
from ssd_core.tiling import tiled_candidates
from tests.app.model_folders import crowded_model
from tests.app.test_browser_modules import OLDEST_NODE, node_version
from tests.benchmarks.detection import photograph

PIXELS, SCORE = 0.01, 1e-4
PAGE = Path(__file__).parent / "static" / "shown_detections.mjs"

#: Class, score, x0, y0, x1, y1.
Row = tuple[str, float, float, float, float, float]

CHOICES = {
    "usual": Thresholds(),
    "the left end of the sliders": Thresholds(score=0.05, iou=0.3),
    "over all classes": Thresholds(score=0.05, class_agnostic=True, max_boxes=40),
    "one class": Thresholds(score=0.2, iou=0.6, classes=("bolt",)),
    "a score for each class": Thresholds(score=0.3, class_scores={"bolt": 0.6}, max_boxes=25),
}


@dataclass(frozen=True)
class Given:
    """The photograph, and the folder of a model that the studio knows as ``m0``."""

    photo: Path
    folder: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Given:
    home = tmp_path_factory.mktemp("same")
    picture = photograph()
    (home / "photo.jpg").write_bytes(picture)
    return Given(home / "photo.jpg", crowded_model(home / "crowded", picture))


@pytest.fixture
def given(studio: Studio, made: Given) -> Given:
    project = studio.labelling.create_project("parts")
    model = Model("m0", project.id, None, "crowded", ("nut", "bolt"), {}, datetime.now(UTC))
    shutil.copytree(made.folder, studio.workspace.model(model.id))
    with studio._database.write() as session:
        models.register(session, model)
    return made


def of_library(given: Given, chosen: Thresholds, tiles: int) -> list[Row]:
    detector = Detector.load(given.folder)
    rgb = load_rgb(given.photo)
    found = tiled_candidates(lambda tile: detector.candidates(tile)[0], rgb, tiles)
    shown = detections(found, chosen, detector.classes)
    return [
        (detector.classes[class_id], score, *box)
        for box, score, class_id in zip(
            shown.boxes_xyxy.tolist(), shown.scores.tolist(), shown.class_ids.tolist(), strict=True
        )
    ]


def of_rest(client: TestClient, given: Given, chosen: Thresholds, tiles: int) -> list[Row]:
    params = {
        "model": "crowded",
        "score": chosen.score,
        "iou": chosen.iou,
        "max_boxes": chosen.max_boxes,
        "class_agnostic": chosen.class_agnostic,
        "tiles": tiles,
        "class_score": [f"{name}:{score}" for name, score in chosen.class_scores.items()],
        **({} if chosen.classes is None else {"classes": list(chosen.classes)}),
    }
    return rows_of(client.post("/api/detect", params=params, content=given.photo.read_bytes()).json())


def of_command(capsys: Any, studio: Studio, given: Given, chosen: Thresholds, tiles: int) -> list[Row]:
    options = [
        "--score",
        chosen.score,
        "--iou",
        chosen.iou,
        "--max-boxes",
        chosen.max_boxes,
        "--tiles",
        tiles,
    ]
    options += [word for name in chosen.classes or () for word in ("--class", name)]
    for name, score in chosen.class_scores.items():
        options += ["--class-score", f"{name}:{score}"]
    options += ["--class-agnostic"] if chosen.class_agnostic else []
    options += ["--workspace", studio.workspace.root, "--json"]
    assert main(["detect", "crowded", str(given.photo), *map(str, options)]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    return rows_of(answer)


def of_page(
    node: str, client: TestClient, given: Given, chosen: Thresholds, tiles: int, file: Path
) -> list[Row]:
    """The candidates that the page is sent, with the thresholds applied by the browser's own module."""
    sent = client.post(
        "/api/models/m0/candidates", params={"tiles": tiles}, content=given.photo.read_bytes()
    ).json()
    thresholds = {
        "score": chosen.score,
        "iou": chosen.iou,
        "max_boxes": chosen.max_boxes,
        "class_agnostic": chosen.class_agnostic,
        "classes": chosen.classes,
        "class_scores": dict(chosen.class_scores),
    }
    file.write_text(json.dumps({**sent, "thresholds": thresholds}), encoding="utf-8")
    answer = subprocess.run([node, str(PAGE), str(file)], capture_output=True, text=True, check=True)
    return [(sent["classes"][row[5]], row[4], *row[:4]) for row in json.loads(answer.stdout)]


def rows_of(answer: dict[str, Any]) -> list[Row]:
    return [(found["class"], found["score"], *found["box"]) for found in answer["detections"]]


def assert_same(rows: Sequence[Row], wanted: Sequence[Row]) -> None:
    assert [row[0] for row in rows] == [row[0] for row in wanted]
    numbers, others = (
        np.array([row[1:] for row in each], np.float64).reshape(-1, 5) for each in (rows, wanted)
    )
    np.testing.assert_allclose(numbers[:, 0], others[:, 0], rtol=0, atol=SCORE)
    np.testing.assert_allclose(numbers[:, 1:], others[:, 1:], rtol=0, atol=PIXELS)


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is not None and node_version(found) >= OLDEST_NODE:
        return found
    message = "NO NODE 20.4 OR LATER: the page was not compared."
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.mark.parametrize("tiles", [1, 2])
@pytest.mark.parametrize("choice", CHOICES)
def test_page_rest_command_and_library_see_the_same(
    node: str,
    client: TestClient,
    studio: Studio,
    given: Given,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    choice: str,
    tiles: int,
) -> None:
    chosen = CHOICES[choice]
    wanted = of_library(given, chosen, tiles)
    assert len(wanted) >= 5
    assert_same(of_rest(client, given, chosen, tiles), wanted)
    assert_same(of_command(capsys, studio, given, chosen, tiles), wanted)
    assert_same(of_page(node, client, given, chosen, tiles, tmp_path / "sent.json"), wanted)


def test_predict_is_the_same_for_whoever_needs_no_more_than_that(client: TestClient, given: Given) -> None:
    detector = Detector.load(given.folder)
    for chosen in (CHOICES["usual"], CHOICES["over all classes"]):
        found = detector.predict(
            given.photo, chosen.score, chosen.iou, chosen.max_boxes, class_agnostic=chosen.class_agnostic
        )
        names = [detector.classes[index] for index in found.class_ids]
        rows = [
            (name, score, *box)
            for name, score, box in zip(names, found.scores.tolist(), found.boxes_xyxy.tolist(), strict=True)
        ]
        assert_same(of_rest(client, given, chosen, 1), rows)
