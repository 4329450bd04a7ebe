"""The four photographs on which one sees a run learn."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from app.jobs.progress_images import ProgressImages, read


def example(name: str, boxes: int = 1) -> Any:
    picture = np.zeros((48, 64, 3), np.uint8)
    return SimpleNamespace(name=name, boxes_xyxy=np.zeros((boxes, 4)), load=lambda: picture)


def seen(score: float) -> Any:
    return SimpleNamespace(
        boxes_xyxy=np.array([[1, 2, 30.26, 40], [0, 0, 5, 5]]),
        scores=np.array([score, 0.1]),
        class_ids=np.array([1, 0]),
    )


def look(step: int, score: float, examples: list[Any]) -> Any:
    return SimpleNamespace(step=step, examples=examples, detections=[seen(score) for _ in examples])


def test_the_same_four_photographs_with_boxes_are_shown_at_each_validation(tmp_path: Path) -> None:
    examples = [example(f"{number}.png", boxes=number % 2) for number in range(16)]
    images = ProgressImages(tmp_path, {"1.png": 7}, ["nut", "bolt"])
    images.look(look(10, 0.5, examples))
    images.look(look(20, 0.75, examples))
    kept = read(tmp_path)
    assert [entry["name"] for entry in kept] == ["1.png", "5.png", "9.png", "13.png"]
    assert [entry["image_id"] for entry in kept] == [7, None, None, None]
    assert (kept[0]["width"], kept[0]["height"]) == (64, 48)
    assert kept[0]["steps"] == [
        {"step": 10, "detections": [{"class": "bolt", "score": 0.5, "box": [1.0, 2.0, 30.3, 40.0]}]},
        {"step": 20, "detections": [{"class": "bolt", "score": 0.75, "box": [1.0, 2.0, 30.3, 40.0]}]},
    ]


def test_a_validation_that_is_repeated_after_a_resume_takes_the_place_of_the_first(tmp_path: Path) -> None:
    examples = [example("a.png")]
    for step in (10, 20, 10):
        ProgressImages(tmp_path, {}, ["nut", "bolt"]).look(look(step, 0.5, examples))
    assert [[each["step"] for each in entry["steps"]] for entry in read(tmp_path)] == [[10]]


def test_a_run_without_validation_has_none(tmp_path: Path) -> None:
    ProgressImages(tmp_path, {}, []).look(look(10, 0.5, []))
    assert read(tmp_path) == []
