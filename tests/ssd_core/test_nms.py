"""Suppression keeps exactly what the shared vectors, the slow oracle and the definition say."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssd_core.candidates import Candidates
from ssd_core.errors import InvalidConfig
from ssd_core.nms import Soft, kept_indices, non_max_suppression, softly_kept

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


TWO_CLASSES = [[10, 10, 50, 50, 0.9, 0], [10, 10, 50, 48, 0.8, 1], [60, 10, 90, 50, 0.7, 1]]


def test_boxes_of_other_classes_are_rivals_only_if_asked_for() -> None:
    assert kept_indices(from_rows(TWO_CLASSES)).tolist() == [0, 1, 2]
    assert kept_indices(from_rows(TWO_CLASSES), class_agnostic=True).tolist() == [0, 2]
    assert non_max_suppression(from_rows(TWO_CLASSES), class_agnostic=True).class_ids.tolist() == [0, 1]


@settings(max_examples=80, deadline=None)
@given(rows_of_boxes, thresholds, thresholds, st.integers(0, 45))
def test_without_classes_any_input_equals_the_oracle_for_one_class(
    rows: list[list[float]], score: float, iou_at: float, most: int
) -> None:
    rounded = GENERATOR.case("", rows)["candidates"]
    one_class = [[*row[:5], 0] for row in rounded]
    assert kept_indices(
        from_rows(rounded), score, iou_at, most, class_agnostic=True
    ).tolist() == GENERATOR.kept(one_class, score, iou_at, most)


def softly(
    rows: list[list[float]],
    score: float,
    iou_at: float,
    most: int,
    soft: Soft,
    sigma: float,
    class_agnostic: bool,
) -> list[tuple[int, float]]:
    """Soft suppression as the paper writes it, with Python floats rounded after each operation."""
    f32 = GENERATOR.f32
    left = {index: row[4] for index, row in enumerate(rows)}
    found: list[tuple[int, float]] = []
    while left and len(found) < most:
        best = min(left, key=lambda index: (-left[index], index))
        if left[best] < f32(score):
            break
        found.append((best, left.pop(best)))
        for index in left:
            if class_agnostic or rows[index][5] == rows[best][5]:
                overlap = GENERATOR.iou(rows[best], rows[index])
                if soft == "gaussian":
                    weight = f32(math.exp(-overlap * overlap / sigma))
                else:
                    weight = f32(1 - overlap) if overlap > f32(iou_at) else 1.0
                left[index] = f32(left[index] * weight)
    return found


def test_linear_softening_takes_the_overlap_off_the_score() -> None:
    # The second box lies within the first: IoU .5. The third overlaps nobody.
    rows = [[0, 0, 10, 10, 0.9, 0], [0, 0, 10, 5, 0.8, 0], [50, 0, 60, 10, 0.3, 0]]
    found = non_max_suppression(from_rows(rows), 0.1, 0.45, soft="linear")
    np.testing.assert_allclose(found.scores, [0.9, 0.4, 0.3], rtol=1e-6)
    # At an overlap of just the threshold nothing is taken off, as nothing is removed.
    found = non_max_suppression(from_rows(rows), 0.1, 0.5, soft="linear")
    np.testing.assert_allclose(found.scores, [0.9, 0.8, 0.3], rtol=1e-6)


def test_gaussian_softening_lowers_at_any_overlap_and_reorders() -> None:
    # Overlaps of .5 and 0 with the first: .8 × exp(-.25 ÷ .5) is .485, below the third box's .6.
    rows = [[0, 0, 10, 10, 0.9, 0], [0, 0, 10, 5, 0.8, 0], [50, 0, 60, 10, 0.6, 0]]
    found = non_max_suppression(from_rows(rows), 0.1, 0.9, soft="gaussian")
    np.testing.assert_allclose(found.scores, [0.9, 0.6, 0.8 * math.exp(-0.5)], rtol=1e-6)
    assert found.boxes_xyxy[:, 3].tolist() == [10, 10, 5]
    narrow = non_max_suppression(from_rows(rows), 0.1, 0.9, soft="gaussian", soft_sigma=0.1)
    np.testing.assert_allclose(narrow.scores, [0.9, 0.6], rtol=1e-6)


def test_a_score_lowered_below_the_threshold_is_no_detection() -> None:
    rows = [[0, 0, 10, 10, 0.9, 0], [0, 0, 10, 9, 0.8, 0]]
    assert len(non_max_suppression(from_rows(rows), 0.05, soft="linear")) == 2
    assert len(non_max_suppression(from_rows(rows), 0.5, soft="linear")) == 1


def test_softening_leaves_other_classes_alone_unless_asked() -> None:
    rows = from_rows(TWO_CLASSES)
    assert non_max_suppression(rows, 0.05, soft="linear").scores.tolist() == rows.scores.tolist()
    lowered = non_max_suppression(rows, 0.01, soft="linear", class_agnostic=True)
    np.testing.assert_allclose(lowered.scores, [0.9, 0.7, 0.8 * 0.05], rtol=1e-5)


def test_softening_leaves_the_candidates_as_they_were() -> None:
    rows = from_rows(TWO_CLASSES)
    before = rows.scores.copy()
    non_max_suppression(rows, 0.05, soft="gaussian", class_agnostic=True)
    assert rows.scores.tolist() == before.tolist()


@pytest.mark.parametrize("soft", ["linear", "gaussian"])
@pytest.mark.parametrize("class_agnostic", [False, True])
def test_softening_crowds_equals_the_oracle(soft: Any, class_agnostic: bool) -> None:
    for seed, grid in ((0, None), (1, 10)):
        rows = GENERATOR.case("", GENERATOR.crowd(seed, count=500, classes=3, grid=grid))["candidates"]
        wanted = softly(rows, 1e-6, 0.45, 220, soft, 0.5, class_agnostic)
        assert len(wanted) == 220
        kept, scores = softly_kept(from_rows(rows), 1e-6, 0.45, 220, soft=soft, class_agnostic=class_agnostic)
        assert list(zip(kept.tolist(), scores.tolist(), strict=True)) == wanted


@settings(max_examples=120, deadline=None)
@given(
    rows_of_boxes,
    thresholds,
    thresholds,
    st.integers(0, 45),
    st.sampled_from(["linear", "gaussian"]),
    st.sampled_from([0.1, 0.5, 2.0]),
    st.booleans(),
)
def test_softening_any_input_equals_the_oracle(
    rows: list[list[float]],
    score: float,
    iou_at: float,
    most: int,
    soft: Any,
    sigma: float,
    class_agnostic: bool,
) -> None:
    rounded = GENERATOR.case("", rows)["candidates"]
    kept, scores = softly_kept(
        from_rows(rounded), score, iou_at, most, class_agnostic=class_agnostic, soft=soft, soft_sigma=sigma
    )
    wanted = softly(rounded, score, iou_at, most, soft, sigma, class_agnostic)
    assert list(zip(kept.tolist(), scores.tolist(), strict=True)) == wanted


def test_an_unknown_way_of_softening_is_refused_by_name() -> None:
    with pytest.raises(InvalidConfig, match="'hard'"):
        non_max_suppression(from_rows(TWO_CLASSES), soft="hard")  # type: ignore[arg-type]
    with pytest.raises(InvalidConfig, match="soft_sigma is 0"):
        non_max_suppression(from_rows(TWO_CLASSES), soft="gaussian", soft_sigma=0)
