"""A detector and its training are described by values that refuse nonsense and survive JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssd_core.config import BACKBONE_STRIDES, SSDConfig, config
from ssd_core.errors import InvalidConfig
from ssd_core.train_config import PRESETS, TrainConfig


def test_ssd300_has_the_paper_s_levels_and_8732_boxes() -> None:
    ssd300 = SSDConfig(("raccoon",))
    assert [height for height, _ in ssd300.feature_sizes_hw] == [38, 19, 10, 5, 3, 1]
    assert ssd300.boxes_per_cell == (4, 6, 6, 6, 4, 4)
    assert ssd300.num_default_boxes == 8732
    assert ssd300.num_classes == 2


def test_ssd512_has_seven_levels_and_24564_boxes() -> None:
    ssd512 = SSDConfig(("raccoon",), input_size_hw=(512, 512))
    assert [height for height, _ in ssd512.feature_sizes_hw] == [64, 32, 16, 8, 4, 2, 1]
    assert ssd512.num_default_boxes == 24564


def test_height_and_width_are_halved_each_on_its_own() -> None:
    assert SSDConfig(("a",), input_size_hw=(96, 200)).feature_sizes_hw == (
        (12, 25),
        (6, 13),
        (3, 7),
        (1, 4),
        (1, 2),
        (1, 1),
    )


def test_a_detector_survives_json_and_stays_equal() -> None:
    given = SSDConfig(("nut", "bolt"), input_size_hw=(128, 96), head="plain", steps=(8, 16, 32, 64, 96, 128))
    assert SSDConfig.from_json(json.dumps(given.to_json())) == given
    assert SSDConfig.from_json(given.to_json()) == given


names = st.text(min_size=1, max_size=9).filter(lambda name: bool(name.strip()))
detectors = st.builds(
    SSDConfig,
    classes=st.lists(names, min_size=1, max_size=4, unique=True),
    input_size_hw=st.tuples(st.integers(32, 700), st.integers(32, 700)),
    backbone=st.sampled_from(list(BACKBONE_STRIDES)),
    neck=st.sampled_from(["pyramid", "none"]),
    head=st.sampled_from(["depthwise", "plain"]),
    variances=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)),
    clip_default_boxes=st.booleans(),
)


@given(detectors)
def test_any_detector_survives_json_with_every_bit_of_its_numbers(given_config: SSDConfig) -> None:
    again = SSDConfig.from_json(json.dumps(given_config.to_json()))
    assert again == given_config
    assert hash(again) == hash(given_config)
    assert again.num_default_boxes == given_config.num_default_boxes


def test_lists_and_tuples_whole_and_broken_numbers_describe_the_same_detector() -> None:
    one = SSDConfig(("nut",), (96, 96), scales=(1, 2, 3, 4), aspect_ratios=((1,),) * 3, steps=(8, 16, 32))
    other = SSDConfig(
        ["nut"],  # type: ignore[arg-type]
        [96, 96],  # type: ignore[arg-type]
        scales=[1.0, 2.0, 3.0, 4.0],  # type: ignore[arg-type]
        aspect_ratios=[[1.0]] * 3,  # type: ignore[arg-type]
        steps=[8.0, 16.0, 32.0],  # type: ignore[arg-type]
    )
    assert one == other
    assert hash(one) == hash(other)


def test_a_training_survives_json_and_stays_equal() -> None:
    given = TrainConfig.preset("balanced", seed=7, augment="light")
    assert TrainConfig.from_json(json.dumps(given.to_json())) == given


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("classes", ()),
        ("classes", ("nut", "nut")),
        ("classes", (" ",)),
        ("classes", "nut"),
        ("classes", None),
        ("classes", (1,)),
        ("input_size_hw", 300),
        ("input_size_hw", (300,)),
        ("input_size_hw", (16, 300)),
        ("input_size_hw", (300.0, 300.0)),
        ("backbone", "alexnet"),
        ("backbone", ["resnet50"]),
        ("head", "heavy"),
        ("neck", "long"),
        ("scales", (0.1, 0.2)),
        ("scales", (0.1, 0.2, 0.37, 0.54, 0.71, 0.88, -1.0)),
        ("scales", 0.1),
        ("scales", ("a",) * 7),
        ("aspect_ratios", (1.0,) * 6),
        ("aspect_ratios", ("12",) * 6),
        ("aspect_ratios", ((1.0,), ())),
        ("aspect_ratios", ((1.0, 1.0),) * 6),
        ("aspect_ratios", ((1.0,),) * 2),
        ("steps", (8.0,)),
        ("steps", 8),
        ("steps", ("a",) * 6),
        ("variances", (0.1, 0.0)),
        ("variances", 0.1),
        ("clip_default_boxes", "no"),
        ("clip_default_boxes", 1),
    ],
)
def test_a_detector_that_makes_no_sense_is_refused_by_field(field: str, value: Any) -> None:
    with pytest.raises(InvalidConfig, match=f"setting {field} is"):
        SSDConfig(**{"classes": ("nut",), field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("steps", 0),
        ("steps", 2.5),
        ("batch_size", True),
        ("seed", -1),
        ("head_learning_rate", 0.0),
        ("backbone_learning_rate", float("nan")),
        ("match_iou", 1.5),
        ("ema_decay", 1.0),
        ("frozen", "some"),
        ("augment", "wild"),
        ("weights", "coco"),
    ],
)
def test_a_training_that_makes_no_sense_is_refused_by_field(field: str, value: Any) -> None:
    with pytest.raises(InvalidConfig, match=f"setting {field} is"):
        TrainConfig(**{field: value})


def test_random_weights_cannot_be_frozen() -> None:
    with pytest.raises(InvalidConfig, match="frozen"):
        TrainConfig(weights="none", frozen="all")


def test_unknown_settings_and_presets_are_named() -> None:
    with pytest.raises(InvalidConfig, match="no setting 'colour'"):
        SSDConfig.from_json({"classes": ["nut"], "colour": "red"})
    with pytest.raises(InvalidConfig, match="'classes'"):
        SSDConfig.from_json({"backbone": "resnet50"})
    with pytest.raises(InvalidConfig, match="SSDConfig is not valid JSON"):
        SSDConfig.from_json('{"classes":')
    with pytest.raises(InvalidConfig, match="no preset 'fast'"):
        TrainConfig.preset("fast")
    with pytest.raises(InvalidConfig, match="no setting 'speed'"):
        TrainConfig.preset("quick", speed=9)


def test_presets_are_steps_that_grow_and_none_overrides_nothing() -> None:
    steps = [TrainConfig.preset(name).steps for name in PRESETS]
    assert steps == sorted(set(steps))
    quick = TrainConfig.preset("quick", steps=None, seed=3)
    assert (quick.name, quick.steps, quick.seed) == ("quick", TrainConfig.preset("quick").steps, 3)
    assert TrainConfig.preset("quick", steps=2).steps == 2


def test_the_notebook_s_dictionary_has_its_keys() -> None:
    assert list(config) == [
        "input_shape",
        "scales",
        "aspect_ratios",
        "feature_sizes",
        "clip_default_boxes",
        "num_classes",
        "batch_size",
    ]
    assert config["input_shape"] == [300, 300]
    assert config["scales"] == [0.1, 0.2, 0.37, 0.54, 0.71, 0.88, 1.05]
