"""How sure a number is: intervals that hold the truth, and differences that are more than luck."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssd_core.box_judging import judge
from ssd_core.errors import InvalidExample
from ssd_core.evaluation import evaluate
from ssd_core.nms import Detections
from ssd_core.resampling import (
    bootstrap_interval,
    compare_models,
    draw_images,
    draw_swaps,
    ranks_of,
    resampled_precision,
)
from tests.ssd_core.detection_cases import (
    BOX,
    ELSEWHERE,
    FAR,
    HALF,
    Scene,
    crowded_scenes,
    example,
    found,
    random_case,
)

NAMES = ("nut", "bolt", "cog")
HIT, MISS = found((BOX, 0.9, 0)), found()


def test_as_many_images_are_drawn_as_there_are() -> None:
    drawn = draw_images(5, 400, seed=1)
    assert drawn.shape == (400, 5)
    assert (drawn.sum(axis=1) == 5).all()
    assert drawn.max() > 2
    np.testing.assert_allclose(drawn.mean(axis=0), 1, atol=0.15)


def test_the_seed_decides_the_draws() -> None:
    np.testing.assert_array_equal(draw_images(5, 50, seed=1), draw_images(5, 50, seed=1))
    assert not np.array_equal(draw_images(5, 50, seed=1), draw_images(5, 50, seed=2))


def test_imaginary_images_are_together_drawn_as_often_as_one() -> None:
    drawn = draw_images(9, 4000, seed=1, imaginary=3)
    assert (drawn.sum(axis=1) == 9).all()
    np.testing.assert_allclose(drawn.mean(axis=0), [0.9] * 9 + [0.3] * 3, atol=0.06)


def test_no_images_are_drawn_of_none() -> None:
    assert draw_images(0, 7, seed=1).tolist() == [[]] * 7


@pytest.mark.parametrize("decimals", [1, 4])
def test_images_drawn_once_each_give_the_numbers_of_coco(decimals: int) -> None:
    detections, examples = random_case(2, decimals=decimals)
    ranks = ranks_of(judge(detections, examples), 3)
    values = resampled_precision(ranks, np.ones((1, len(examples)), np.int64))
    expected = evaluate(detections, examples, NAMES)
    assert [value[0] for value in values] == pytest.approx(
        [expected[key] for key in ("AP", "AP50", "AP75")], abs=1e-9
    )


@settings(deadline=None, max_examples=40)
@given(crowded_scenes(), st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_an_image_drawn_twice_counts_like_two_equal_images(scene: Scene, times: list[int]) -> None:
    detections, examples = scene
    # Scores of their own, because equal scores of one image would mix with those of its copy.
    detections = [
        Detections(one.boxes_xyxy, (10 * image + np.arange(len(one), dtype=np.float32)) / 30, one.class_ids)
        for image, one in enumerate(detections)
    ]
    drawn = np.array([times[: len(examples)]])
    overall, at_50, _ = resampled_precision(ranks_of(judge(detections, examples), 2), drawn)
    copies = [index for index, count in enumerate(times[: len(examples)]) for _ in range(count)]
    expected = evaluate([detections[index] for index in copies], [examples[index] for index in copies], "ab")
    assert overall[0] == pytest.approx(np.nan if expected["AP"] is None else expected["AP"], nan_ok=True)
    assert at_50[0] == pytest.approx(np.nan if expected["AP50"] is None else expected["AP50"], nan_ok=True)


def test_many_draws_are_the_draws_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    detections, examples = random_case(3)
    ranks, drawn = ranks_of(judge(detections, examples), 3), draw_images(len(examples), 30, seed=0)
    together = resampled_precision(ranks, drawn)
    monkeypatch.setattr("ssd_core.resampling._BLOCK", 100)
    np.testing.assert_array_equal(resampled_precision(ranks, drawn), together)
    one_by_one = [resampled_precision(ranks, row[None]) for row in drawn]
    np.testing.assert_allclose(np.transpose(together), np.squeeze(one_by_one), rtol=1e-12)


def test_a_draw_without_boxes_of_a_class_is_averaged_over_the_others() -> None:
    ranks = ranks_of(judge([HIT, MISS], [example([BOX], [0]), example([FAR], [1])]), 2)
    overall, at_50, _ = resampled_precision(ranks, np.array([[1, 1], [2, 0], [0, 2], [0, 0]]))
    np.testing.assert_allclose(at_50, [1 / 2, 1, 0, np.nan])
    np.testing.assert_allclose(overall, [1 / 2, 1, 0, np.nan])


def test_the_interval_is_that_of_all_images_there_might_be() -> None:
    # Two of three images are drawn: the one found, the one missed, and the imaginary one, missed as well.
    # Both found: 1 in 9, AP 1. One: 4 in 9, AP 51/101. None: 4 in 9, AP 0.
    detections, examples = [HIT, MISS], [example([BOX], [0])] * 2
    for level, expected in ((0.95, [0, 1]), (0.5, [0, 51 / 101]), (0.02, [51 / 101, 51 / 101])):
        result = bootstrap_interval(detections, examples, ("nut",), seed=3, resamples=4000, level=level)
        assert result["AP50"] == pytest.approx(expected)
        assert result["AP"] == pytest.approx(expected)
        assert (result["level"], result["resamples"], result["images"]) == (level, 4000, 2)


def test_ap_and_ap50_have_intervals_of_their_own() -> None:
    result = bootstrap_interval([found((HALF, 0.9, 0))] * 5, [example([BOX], [0])] * 5, ("nut",), seed=3)
    assert result["AP50"][1] == pytest.approx(1)
    assert result["AP"] == pytest.approx([value / 10 for value in result["AP50"]])


def test_a_perfect_result_on_few_images_is_not_taken_for_certain() -> None:
    # 3 of 40 draws or fewer are the imaginary image, 98 times in a hundred: 37/40 reaches 93 of 101 recalls.
    result = bootstrap_interval([HIT] * 40, [example([BOX], [0])] * 40, ("nut",), seed=3)
    assert result["AP50"] == pytest.approx([93 / 101, 1])
    fewer = bootstrap_interval([HIT] * 10, [example([BOX], [0])] * 10, ("nut",), seed=3)
    assert fewer["AP50"][0] < result["AP50"][0]


def test_classes_without_boxes_change_no_interval() -> None:
    detections, examples = random_case(4)
    known = bootstrap_interval(detections, examples, NAMES, seed=0, resamples=50)
    assert bootstrap_interval(detections, examples, (*NAMES, "rivet"), seed=0, resamples=50) == known


def test_an_interval_is_repeatable_and_holds_the_value_measured() -> None:
    detections, examples = random_case(5)
    first = bootstrap_interval(detections, examples, NAMES, seed=7, resamples=200)
    assert bootstrap_interval(detections, examples, NAMES, seed=7, resamples=200) == first
    assert bootstrap_interval(detections, examples, NAMES, seed=8, resamples=200) != first
    measured = evaluate(detections, examples, NAMES)
    narrow = bootstrap_interval(detections, examples, NAMES, seed=7, resamples=200, level=0.8)
    for key in ("AP", "AP50"):
        (low, high), (least, most) = narrow[key], first[key]
        assert least < low < measured[key] < high < most


def test_without_boxes_there_is_no_interval() -> None:
    for detections, examples in (
        ([], []),
        ([HIT], [example([], [])]),
        ([HIT], [example([BOX], [0], [True])]),
    ):
        result = bootstrap_interval(detections, examples, ("nut",), seed=0)
        assert result["AP"] is result["AP50"] is None


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    # Detectors that find the one box of 19 images in 20; 40 images of each are seen.
    truth = evaluate([HIT] * 19 + [MISS], [example([BOX], [0])] * 20, ("nut",))["AP50"]
    rng, held, trials = np.random.default_rng(0), 0, 100
    examples = [example([BOX], [0])] * 40
    for seed in range(trials):
        detections = [HIT if lucky else MISS for lucky in rng.random(40) < 0.95]
        result = bootstrap_interval(detections, examples, ("nut",), seed=seed, resamples=200)
        low, high = result["AP50"]
        held += low - 1e-9 <= truth <= high + 1e-9
        assert high - low < 0.35
    assert 0.93 <= held / trials <= 0.995


def test_a_model_does_not_differ_from_itself() -> None:
    detections, examples = random_case(6)
    for verdict in compare_models(detections, detections, examples, NAMES, seed=0, resamples=50).values():
        assert verdict == {
            "difference": 0,
            "interval": [0, 0],
            "b_better": 0.5,
            "chance": 1.0,
            "within_noise": True,
        }


def test_a_model_that_finds_what_the_other_misses_is_better() -> None:
    verdict = compare_models([MISS] * 6, [HIT] * 6, [example([BOX], [0])] * 6, ("nut",), seed=0)["AP50"]
    assert verdict == {
        "difference": pytest.approx(1),
        "interval": pytest.approx([1, 1]),
        "b_better": 1.0,
        # Of 64 ways to swap, as large with none and with all of them.
        "chance": 2 / 64,
        "within_noise": False,
    }


def test_what_equal_models_may_do_on_so_few_images_is_within_noise() -> None:
    verdict = compare_models([MISS] * 4, [HIT] * 4, [example([BOX], [0])] * 4, ("nut",), seed=0)["AP50"]
    assert verdict["interval"] == pytest.approx([1, 1])
    assert (verdict["chance"], verdict["within_noise"]) == (2 / 16, True)


def test_all_ways_to_swap_are_tried_where_there_are_few_and_else_each_image_as_often_as_not() -> None:
    assert sorted(draw_swaps(2, 4, seed=0).tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1]]
    drawn = draw_swaps(9, 400, seed=0)
    assert drawn.shape == (400, 9)
    assert drawn[0].tolist() == [0] * 9
    np.testing.assert_allclose(drawn.mean(axis=0), 0.5, atol=0.1)


def test_one_box_more_in_six_images_is_within_noise() -> None:
    detections_b = [HIT] * 5 + [MISS]
    verdict = compare_models(
        [HIT] * 4 + [MISS] * 2, detections_b, [example([BOX], [0])] * 6, ("nut",), seed=0
    )["AP50"]
    assert verdict["difference"] == pytest.approx((84 - 67) / 101)
    assert verdict["interval"][0] == 0 < verdict["interval"][1]
    assert verdict["within_noise"]
    # The image that differs is not drawn in (5/6)^6 = .33 of the draws, which count half.
    assert verdict["b_better"] == pytest.approx(1 - 0.33 / 2, abs=0.03)


def test_hard_images_weigh_on_both_models_alike() -> None:
    # Each model alone is uncertain, since half of the images are hopeless; their difference is not.
    examples = [example([BOX], [0])] * 40
    loose, tight = found((HALF, 0.9, 0)), HIT
    verdict = compare_models(
        [loose] * 20 + [MISS] * 20, [tight] * 20 + [MISS] * 20, examples, ("nut",), seed=0
    )
    assert verdict["AP50"]["interval"] == [0, 0]
    assert not verdict["AP"]["within_noise"]


def test_the_order_of_the_models_turns_the_sign() -> None:
    (worse, examples), (other, _) = random_case(8), random_case(9)
    forth = compare_models(worse, other, examples, NAMES, seed=0, resamples=100)["AP"]
    back = compare_models(other, worse, examples, NAMES, seed=0, resamples=100)["AP"]
    assert back["difference"] == pytest.approx(-forth["difference"])
    assert back["interval"] == pytest.approx([-value for value in forth["interval"][::-1]])
    assert back["b_better"] == pytest.approx(1 - forth["b_better"])
    assert forth["difference"] < 0


def test_without_boxes_models_cannot_be_compared() -> None:
    assert compare_models([HIT], [MISS], [example([], [])], ("nut",), seed=0) == {"AP": None, "AP50": None}
    assert compare_models([], [], [], ("nut",), seed=0) == {"AP": None, "AP50": None}


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidExample, match="class index 1, but there are 1 classes"):
        bootstrap_interval([found()], [example([ELSEWHERE], [1])], ("nut",), seed=0)
    for pair in (([HIT], []), ([], [HIT])):
        with pytest.raises(InvalidExample, match="detections of 0 images for 1"):
            compare_models(*pair, [example([BOX], [0])], ("nut",), seed=0)
