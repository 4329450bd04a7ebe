"""What an earlier model knew of a class, a later one knows from its first step, wherever the class stands."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from ssd_core.artifacts import save_model
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact, InvalidConfig, TrainingStopped
from ssd_core.freezing import norms_within
from ssd_core.inheritance import EarlierModel, logit_rows
from ssd_core.model import build_network
from ssd_core.train_config import TrainConfig
from ssd_core.training import FitResult, fit
from ssd_core.validation import Validator
from tests.ssd_core.small_training import CONFIG, SETTINGS, run, saved_tensors, squares, stop_before

#: The earlier model's classes.
NUT, BOLT = CONFIG.classes


def _scrambled(network: keras.Model, seed: int = 3) -> keras.Model:
    """With every weight random, statistics too, so that none could be mistaken for a fresh one."""
    rng = np.random.default_rng(seed)
    network.set_weights([rng.uniform(0.1, 1.0, weight.shape) for weight in network.get_weights()])
    return network


def _saved(folder: Path, network: keras.Model, config: SSDConfig) -> Path:
    save_model(folder, network, config, {}, litert={"float32": b"not needed to go on"})
    return folder


@pytest.fixture(scope="module")
def trained(tiny_backbone: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[FitResult, Path]:
    """A model that tells nuts from bolts, and its folder."""
    settings = TrainConfig(
        steps=120, batch_size=8, validate_every=60, weights="none", augment="none", head_learning_rate=1e-2
    )
    folder = tmp_path_factory.mktemp("trained")
    result = fit(squares(40), squares(10, seed=5), CONFIG, settings, folder / "run")
    return result, _saved(folder / "model", result.network, CONFIG)


@pytest.mark.parametrize(
    ("classes", "rows"),
    [
        (("nut", "bolt"), [0, 1, 2]),
        (("bolt", "nut"), [0, 2, 1]),
        (("bolt",), [0, 2]),
        (("gear", "bolt", "pin", "nut"), [0, -1, 2, -1, 1]),
        (("gear",), [0, -1]),
    ],
)
def test_logits_go_by_name_and_the_background_stays_first(classes: tuple[str, ...], rows: list[int]) -> None:
    assert logit_rows(("nut", "bolt"), classes).tolist() == rows


@pytest.mark.parametrize(
    ("neck", "head"),
    [("pyramid", "depthwise"), ("pyramid", "plain"), ("none", "depthwise"), ("none", "plain")],
)
@pytest.mark.parametrize(
    "classes", [(NUT, BOLT), (BOLT, NUT), (BOLT,), ("gear", BOLT, "pin", NUT)], ids="-".join
)
def test_what_is_predicted_of_kept_classes_stays_the_same(
    tiny_backbone: None, tmp_path: Path, neck: Any, head: Any, classes: tuple[str, ...]
) -> None:
    before = replace(CONFIG, neck=neck, head=head, aspect_ratios=((1.0,), (0.5, 1.0)))
    after = replace(before, classes=classes)
    old = _scrambled(build_network(before, None))
    new = build_network(after, None)
    fresh = EarlierModel(_saved(tmp_path / "m", old, before), after).give_to(new)
    images = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)
    was, now = old(images).numpy(), new(images).numpy()
    np.testing.assert_array_equal(now[..., :5], was[..., :5])
    for index, name in enumerate(classes):
        if name in before.classes:
            np.testing.assert_allclose(
                now[..., 5 + index], was[..., 5 + before.classes.index(name)], rtol=1e-6
            )
    assert {path.rpartition("/")[2] for path in fresh} == {"kernel", "bias"}
    for mask in fresh.values():
        assert mask.mean() == pytest.approx(
            sum(name not in before.classes for name in classes) / (len(classes) + 1)
        )


def test_new_classes_begin_as_in_a_network_that_inherits_nothing(tiny_backbone: None, tmp_path: Path) -> None:
    after = replace(CONFIG, classes=("gear", NUT))
    new, untouched = build_network(after, None, seed=5), build_network(after, None, seed=5)
    folder = _saved(tmp_path / "m", _scrambled(build_network(CONFIG, None)), CONFIG)
    fresh = EarlierModel(folder, after).give_to(new)
    pairs = {
        one.path: (one.numpy(), other.numpy())
        for one, other in zip(new.weights, untouched.weights, strict=True)
    }
    for path, (now, start) in pairs.items():
        new_part = fresh.get(path, np.zeros(now.shape, bool))
        np.testing.assert_array_equal(now[new_part], start[new_part], err_msg=path)
        assert not (now[~new_part] == start[~new_part]).any(), path


def test_it_detects_what_it_knows_before_its_first_step(trained: tuple[FitResult, Path]) -> None:
    config = replace(CONFIG, classes=("gear", BOLT, NUT))
    validator = Validator([_as(example, config) for example in squares(10, seed=5)], config)
    EarlierModel(trained[1], config).give_to(validator.network)
    metrics = validator.metrics()
    for name in (NUT, BOLT):
        found = metrics["per_class"][name]["AP50"]
        assert found == pytest.approx(trained[0].metrics["per_class"][name]["AP50"], abs=0.1)
        assert found > 0.5


def _as(example: Any, config: SSDConfig) -> Any:
    """The same picture, its class ids those of another detector."""
    ids = [config.classes.index(CONFIG.classes[index]) for index in example.class_ids]
    return type(example)(example.name, example.image, example.boxes_xyxy, ids)


def test_the_norms_of_the_trunk_are_frozen_and_those_of_the_heads_learn(
    tiny_backbone: None, tmp_path: Path
) -> None:
    folder = _saved(tmp_path / "m", build_network(CONFIG, None), CONFIG)
    network = build_network(CONFIG, None)
    EarlierModel(folder, CONFIG).give_to(network)
    trunk = {id(norm) for norm in norms_within(network.get_layer("backbone"))}
    assert len(trunk) == 2
    for norm in norms_within(network):
        assert norm.trainable == (id(norm) not in trunk)


def test_another_input_size_and_other_scales_fit_while_the_levels_stay(
    tiny_backbone: None, tmp_path: Path
) -> None:
    folder = _saved(tmp_path / "m", _scrambled(build_network(CONFIG, None)), CONFIG)
    larger = replace(CONFIG, input_size_hw=(96, 64), scales=(0.2, 0.4, 0.8))
    network = build_network(larger, None)
    EarlierModel(folder, larger).give_to(network)
    assert all((weight.numpy() >= 0.1).all() for weight in network.weights)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"backbone": "efficientnet_lite0", "aspect_ratios": ((1.0,),) * 3, "scales": (0.1,) * 4},
            "backbone is 'efficientnet_lite0'.*has 'vgg16'",
        ),
        ({"neck": "none"}, "neck is 'none'.*has 'pyramid'"),
        ({"head": "plain"}, "head is 'plain'.*has 'depthwise'"),
        ({"aspect_ratios": ((1.0, 2.0), (1.0,))}, "aspect_ratios"),
        ({"variances": (0.1, 0.1)}, "variances"),
    ],
)
def test_another_kind_of_detector_is_refused_before_anything_is_written(
    tiny_backbone: None, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    folder = _saved(tmp_path / "m", build_network(CONFIG, None), CONFIG)
    with pytest.raises(InvalidConfig, match=f"{words}.*choose the same, or train without an earlier model"):
        fit(squares(2), [], replace(CONFIG, **change), SETTINGS, tmp_path / "run", initial=folder)
    assert not (tmp_path / "run").exists()


def _without_weights(folder: Path) -> None:
    import json

    card = json.loads((folder / "card.json").read_text())
    del card["files"]["model.weights.h5"]
    (folder / "card.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (shutil.rmtree, "is not a model"),
        (_without_weights, r"has no model\.weights\.h5, so no training can go on from it"),
        (
            lambda folder: (folder / "model.weights.h5").write_bytes(b"x"),
            r"model\.weights\.h5 is not the file",
        ),
    ],
)
def test_a_damaged_model_is_refused(
    tiny_backbone: None, tmp_path: Path, harm: Callable[[Path], object], words: str
) -> None:
    folder = _saved(tmp_path / "m", build_network(CONFIG, None), CONFIG)
    harm(folder)
    with pytest.raises(InvalidArtifact, match=words):
        fit(squares(2), [], CONFIG, SETTINGS, tmp_path / "run", initial=folder)


def test_a_run_goes_on_from_a_model_and_is_resumed_only_with_the_same_one(
    trained: tuple[FitResult, Path], tmp_path: Path
) -> None:
    settings = replace(SETTINGS, weights="imagenet", frozen="all", validate_every=6, batch_size=8)
    whole = run(tmp_path / "whole", settings, initial=trained[1])
    assert whole.metrics["AP50"] > 0.5
    with pytest.raises(TrainingStopped):
        run(tmp_path / "stopped", settings, initial=trained[1], should_stop=stop_before(3))
    other = _saved(tmp_path / "other", _scrambled(build_network(CONFIG, None)), CONFIG)
    for wrong in (None, other):
        with pytest.raises(InvalidConfig, match="another earlier model"):
            run(tmp_path / "stopped", settings, initial=wrong)
    resumed = run(tmp_path / "stopped", settings, initial=trained[1])
    for left, right in zip(whole.network.get_weights(), resumed.network.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    assert saved_tensors(tmp_path / "stopped").keys() == saved_tensors(tmp_path / "whole").keys()
