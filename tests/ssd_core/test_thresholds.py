"""Thresholds leave exactly what the shared vectors say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ssd_core.candidates import Candidates
from ssd_core.errors import InvalidConfig
from ssd_core.thresholds import Thresholds, detections

GOLDEN = Path(__file__).parents[1] / "golden"
VECTORS = GOLDEN / "threshold_vectors.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]


def from_rows(rows: list[list[float]]) -> Candidates:
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Candidates(
        table[:, :4].astype(np.float32), table[:, 4].astype(np.float32), table[:, 5].astype(np.int64)
    )


def chosen(written: dict[str, Any]) -> Thresholds:
    shown = written["classes"]
    return Thresholds(**{**written, "classes": None if shown is None else tuple(shown)})


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_shared_vectors(case: dict[str, Any]) -> None:
    shown = detections(from_rows(case["candidates"]), chosen(case["thresholds"]), case["classes"])
    rows = zip(shown.boxes_xyxy.tolist(), shown.scores.tolist(), shown.class_ids.tolist(), strict=True)
    assert [[*box, score, class_id] for box, score, class_id in rows] == [
        case["candidates"][index] for index in case["kept"]
    ]


def test_the_shared_vectors_are_what_their_script_writes() -> None:
    path = GOLDEN / "make_threshold_vectors.py"
    spec = importlib.util.spec_from_file_location("make_threshold_vectors", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.render() == VECTORS.read_text(encoding="utf-8")


def test_a_class_that_the_model_does_not_know_is_named_with_those_that_there_are() -> None:
    for thresholds in (Thresholds(classes=("cup",)), Thresholds(class_scores={"cup": 0.5})):
        with pytest.raises(InvalidConfig, match="no class 'cup': it has 'nut', 'bolt'"):
            detections(from_rows([]), thresholds, ("nut", "bolt"))


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"score": 1.01}, "score is 1.01"),
        ({"score": float("nan")}, "score is nan"),
        ({"score": None}, "score is None"),
        ({"iou": -0.1}, "iou is -0.1"),
        ({"class_scores": {"nut": "high"}}, "the score of 'nut' is 'high'"),
        ({"class_scores": ["nut"]}, "by each class's name"),
        ({"max_boxes": 0}, "max_boxes is 0"),
        ({"max_boxes": 2.5}, "max_boxes is 2.5"),
    ],
)
def test_what_no_slider_could_say_is_refused_by_name(chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidConfig, match=words):
        Thresholds(**chosen)
