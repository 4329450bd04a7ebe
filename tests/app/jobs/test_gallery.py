"""The gallery: every mistake in its place, worst first, with the image to open."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.jobs import gallery as galleries
from app.jobs.gallery import gallery_of
from data.records import SnapshotImage
from ssd_core.error_types import error_types
from ssd_core.example import Example
from ssd_core.nms import Detections

PIXELS = np.zeros((100, 200, 3), np.uint8)
CLASSES = ("nut", "bolt")


def found(*rows: tuple[list[float], float, int]) -> Detections:
    boxes, scores, class_ids = zip(*rows, strict=True) if rows else ((), (), ())
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.array(class_ids, np.int64),
    )


def made(examples: list[Example], detections: list[Detections]) -> tuple[Any, Any]:
    images = [
        SnapshotImage(70 + index, example.name, "0" * 64, 200, 100, "val", ())
        for index, example in enumerate(examples)
    ]
    records = error_types(detections, examples, CLASSES)["records"]
    return gallery_of(records, detections, examples, CLASSES, images)


def test_each_kind_of_mistake_has_its_list_and_names_image_and_boxes() -> None:
    examples = [
        Example("a.jpg", PIXELS, [[0, 0, 40, 40], [100, 0, 140, 40]], [0, 1]),
        Example("b.jpg", PIXELS, [[0, 0, 40, 40], [100, 50, 120, 70]], [0, 0]),
    ]
    detections = [
        found(([0, 0, 40, 40], 0.9, 1), ([60, 60, 90, 90], 0.8, 0), ([100, 0, 140, 40], 0.7, 1)),
        found(([10, 10, 50, 50], 0.6, 0)),
    ]
    gallery, totals = made(examples, detections)
    assert totals == {"false_positives": 1, "wrong_classes": 1, "poor_fits": 1, "misses": 1}
    (wrong,) = gallery["wrong_classes"]
    assert (wrong["image_id"], wrong["name"], wrong["width"], wrong["height"]) == (70, "a.jpg", 200, 100)
    assert (wrong["predicted"], wrong["true"]) == ("bolt", "nut")
    assert (wrong["box"], wrong["truth_box"]) == ([0, 0, 40, 40], [0, 0, 40, 40])
    (nothing,) = gallery["false_positives"]
    assert (nothing["predicted"], nothing["box"]) == ("nut", [60, 60, 90, 90])
    assert (nothing["true"], nothing["truth_box"]) == (None, None)
    (poor,) = gallery["poor_fits"]
    assert (poor["image_id"], poor["type"], poor["true"]) == (71, "loc", "nut")
    (missed,) = gallery["misses"]
    assert (missed["image_id"], missed["true"], missed["truth_box"]) == (71, "nut", [100, 50, 120, 70])
    assert (missed["predicted"], missed["box"], missed["score"]) == (None, None, None)


def test_the_surest_mistake_and_the_largest_miss_come_first(monkeypatch: Any) -> None:
    monkeypatch.setattr(galleries, "MOST_OF_A_KIND", 2)
    boxes = [[0, 0, 10, 10], [50, 50, 90, 90], [100, 0, 120, 20]]
    examples = [Example("a.jpg", PIXELS, boxes, [0, 0, 0]), Example("b.jpg", PIXELS)]
    detections = [
        found(),
        found(([0, 0, 9, 9], 0.3, 0), ([50, 0, 60, 9], 0.9, 1), ([90, 0, 99, 9], 0.6, 0)),
    ]
    gallery, totals = made(examples, detections)
    assert totals == {"false_positives": 3, "wrong_classes": 0, "poor_fits": 0, "misses": 3}
    assert [round(entry["score"], 1) for entry in gallery["false_positives"]] == [0.9, 0.6]
    assert [entry["truth_box"] for entry in gallery["misses"]] == [boxes[1], boxes[2]]
