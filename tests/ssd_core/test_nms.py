"""Suppression keeps exactly what the shared vectors, the slow oracle and the definition say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssd_core.candidates import Candidates
from ssd_core.nms import kept_indices, non_max_suppression

GOLDEN = Path(__file__).parents[1] / "golden"
CASES: list[dict[str, Any]] = json.loads((GOLDEN / "nms_vectors.json").read_text(encoding="utf-8"))["cases"]


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_nms_vectors", GOLDEN / "make_nms_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = load_generator()


def from_rows(rows: list[list[float]]) -> Candidates:
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Candidates(
        table[:, :4].astype(np.float32), table[:, 4].astype(np.float32), table[:, 5].astype(np.int64)
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_shared_vectors(case: dict[str, Any]) -> None:
    kept = kept_indices(
        from_rows(case["candidates"]), case["score_threshold"], case["iou_threshold"], case["max_boxes"]
    )
    assert kept.tolist() == case["kept"]


def test_the_shared_vectors_are_what_their_script_writes() -> None:
    assert GENERATOR.render() == (GOLDEN / "nms_vectors.json").read_text(encoding="utf-8")


def test_more_boxes_than_one_block_equal_the_oracle() -> None:
    for seed in range(4):
        rows = GENERATOR.case("", GENERATOR.crowd(seed, count=700, classes=1 + seed))["candidates"]
        for iou_threshold in (0.1, 0.45, 0.8):
            kept = kept_indices(from_rows(rows), 0.05, iou_threshold, 120)
            assert kept.tolist() == GENERATOR.kept(rows, 0.05, iou_threshold, 120)


def test_boxes_far_apart_all_stay_up_to_the_most_wanted() -> None:
    rows = [[20.0 * i, 0, 20.0 * i + 10, 10, 1 - i / 1000, 0] for i in range(300)]
    assert kept_indices(from_rows(rows), 0.05, 0.45, 200).tolist() == list(range(200))
    assert kept_indices(from_rows(rows), 0.05, 0.45, 10_000).tolist() == list(range(300))


def test_detections_carry_box_score_and_class_of_the_kept() -> None:
    found = non_max_suppression(
        from_rows([[0, 0, 9, 9, 0.9, 3], [0, 0, 9, 8, 0.8, 3], [50, 0, 59, 9, 0.7, 1]])
    )
    assert found.boxes_xyxy.tolist() == [[0, 0, 9, 9], [50, 0, 59, 9]]
    assert found.scores.tolist() == [np.float32(0.9), np.float32(0.7)]
    assert found.class_ids.tolist() == [3, 1]


coordinate = st.integers(0, 12)
rows_of_boxes = st.lists(
    st.tuples(
        coordinate, coordinate, st.integers(0, 8), st.integers(0, 8), st.integers(1, 20), st.integers(0, 2)
    ).map(lambda t: [t[0], t[1], t[0] + t[2], t[1] + t[3], t[4] / 20, t[5]]),
    max_size=40,
)
thresholds = st.sampled_from([0.0, 0.2, 0.45, 0.5, 0.9, 1.0])


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return GENERATOR.iou([*a.tolist()], [*b.tolist()])


@settings(max_examples=150, deadline=None)
@given(rows_of_boxes, thresholds, thresholds, st.integers(0, 45))
def test_any_input_equals_the_oracle(rows: list[list[float]], score: float, iou_at: float, most: int) -> None:
    rounded = GENERATOR.case("", rows)["candidates"]
    assert kept_indices(from_rows(rounded), score, iou_at, most).tolist() == GENERATOR.kept(
        rounded, score, iou_at, most
    )


@settings(max_examples=80, deadline=None)
@given(rows_of_boxes, thresholds)
def test_suppressing_twice_changes_nothing(rows: list[list[float]], iou_at: float) -> None:
    once = non_max_suppression(from_rows(rows), 0.1, iou_at)
    twice = non_max_suppression(Candidates(once.boxes_xyxy, once.scores, once.class_ids), 0.1, iou_at)
    assert twice.boxes_xyxy.tolist() == once.boxes_xyxy.tolist()
    assert twice.scores.tolist() == once.scores.tolist()


@settings(max_examples=80, deadline=None)
@given(rows_of_boxes, thresholds)
def test_the_kept_do_not_overlap_and_the_removed_do(rows: list[list[float]], iou_at: float) -> None:
    given_rows = from_rows(rows)
    kept = kept_indices(given_rows, 0.0, iou_at, 100).tolist()
    assert (np.diff(given_rows.scores[kept]) <= 0).all()
    limit = GENERATOR.f32(iou_at)
    for index in range(len(rows)):
        rivals = [
            other
            for other in kept
            if other != index
            and given_rows.class_ids[other] == given_rows.class_ids[index]
            and iou(given_rows.boxes_xyxy[other], given_rows.boxes_xyxy[index]) > limit
        ]
        assert bool(rivals) == (index not in kept)


@settings(max_examples=80, deadline=None)
@given(rows_of_boxes, thresholds, st.randoms(use_true_random=False))
def test_the_order_given_matters_only_for_equal_scores(
    rows: list[list[float]], iou_at: float, source: Any
) -> None:
    distinct = [[*row[:4], (1 + index) / 50, row[5]] for index, row in enumerate(rows)]
    shuffled = list(distinct)
    source.shuffle(shuffled)
    one = non_max_suppression(from_rows(distinct), 0.0, iou_at)
    other = non_max_suppression(from_rows(shuffled), 0.0, iou_at)
    assert one.scores.tolist() == other.scores.tolist()
    assert one.boxes_xyxy.tolist() == other.boxes_xyxy.tolist()
