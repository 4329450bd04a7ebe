"""The receipt tells shifts in pixels, scores, AP and time; int8 is preferred if it is as good and faster."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ssd_core.boxes import change_box_format
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.errors import TrainingStopped
from ssd_core.example import Example
from ssd_core.parity import (
    FEWEST_IMAGES,
    MOST_IMAGES,
    Run,
    evenly_spread,
    parity_examples,
    parity_receipt,
    preferred_runtime,
)

#: A default box in the middle of the 64×48 input.
PLACE = 61


def network_with(config: SSDConfig, offsets: tuple[float, ...] = (0, 0, 0, 0), logit: float = 4.0) -> Run:
    """A network that gives the same for every image: a nut at one place, nothing elsewhere."""

    def run(images: np.ndarray) -> np.ndarray:
        raw = np.zeros((len(images), config.num_default_boxes, 4 + config.num_classes), np.float32)
        raw[:, :, 4] = 9
        raw[:, PLACE, :4] = offsets
        raw[:, PLACE, 4:] = 0, logit, -20
        return raw

    return run


def blank(name: str, boxes: Any = (), size_hw: tuple[int, int] = (96, 64)) -> Example:
    """A black image, twice as high as the network's input and as wide."""
    return Example(name, np.zeros((*size_hw, 3), np.uint8), boxes, [0] * len(boxes))


@pytest.fixture
def box_xyxy(tiny_config: SSDConfig) -> np.ndarray:
    """The place in pixels of a 64×96 image."""
    return change_box_format(default_boxes_of(tiny_config)[PLACE], "xyxy") * [1, 2, 1, 2]


def test_an_equal_export_has_no_differences(tiny_config: SSDConfig, box_xyxy: np.ndarray) -> None:
    run = network_with(tiny_config)
    receipt = parity_receipt(tiny_config, run, {"float32": run}, [blank("a", [box_xyxy])] * 3)
    assert receipt["images"] == 3
    assert (receipt["reference"]["AP"], receipt["reference"]["AP50"]) == (1.0, 1.0)
    export = receipt["exports"]["float32"]
    assert export.pop("milliseconds") >= 0
    assert export == {
        "AP": 1.0,
        "AP50": 1.0,
        "max_box_shift": 0.0,
        "mean_box_shift": 0.0,
        "boxes": 3,
        "unmatched": 0,
        "max_score_difference": 0.0,
    }


def test_shifts_are_in_pixels_of_the_image_and_the_largest_side_counts(
    tiny_config: SSDConfig, box_xyxy: np.ndarray
) -> None:
    # Offsets are in tenths of the default box's sides: 1 down is a tenth of its height on the image.
    height = float(box_xyxy[3] - box_xyxy[1])
    moved = network_with(tiny_config, offsets=(0, 1, 0, 0))
    examples = [blank("a"), blank("b", size_hw=(192, 64))]
    receipt = parity_receipt(tiny_config, network_with(tiny_config), {"int8": moved}, examples)
    export = receipt["exports"]["int8"]
    assert export["boxes"] == 2
    assert export["max_box_shift"] == pytest.approx(0.2 * height, rel=1e-4)
    assert export["mean_box_shift"] == pytest.approx(0.15 * height, rel=1e-4)


def test_boxes_are_compared_as_people_see_them_cut_at_the_border(tiny_config: SSDConfig) -> None:
    away, further = (network_with(tiny_config, offsets=(x, 0, 0, 0)) for x in (1000, 2000))
    receipt = parity_receipt(tiny_config, away, {"int8": further}, [blank("a")])
    assert receipt["exports"]["int8"]["max_box_shift"] == 0.0


def test_a_box_that_is_no_candidate_any_more_is_unmatched(tiny_config: SSDConfig) -> None:
    # Scores of .98 and, at a logit of -3, .047: below the .05 from which on there are candidates.
    lost = network_with(tiny_config, offsets=(5, 5, 5, 5), logit=-3)
    receipt = parity_receipt(tiny_config, network_with(tiny_config), {"int8": lost}, [blank("a")] * 2)
    export = receipt["exports"]["int8"]
    assert (export["boxes"], export["unmatched"], export["max_box_shift"]) == (0, 2, None)
    wanted = 1 / (1 + np.exp(-4)) - 1 / (1 + np.exp(3))
    assert export["max_score_difference"] == pytest.approx(wanted, rel=1e-3)


def test_boxes_that_nobody_trusts_are_not_compared(tiny_config: SSDConfig) -> None:
    # A logit of -1 is a score of .27.
    weak = network_with(tiny_config, logit=-1)
    moved = network_with(tiny_config, offsets=(9, 9, 9, 9), logit=-1)
    export = parity_receipt(tiny_config, weak, {"int8": moved}, [blank("a")])["exports"]["int8"]
    assert (export["boxes"], export["unmatched"], export["mean_box_shift"]) == (0, 0, None)


def test_each_export_has_an_ap_of_its_own(tiny_config: SSDConfig, box_xyxy: np.ndarray) -> None:
    exports = {"float32": network_with(tiny_config), "int8": network_with(tiny_config, offsets=(20, 0, 0, 0))}
    receipt = parity_receipt(tiny_config, network_with(tiny_config), exports, [blank("a", [box_xyxy])])
    assert {name: export["AP"] for name, export in receipt["exports"].items()} == {
        "float32": 1.0,
        "int8": 0.0,
    }


def test_without_images_or_boxes_the_receipt_says_that_it_knows_nothing(tiny_config: SSDConfig) -> None:
    run = network_with(tiny_config)
    for examples in ([], [blank("a")]):
        receipt = parity_receipt(tiny_config, run, {"float32": run}, examples)
        assert receipt["images"] == len(examples)
        assert receipt["exports"]["float32"]["AP"] is None
        assert (receipt["reference"]["milliseconds"] is None) == (not examples)
        json.dumps(receipt, allow_nan=False)


def test_the_time_is_the_median_of_the_fastest_calls_and_the_first_call_does_not_count(
    tiny_config: SSDConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("ssd_core.parity.time.perf_counter", lambda: now[0])
    # Seconds: one to warm up, three for each of two timed images; the third image is not timed.
    monkeypatch.setattr("ssd_core.parity.TIMED_IMAGES", 2)
    durations = iter([90, 3, 2, 4, 9, 8, 6, 50])
    answer = network_with(tiny_config)

    def slow(images: np.ndarray) -> np.ndarray:
        now[0] += next(durations)
        return answer(images)

    receipt = parity_receipt(tiny_config, answer, {"int8": slow}, [blank("a")] * 3)
    assert receipt["exports"]["int8"]["milliseconds"] == 4000
    assert list(durations) == []


def test_the_caller_is_asked_before_each_image(tiny_config: SSDConfig) -> None:
    asked: list[None] = []

    def on_image() -> None:
        asked.append(None)
        if len(asked) == 3:
            raise TrainingStopped("cancel", 7)

    run = network_with(tiny_config)
    with pytest.raises(TrainingStopped):
        parity_receipt(tiny_config, run, {"float32": run}, [blank("a")] * 5, on_image=on_image)
    assert len(asked) == 3


def test_validation_images_are_filled_up_with_training_images_where_they_are_few() -> None:
    train = [blank(f"train {index}") for index in range(100)]
    val = [blank(f"val {index}") for index in range(200)]
    names = [example.name for example in parity_examples(train, val[:8])]
    assert names[:8] == [f"val {index}" for index in range(8)]
    assert names[8:] == [f"train {index * 100 // 12}" for index in range(12)]
    assert [example.name for example in parity_examples(train[:3], [])] == ["train 0", "train 1", "train 2"]
    assert parity_examples(train, val[:FEWEST_IMAGES]) == val[:FEWEST_IMAGES]
    many = parity_examples(train, val)
    assert len(many) == MOST_IMAGES
    assert set(many) <= set(val)


@pytest.mark.parametrize(("count", "most"), [(0, 5), (3, 5), (5, 5), (99, 5), (7, 0)])
def test_evenly_spread_examples_are_different_ones_in_order(count: int, most: int) -> None:
    examples = [blank(str(index)) for index in range(count)]
    chosen = [int(example.name) for example in evenly_spread(examples, most)]
    assert len(chosen) == min(count, most)
    assert chosen == sorted(set(chosen))
    gaps = np.diff(chosen)
    assert not len(gaps) or gaps.max() - gaps.min() <= 1


def receipt_of(float32: dict[str, Any], int8: dict[str, Any] | None) -> dict[str, Any]:
    return {"exports": {"float32": float32, **({} if int8 is None else {"int8": int8})}}


def measured(ap: float | None, milliseconds: float) -> dict[str, Any]:
    return {"AP": ap, "milliseconds": milliseconds}


Case = tuple[dict[str, Any], dict[str, Any] | None, str, str]


@pytest.mark.parametrize(
    "case",
    [
        (measured(0.6, 12), measured(0.595, 5), "int8", "lowers AP by 0.005 and takes 5.0 ms where float32"),
        (measured(0.6, 12), measured(0.62, 5), "int8", "int8 raises AP by 0.020"),
        (measured(0.6, 12), measured(0.6004, 5), "int8", "int8 does not change AP"),
        (measured(0.5, 12), measured(0.489, 5), "float32", "lowers AP by 0.011, which is more than 0.01."),
        (measured(0.6, 5), measured(0.6, 5), "float32", "int8 is not faster on this machine"),
        (measured(None, 5), measured(None, 4), "float32", "no labelled boxes"),
        (measured(0.6, 5), None, "float32", "There is no int8 export."),
        (measured(0.6, 5), {"failed": "The network has a hole."}, "float32", "The network has a hole."),
    ],
)  # fmt: skip
def test_int8_is_preferred_if_it_is_as_good_and_faster(case: Case) -> None:
    float32, int8, runtime, words = case
    chosen, reason = preferred_runtime(receipt_of(float32, int8))
    assert chosen == runtime
    assert words in reason
    assert reason.endswith(".")


def test_a_loss_of_exactly_the_limit_is_accepted() -> None:
    # 0.51 - 0.5 is a little more than 0.01 in binary.
    assert preferred_runtime(receipt_of(measured(0.51, 12), measured(0.5, 5)))[0] == "int8"


def test_real_exports_of_a_known_network_agree(
    tiny_config: SSDConfig, tiny_network: Any, saved_model: Any, litert_run: Callable[[str], Run]
) -> None:
    from ssd_core.tensorflow_backend import TensorFlowBackend

    red, blue = (np.full((96, 64, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    box = np.clip(
        change_box_format(default_boxes_of(tiny_config)[50], "xyxy") * [1, 2, 1, 2], 0, [64, 96] * 2
    )
    examples = [Example("red", red, [box], [0]), Example("blue", blue, [box], [1])]
    receipt = parity_receipt(
        tiny_config,
        TensorFlowBackend(tiny_config, tiny_network).run,
        {name: litert_run(name) for name in ("float32", "int8")},
        examples,
    )
    for export in receipt["exports"].values():
        assert (export["AP"], export["boxes"], export["unmatched"]) == (1.0, 2, 0)
        assert export["milliseconds"] > 0
    assert receipt["exports"]["float32"]["max_box_shift"] < 1e-3
    assert receipt["exports"]["float32"]["max_score_difference"] < 1e-5
    assert 0 < receipt["exports"]["int8"]["max_score_difference"] < 0.02


@pytest.fixture
def litert_run(tiny_config: SSDConfig, saved_model: Any) -> Callable[[str], Run]:
    """The saved LiteRT network of a precision."""
    from ssd_core.litert_backend import LiteRTBackend

    return lambda name: LiteRTBackend(tiny_config, (saved_model / f"model.{name}.tflite").read_bytes()).run
