"""Labelled images with detections: judged by hand, by pycocotools, or at random."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ssd_core.evaluation import coco_dataset, coco_results
from ssd_core.example import Example
from ssd_core.nms import Detections

PIXELS = np.zeros((200, 300, 3), np.uint8)
BOX = [10, 10, 60, 50]
#: Overlaps BOX by exactly one half.
HALF = [10, 10, 60, 30]
ELSEWHERE = [200, 100, 260, 160]
FAR = [10, 100, 60, 140]

Scene = tuple[list[Detections], list[Example]]


def example(
    boxes: Sequence[Sequence[float]], class_ids: Sequence[int], ignore: Sequence[bool] | None = None
) -> Example:
    return Example("a.jpg", PIXELS, boxes, class_ids, ignore or [False] * len(boxes))


def found(*rows: tuple[Sequence[float], float, int]) -> Detections:
    """Detections from rows of box, score and class; read-only, so that nothing may change them."""
    arrays = (
        np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
    )
    for array in arrays:
        array.flags.writeable = False
    return Detections(*arrays)


def random_case(seed: int, images: int = 25, classes: int = 3, decimals: int = 2) -> Scene:
    """Boxes of all sizes, detections near them and near nothing; few decimals make scores equal."""
    rng = np.random.default_rng(seed)
    detections, examples = [], []
    for _ in range(images):
        count = int(rng.integers(0, 6))
        corners = rng.uniform(0, 45, (count, 2))
        size = np.exp(rng.uniform(1.8, 4.8, (count, 1)))
        boxes = np.concatenate([corners, corners + size * rng.uniform(0.8, 1.25, (count, 2))], axis=1)
        class_ids = rng.integers(0, classes, count)
        examples.append(Example("a", PIXELS, boxes, class_ids, rng.random(count) < 0.15))
        noise = rng.normal(0, 0.12, (count, 4)) * size
        strays = np.tile(rng.uniform(0, 100, (3, 2)), 2) + np.array([0, 0, *rng.uniform(5, 60, 2)])
        near = np.concatenate([boxes + noise, boxes + noise / 2, strays])
        near_classes = np.concatenate([class_ids, class_ids, rng.integers(0, classes, 3)])
        mistaken = rng.random(len(near)) < 0.1
        near_classes[mistaken] = rng.integers(0, classes, mistaken.sum())
        scores = rng.uniform(0.01, 1, len(near)).round(decimals)
        kept = np.flatnonzero((rng.random(len(near)) < 0.7) & (near[:, :2] < near[:, 2:]).all(axis=1))
        kept = kept[np.argsort(-scores[kept], kind="stable")]
        detections.append(found(*zip(near[kept].tolist(), scores[kept], near_classes[kept], strict=True)))
    return detections, examples


@st.composite
def crowded_scenes(draw: st.DrawFn, classes: int = 2) -> Scene:
    """Up to three images whose boxes lie on a coarse grid, so that overlaps and scores are often equal."""
    place = st.tuples(*[st.integers(0, 4)] * 2, *[st.integers(1, 4)] * 2)
    label = st.tuples(place, st.integers(0, classes - 1), st.booleans())
    detection = st.tuples(place, st.integers(1, 9), st.integers(0, classes - 1))
    detections, examples = [], []
    for labels, rows in draw(
        st.lists(
            st.tuples(st.lists(label, max_size=5), st.lists(detection, max_size=8)), min_size=1, max_size=3
        )
    ):
        # Every other box counts at least, so that scenes of nothing but ignored boxes are rare.
        ignore = [ignored and index % 2 == 1 for index, (_, _, ignored) in enumerate(labels)]
        examples.append(example([_corners(at) for at, _, _ in labels], [of for _, of, _ in labels], ignore))
        detections.append(found(*[(_corners(at), tenths / 10, of) for at, tenths, of in rows]))
    return detections, examples


def pycocotools(
    detections: Sequence[Detections],
    examples: Sequence[Example],
    classes: int,
    max_detections: Sequence[int] = (1, 10, 100),
) -> Any:
    """The COCOeval of pycocotools, evaluated, accumulated and summarised."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = coco_dataset(examples, classes)
        truth.createIndex()
        judged = COCOeval(truth, truth.loadRes(coco_results(detections)), "bbox")
        judged.params.maxDets = list(max_detections)
        judged.evaluate()
        judged.accumulate()
        if len(max_detections) == 3:
            judged.summarize()
    return judged


def _corners(place: Sequence[int]) -> list[int]:
    x, y, width, height = place
    return [x, y, x + width, y + height]
