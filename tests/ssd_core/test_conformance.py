"""The traps that detectors fall into, one by one: each test is named for a rule that other programs break.

`make mutations` breaks each rule on purpose and sees its test fail (tests/mutations.py). The numbers in the
comments count the traps.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from ssd_core.augment import augment
from ssd_core.averaging import WeightAverage
from ssd_core.backbones import efficientnet_lite0, resnet50, vgg16
from ssd_core.backbones.l2_norm import L2Norm
from ssd_core.boxes import decode_boxes, iou_matrix_xyxy
from ssd_core.candidates import Candidates, candidates
from ssd_core.config import BACKBONE_STRIDES, SSDConfig, config
from ssd_core.decoding import DecodePredictions
from ssd_core.default_boxes import DefaultBoxes, default_boxes_of
from ssd_core.errors import InvalidConfig, InvalidExample
from ssd_core.example import Example
from ssd_core.image_store import ImageStore
from ssd_core.learner import Learner
from ssd_core.losses import SSDClsLoss, SSDLocLoss, classification_sums, localisation_sums
from ssd_core.matching import LabelEncoder
from ssd_core.model import build_network
from ssd_core.nms import non_max_suppression
from ssd_core.pipeline import Batch, prepare_images, training_batches
from ssd_core.preprocess import load_rgb, resize_for_network
from ssd_core.selection import BestWeights
from ssd_core.train_config import TrainConfig
from ssd_core.training import FitResult, fit
from ssd_core.views import Labelled
from ssd_core.windows import CROP_MIN_IOU, crop, crop_demand

ROOT = Path(__file__).parents[2]
VARIANCES = (0.1, 0.2)
PAPER_STEPS = (8, 16, 32, 64, 100, 300)
#: A detector of one class whose three levels lie on a trunk of three layers.
TOY = SSDConfig(
    ("nut",), input_size_hw=(64, 64), scales=(0.3, 0.45, 0.6, 0.9), aspect_ratios=((1.0, 2.0),) * 3
)


def _small_trunk(
    name: str, size_hw: tuple[int, int], weights: Any, seed: int = 0, *, norms: bool = True
) -> keras.Model:
    image = keras.Input((*size_hw, 3))
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128)(image)
    maps = []
    for index, stride in enumerate((8, 2, 2)):
        start = keras.initializers.HeNormal(seed=seed + index)
        x = keras.layers.Conv2D(16, 2 * stride - 1, stride, "same", kernel_initializer=start)(x)
        if norms:
            x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.ReLU(6.0)(x)
        maps.append(x)
    return keras.Model(image, maps, name="backbone")


@pytest.fixture
def small_trunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three layers in place of sixty, so that training takes seconds."""
    monkeypatch.setattr("ssd_core.model.build_backbone", _small_trunk)


@pytest.fixture
def half_precision() -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


class ToyRun(NamedTuple):
    """A training on four pictures, and with which scores it offered its states as the best."""

    result: FitResult
    offers: list[tuple[int, float]]


@pytest.fixture(scope="module")
def toy_run(tmp_path_factory: pytest.TempPathFactory) -> ToyRun:
    offers: list[tuple[int, float]] = []
    offer = BestWeights.offer

    def noted(self: BestWeights, network: keras.Model, score: float, step: int) -> bool:
        offers.append((step, score))
        return offer(self, network, score, step)

    examples = _squares(4)
    settings = TrainConfig(
        steps=80, batch_size=4, validate_every=40, weights="none", augment="none", head_learning_rate=1e-2
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ssd_core.model.build_backbone", _small_trunk)
        patch.setattr(BestWeights, "offer", noted)
        return ToyRun(fit(examples, examples, TOY, settings, tmp_path_factory.mktemp("toy")), offers)


def _squares(count: int, seed: int = 0) -> list[Example]:
    """Dark pictures with one bright square."""
    rng = np.random.default_rng(seed)
    examples = []
    for index in range(count):
        image = rng.integers(0, 60, (64, 64, 3), np.uint8)
        x, y = rng.integers(0, 40, 2)
        image[y : y + 24, x : x + 24] = 230
        examples.append(Example(f"square {index}", image, [[x, y, x + 24, y + 24]], [0]))
    return examples


def _losses(boxes: Any, ids: Any, prediction: Any, encoder: LabelEncoder) -> tuple[Any, Any]:
    offsets, classes = encoder.encode(boxes, ids)
    target = tf.concat([offsets, tf.cast(classes, tf.float32)[:, None]], 1)[None]
    return SSDLocLoss()(target, prediction), SSDClsLoss()(target, prediction)


def _mined(logits: list[list[float]], classes: list[int], **how: float) -> list[int]:
    """The default boxes that are called background and get a gradient."""
    tensor = tf.Variable([logits], dtype=tf.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(classification_sums(tf.constant([classes]), tensor, **how))
    gradient = tape.gradient(loss, tensor).numpy()[0]
    return np.flatnonzero(gradient[:, 0] < -1e-9).tolist()


# 1. A box without area, or off the image, becomes log(0) somewhere and then "not a number" everywhere.


@pytest.mark.parametrize(
    "box",
    [
        [5, 5, 5, 20],
        [5, 5, 20, 5],
        [20, 5, 5, 20],
        [5, 20, 20, 5],
        [5, 5, math.nan, 20],
        [-1, 5, 20, 20],
        [5, 5, 65, 20],
        [5, 5, 20, 65],
        [70, 70, 90, 90],
    ],
)
def test_a_degenerate_or_off_image_box_is_refused_by_name(box: list[float]) -> None:
    with pytest.raises(InvalidExample, match=r"Image 'odd': box 1 \["):
        Example("odd", np.zeros((64, 64, 3), np.uint8), [[0, 0, 9, 9], box], [0, 0])


def test_degenerate_boxes_that_reach_the_targets_leave_loss_and_gradient_finite() -> None:
    rng = np.random.default_rng(0)
    encoder = LabelEncoder(default_boxes_of(TOY), 0.5)
    for _ in range(20):
        first, second = rng.uniform(-60, 120, (2, 6, 2)).round()
        boxes = np.concatenate([first, second], 1)
        boxes[0, 2] = boxes[0, 0]
        prediction = tf.Variable(tf.random.stateless_normal([1, TOY.num_default_boxes, 6], [1, 2]))
        with tf.GradientTape() as tape:
            loss = tf.add_n(_losses(boxes, [0] * 6, prediction, encoder))
        assert np.isfinite(loss)
        assert np.isfinite(tape.gradient(loss, prediction)).all()


# 2. Rows that only pad an image's boxes to a common number match default box 0 or become "not a number".


@pytest.mark.parametrize("objects", [0, 2])
def test_padding_rows_change_no_target(objects: int) -> None:
    boxes = np.array([[10, 8, 40, 30], [30, 30, 60, 60]], np.float32)[:objects]
    encoder = LabelEncoder(default_boxes_of(TOY), 0.5)
    plain = encoder.encode(boxes, [0, 0][:objects])
    somewhere = np.tile(np.array([[4, 4, 30, 30]], np.float32), (100, 1))
    for rows, label in ((np.zeros((100, 4)), 0), (np.full((100, 4), -1.0), 0), (somewhere, -1)):
        padded = encoder.encode(np.concatenate([rows, boxes]), [label] * 100 + [0] * objects)
        for expected, found in zip(plain, padded, strict=True):
            np.testing.assert_array_equal(expected, found)


# 3. An image without objects crashes, divides by zero, or teaches nothing.


def test_a_batch_of_empty_images_has_a_finite_loss_that_teaches_the_classes() -> None:
    target, prediction = tf.zeros([2, 20, 5]), tf.Variable(tf.zeros([2, 20, 4 + 2]))
    with tf.GradientTape() as tape:
        loss = SSDLocLoss()(target, prediction) + SSDClsLoss()(target, prediction)
    gradient = tape.gradient(loss, prediction).numpy()
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()
    assert (np.abs(gradient[..., 4:]).sum((1, 2)) > 0).all()


@pytest.mark.usefixtures("small_trunk")
def test_empty_images_are_trained_on_and_leave_the_weights_finite(tmp_path: Path) -> None:
    empty = [Example(f"empty {index}", np.full((64, 64, 3), 90, np.uint8)) for index in range(2)]
    settings = TrainConfig(steps=2, batch_size=2, weights="none", augment="none", warmup_fraction=0)
    prepared = prepare_images(empty, TOY, ImageStore(tmp_path / "images.raw"))
    learner = Learner(TOY, settings, tf.distribute.get_strategy())
    before = learner.network.get_layer("logits").get_weights()[0]
    for batch in training_batches(prepared, TOY, settings, 0):
        assert np.isfinite(learner.train_on(batch).loss)
    after = learner.network.get_layer("logits").get_weights()[0]
    assert np.isfinite(after).all()
    assert not np.array_equal(before, after)


# 4. Two objects have the same best default box, and the later one takes it from the earlier.


def test_objects_that_share_a_best_default_box_both_keep_one_in_any_order() -> None:
    defaults = [[15, 5, 10, 10], [25, 5, 10, 10], [90, 90, 10, 10]]
    # Both overlap the first default box most; one of them also touches the second.
    objects, ids = [[10, 0, 20, 9], [12, 0, 22, 8]], [0, 1]
    for order in ([0, 1], [1, 0]):
        _, classes = LabelEncoder(defaults, 0.9).encode([objects[i] for i in order], [ids[i] for i in order])
        assert classes.numpy().tolist() == [1, 2, 0]


def test_every_object_owns_a_default_box_however_small_or_crowded() -> None:
    rng = np.random.default_rng(1)
    encoder = LabelEncoder(DefaultBoxes(**config), 0.5)
    for _ in range(3):
        low = rng.uniform(100, 160, (25, 2))
        objects = np.concatenate([low, low + rng.uniform(3, 60, (25, 2))], 1).astype(np.float32)
        found = encoder.encode(objects, np.arange(25))[1].numpy()
        assert set(range(1, 26)) <= set(found.tolist())


# 5. A log-sum-exp that subtracts the largest logit of the whole batch underflows to log(0).


def test_the_class_loss_of_extreme_logits_is_that_of_the_framework() -> None:
    logits = np.array([[80, -80, 0], [-80, -80, -80], [-80, 80, 79], [0, -80, 80]], np.float32)
    labels = np.array([0, 0, 2, 1])
    exact = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")(labels, logits)
    sums = classification_sums(labels[None], logits[None])
    assert np.isfinite(sums).all()
    np.testing.assert_allclose(sums[0], exact, rtol=1e-6)


def test_scores_are_those_of_each_box_whatever_the_logits_of_the_others() -> None:
    logits = np.array([[80, -80], [-80, -80], [-80, 80]], np.float32)
    prediction = np.concatenate([np.zeros((3, 4), np.float32), logits], 1)
    defaults = np.array([[10, 10, 8, 8], [30, 10, 8, 8], [50, 10, 8, 8]], np.float32)
    found = candidates(prediction, defaults, VARIANCES, (60, 60), (60, 60))
    assert found.scores.tolist() == [1, 0.5]
    assert found.boxes_xyxy[:, 0].tolist() == [46, 26]


# 6. Positives are ranked among the negatives and use up their places.


@pytest.mark.parametrize(
    ("classes", "how", "count"),
    [
        ([1, 1] + [0] * 8, {}, 6),
        ([1, 1, 1] + [0] * 3, {}, 3),
        ([1] * 4, {}, 0),
        ([1, -1, -1, 0, 0, 0, 0], {"negative_ratio": 9.0}, 4),
        ([0] * 9, {"negative_floor": 5}, 5),
    ],
)
def test_the_mined_are_negatives_only_and_three_per_positive_as_far_as_there_are(
    classes: list[int], how: dict[str, float], count: int
) -> None:
    # What is no negative looks harder than the negatives, so a ranking of all would take it first.
    logits = [{1: [9.0, -9.0], -1: [-9.0, 9.0], 0: [2.0, 0.0]}[label] for label in classes]
    mined = _mined(logits, classes, **how)
    assert len(mined) == count
    assert all(classes[index] == 0 for index in mined)
    sums = classification_sums(np.array([classes]), np.array([logits], np.float32), **how)
    assert float(sums[0]) == pytest.approx(classes.count(1) * 18 + count * math.log1p(math.exp(-2)), rel=1e-5)


def test_the_mined_are_the_hardest() -> None:
    # Background logits 0, 1, 2 …: the least sure come first.
    logits = [[0.0, 9.0], *([float(sure), 0.0] for sure in range(8))]
    assert _mined(logits, [1] + [0] * 8) == [1, 2, 3]


# 7. The framework's smooth L1 averages over the last axis, and boxes get a quarter of the weight.


def test_the_localisation_loss_sums_over_the_four_offsets() -> None:
    # Distances .5, 1, 2 and 0: .125 + .5 + 1.5 + 0.
    predicted = tf.constant([[[0.5, 1.0, -2.0, 0.0]]])
    assert localisation_sums(tf.zeros([1, 1, 4]), tf.constant([[1]]), predicted).numpy() == [2.125]


# 8. The number of positives is taken per image or per device instead of over the whole batch.


def test_losses_are_divided_by_the_positives_of_the_batch_not_of_each_image() -> None:
    target = np.zeros((2, 10, 5), np.float32)
    target[0, :3, 4] = target[1, 0, 4] = 1
    target[:, 0, :4] = 2
    prediction = tf.zeros([2, 10, 6])
    # Each image has one default box that is off by 2 four times: 4 × 1.5.
    assert SSDLocLoss()(target, prediction).numpy() == pytest.approx(2 * 6 / 4)
    # Image 0 has three positives and seven negatives, all taken; image 1 has one and three.
    assert SSDClsLoss()(target, prediction).numpy() == pytest.approx((10 + 4) * math.log(2) / 4)


def print_losses_of_one_and_two_devices() -> None:
    """Run in a process of its own, because devices are divided before TensorFlow starts."""
    import ssd_core.model

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    # The trunk of a pretrained detector has frozen norms; only the new layers' norms see the batch.
    ssd_core.model.build_backbone = functools.partial(_small_trunk, norms=False)  # type: ignore[assignment]
    settings = TrainConfig(steps=9, batch_size=8, weights="none", warmup_fraction=0)
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 255, (8, 64, 64, 3)).astype(np.float32)
    encoder = LabelEncoder(default_boxes_of(TOY), 0.5)
    # Many objects in the first half of the batch, few in the second.
    objects = [[[5, 5, 30, 25], [30, 30, 60, 50], [2, 40, 25, 60]]] * 4 + [[[9, 9, 50, 40]]] * 2 + [[]] * 2
    targets = [encoder.encode(np.reshape(boxes, (-1, 4)), [0] * len(boxes)) for boxes in objects]
    whole = Batch(
        images,
        np.stack([offsets for offsets, _ in targets]),
        np.stack([classes for _, classes in targets]),
        np.arange(8),
    )
    answer = {}
    for name, strategy in (
        ("one", tf.distribute.get_strategy()),
        ("two", tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])),
    ):
        learner = Learner(TOY, settings, strategy)
        batch = whole if name == "one" else Batch(*(_halved(strategy, part) for part in whole))
        losses = [float(learner.train_on(batch).loss) for _ in range(3)]
        weights = [float(np.mean(np.abs(weight))) for weight in learner.network.get_weights()]
        answer[name] = {"losses": losses, "weights": weights}
    print("ANSWER", json.dumps(answer))


def _halved(strategy: tf.distribute.Strategy, values: Any) -> Any:
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(values[4 * context.replica_id_in_sync_group :][:4])
    )


def test_two_devices_with_four_images_each_learn_as_one_with_eight() -> None:
    code = "from tests.ssd_core.test_conformance import *; print_losses_of_one_and_two_devices()"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )
    assert run.returncode == 0, run.stderr[-3000:]
    line = next(line for line in run.stdout.splitlines() if line.startswith("ANSWER "))
    answer = json.loads(line.removeprefix("ANSWER "))
    np.testing.assert_allclose(answer["two"]["losses"], answer["one"]["losses"], rtol=1e-5)
    np.testing.assert_allclose(answer["two"]["weights"], answer["one"]["weights"], rtol=1e-4, atol=1e-6)


# 9. Width and height, or x and y, are swapped; square inputs and square boxes do not show it.

WIDE = SSDConfig(("nut",), input_size_hw=(320, 512))


def test_default_boxes_of_a_wide_input_are_wide_and_run_along_rows() -> None:
    boxes = default_boxes_of(WIDE)
    scale = WIDE.scales[0]
    np.testing.assert_allclose(boxes[1], [4, 4, scale * 512, scale * 320], rtol=1e-6)
    np.testing.assert_allclose(boxes[0, 2:], [scale * 512 * 0.5**0.5, scale * 320 / 0.5**0.5], rtol=1e-6)
    assert boxes[4, :2].tolist() == [12, 4]
    assert boxes[64 * 4, :2].tolist() == [4, 12]


def test_a_picture_s_box_comes_back_through_targets_and_detection(tmp_path: Path) -> None:
    image = np.zeros((200, 700, 3), np.uint8)
    box = [500, 40, 650, 90]
    image[40:90, 500:650] = 250
    settings = TrainConfig(steps=1, batch_size=1, augment="none")
    prepared = prepare_images([Example("wide", image, [box], [0])], WIDE, ImageStore(tmp_path / "raw"))
    batch = next(iter(training_batches(prepared, WIDE, settings, 0)))
    # The pixels lie where the box says: x × 512 ÷ 700, y × 320 ÷ 200.
    rows, columns = np.nonzero(batch.images[0, ..., 0].numpy() > 125)
    np.testing.assert_allclose(
        [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], [365.7, 64, 475.4, 144], atol=1
    )
    sure = 20 * tf.one_hot(batch.classes[0], 2)
    prediction = tf.concat([batch.offsets[0], sure], 1).numpy()
    found = candidates(prediction, default_boxes_of(WIDE), VARIANCES, (320, 512), (200, 700))
    assert len(found) >= 1
    np.testing.assert_allclose(found.boxes_xyxy, np.tile(box, (len(found), 1)), atol=0.01)


def test_a_box_beyond_a_wide_image_is_clipped_to_its_own_sides() -> None:
    prediction = np.array([[0, 0, 0, 0, 0, 9]], np.float32)
    default = np.array([[250, 150, 900, 900]], np.float32)
    found = candidates(prediction, default, VARIANCES, (320, 512), (320, 512))
    assert found.boxes_xyxy.tolist() == [[0, 0, 512, 320]]


@pytest.mark.usefixtures("small_trunk")
def test_a_spot_in_a_wide_picture_changes_the_predictions_of_the_default_boxes_there() -> None:
    wide = SSDConfig(("nut",), (128, 256), neck="none", scales=TOY.scales, aspect_ratios=TOY.aspect_ratios)
    network = build_network(wide, None)
    dark = np.zeros((1, 128, 256, 3), np.float32)
    spot = dark.copy()
    spot[0, 28:36, 196:204] = 255
    change = np.abs(network(spot).numpy() - network(dark).numpy()).sum(-1)[0]
    finest = default_boxes_of(wide)[: 16 * 32 * 3]
    cx, cy, _, _ = finest[change[: len(finest)].argmax()]
    assert abs(cx - 200) <= 12
    assert abs(cy - 32) <= 12


# 10. TensorFlow's combined NMS takes y before x and clips to 0..1.


def test_pixel_boxes_survive_suppression_with_x_before_y() -> None:
    defaults = np.array([[200, 40, 150, 30], [204, 40, 150, 30], [60, 250, 20, 90]], np.float32)
    prediction = np.zeros((1, 3, 6), np.float32)
    prediction[0, :, 5] = [4, 3, 2]
    decoded = DecodePredictions(defaults, 0.45, 0.01)(prediction)
    assert decoded.counts.numpy().tolist() == [2]
    assert decoded.boxes_xyxy.numpy()[0, :2].tolist() == [[125, 25, 275, 55], [50, 205, 70, 295]]


# 11. The background is the first class here and the last one elsewhere; a user's class 0 is taken for it.


def test_a_toy_of_one_class_is_learnt_by_heart(toy_run: ToyRun) -> None:
    assert toy_run.result.metrics["AP50"] > 0.95


def test_class_0_of_the_user_is_target_1_and_comes_back_as_0() -> None:
    defaults = np.array([[20, 20, 20, 20]], np.float32)
    _, classes = LabelEncoder(defaults, 0.5).encode([[10, 10, 30, 30]], [0])
    assert classes.numpy().tolist() == [1]
    prediction = tf.concat([tf.zeros([1, 4]), 9.0 * tf.one_hot(classes, 2)], 1).numpy()
    found = candidates(prediction, defaults, VARIANCES, (64, 64), (64, 64))
    assert found.class_ids.tolist() == [0]
    assert found.scores[0] > 0.99


# 12. "Clip" means three things: corners, centres, or sides. 13. Centres come from the steps, not the map.


def _golden(steps: tuple[int, ...], clip: bool) -> list[list[float]]:
    """The default boxes of SSD300 one by one, from the paper's description."""
    scales, rows = config["scales"], []
    for level, cells in enumerate(config["feature_sizes"]):
        sizes = [(scales[level] * r**0.5, scales[level] / r**0.5) for r in config["aspect_ratios"][level]]
        sizes.append(((scales[level] * scales[level + 1]) ** 0.5,) * 2)
        for row, column, (w, h) in itertools.product(range(cells), range(cells), sizes):
            cx, cy = (column + 0.5) * steps[level], (row + 0.5) * steps[level]
            x0, y0, x1, y1 = cx - 150 * w, cy - 150 * h, cx + 150 * w, cy + 150 * h
            if clip:
                x0, y0, x1, y1 = (min(max(value, 0), 300) for value in (x0, y0, x1, y1))
            rows.append([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0])
    return rows


def test_clipping_cuts_corners_on_request_and_moves_nothing_else() -> None:
    clipped = DefaultBoxes(**{**config, "clip_default_boxes": True, "steps": PAPER_STEPS}).boxes
    np.testing.assert_allclose(clipped, _golden(PAPER_STEPS, clip=True), atol=1e-3)
    whole = DefaultBoxes(**config, steps=PAPER_STEPS).boxes
    np.testing.assert_allclose(whole, _golden(PAPER_STEPS, clip=False), atol=1e-3)
    # Clamped centres would move these 114, clamped sides would cut these 20.
    assert (whole[:, :2].max(1) > 300).sum() == 114
    assert (whole[:, 2:].max(1) > 300).sum() == 20


def test_centres_follow_the_steps_not_the_size_of_the_map() -> None:
    rounded_up = (8, 16, 30, 60, 100, 300)
    boxes = DefaultBoxes(**config).boxes
    np.testing.assert_allclose(boxes, _golden(rounded_up, clip=False), atol=1e-3)
    assert boxes[38 * 38 * 4 - 1, :2].tolist() == [300, 300]
    given = DefaultBoxes(**config, steps=PAPER_STEPS).boxes
    level_2 = 38 * 38 * 4 + 19 * 19 * 6
    assert given[level_2, :2].tolist() == [16, 16]
    assert given[level_2 + 10 * 10 * 6 - 1, :2].tolist() == [304, 304]


# 14. The coarse maps of SSD512 come out as 6 and 4 cells instead of 4 and 2.


@pytest.mark.parametrize("backbone", list(BACKBONE_STRIDES))
def test_ssd300_has_8732_default_boxes_and_ssd512_24564(backbone: str) -> None:
    ssd300 = SSDConfig(("nut",), (300, 300), backbone)
    ssd512 = SSDConfig(("nut",), (512, 512), backbone)
    assert [rows for rows, _ in ssd300.feature_sizes_hw] == [38, 19, 10, 5, 3, 1]
    assert [rows for rows, _ in ssd512.feature_sizes_hw] == [64, 32, 16, 8, 4, 2, 1]
    assert (len(default_boxes_of(ssd300)), len(default_boxes_of(ssd512))) == (8732, 24564)


def test_the_paper_s_network_predicts_24564_boxes_at_512() -> None:
    network = build_network(SSDConfig(("nut",), (512, 512), "vgg16", neck="none", head="plain"), None)
    assert network.output_shape == (None, 24564, 4 + 2)


# 15. The size 300 stands somewhere in the code.


@pytest.mark.parametrize("side", [256, 300, 384, 512, 640])
def test_every_input_size_has_one_prediction_per_default_box(side: int) -> None:
    ssd = SSDConfig(("nut",), (side, side))
    boxes = default_boxes_of(ssd)
    assert build_network(ssd, None).output_shape[1] == len(boxes) == ssd.num_default_boxes
    assert boxes[1, 2] == pytest.approx(ssd.scales[0] * side)
    finest = boxes[: ssd.feature_sizes_hw[0][0] ** 2 * 4]
    assert 0 <= finest[:, :2].max() - (side - 4) <= 4


# 16. Ratio 1 is listed twice, or its extra box has the same size.


def test_no_default_box_appears_twice() -> None:
    for boxes in (DefaultBoxes(**config).boxes, default_boxes_of(SSDConfig(("nut",), (512, 512)))):
        assert len(np.unique(boxes.round(3), axis=0)) == len(boxes)


def test_a_ratio_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="aspect_ratios"):
        SSDConfig(("nut",), aspect_ratios=((1.0, 2.0, 1.0), *((1.0,),) * 5))


# 17. The L2 normalisation of conv4_3 is missing, has no scale, or overflows in half precision.


def test_l2_norm_in_half_precision_equals_that_in_full() -> None:
    # A root mean square of 30 over 512 channels: float16 ends at 11.3.
    x = np.random.default_rng(0).normal(0, 30, (1, 4, 4, 512)).astype(np.float16)
    half, full = L2Norm(dtype="mixed_float16")(x), L2Norm(dtype="float32")(x.astype(np.float32))
    assert half.dtype == "float16"
    np.testing.assert_allclose(half, full, rtol=2e-3, atol=1e-3)


def test_conv4_3_of_vgg16_is_brought_to_length_20_per_cell_by_scales_that_learn() -> None:
    backbone = vgg16.build((64, 64), None)
    finest, _ = backbone(np.random.default_rng(0).uniform(0, 255, (1, 64, 64, 3)).astype(np.float32))
    np.testing.assert_allclose(np.linalg.norm(finest, axis=-1), np.full((1, 8, 8), 20), rtol=1e-3)
    scales = [weight for weight in backbone.trainable_weights if weight.path.endswith("scale")]
    assert [tuple(weight.shape) for weight in scales] == [(512,)]


# 18. Default boxes, targets or losses are computed in half precision, whose step at 256..512 is a quarter.


@pytest.mark.usefixtures("half_precision")
def test_default_boxes_and_targets_are_full_precision_under_a_mixed_policy() -> None:
    ssd = SSDConfig(("nut",), (512, 512))
    boxes = default_boxes_of(ssd)
    assert boxes.dtype == np.float32
    np.testing.assert_allclose(boxes[0, 2:], np.array([0.5**0.5, 2**0.5]) * 0.07 * 512, rtol=1e-6)
    box = np.array([301.3, 270.7, 460.1, 490.9], np.float32)
    offsets, classes = LabelEncoder(boxes, 0.5).encode(box[None], [0])
    assert offsets.dtype == tf.float32
    positive = classes.numpy() > 0
    back = decode_boxes(offsets.numpy()[positive], boxes[positive])
    np.testing.assert_allclose(back, np.tile(box, (positive.sum(), 1)), atol=2e-3)


@pytest.mark.usefixtures("half_precision", "small_trunk")
def test_predictions_and_losses_are_full_precision_under_a_mixed_policy() -> None:
    network = build_network(TOY, None)
    assert network.get_layer("offsets").compute_dtype == "float16"
    prediction = network(np.full((1, 64, 64, 3), 200, np.float32))
    assert prediction.dtype == tf.float32
    target = np.zeros((1, 20, 5), np.float32)
    target[0, 0] = [0.1234567, 0, 0, 0, 1]
    for dtype in (tf.float16, tf.float32):
        guess = tf.cast(tf.fill([1, 20, 6], 300.0), dtype)
        found = SSDLocLoss()(target, guess)
        assert found.dtype == tf.float32
        assert float(found) == pytest.approx(4 * 299.5 - 0.1234567, abs=1e-3)
    # 40 negatives of 11.0047 each: half precision has steps of .0078 there, and of .25 for their sum.
    logits = tf.tile([[[0.0, 11.0047]]], [1, 41, 1])
    sums = classification_sums(tf.constant([[1] + [0] * 40]), logits, negative_ratio=40)
    assert sums.dtype == tf.float32
    assert float(sums[0]) == pytest.approx(40 * 11.0047 + math.log1p(math.exp(-11.0047)), abs=0.01)


# 19. The best are not the best: top-k inverted or without effect, one class per box, sizes without limit.


def _detected_by_hand(prediction: np.ndarray, defaults: np.ndarray) -> list[tuple[int, float, list[float]]]:
    pairs = []
    for index, (row, (cx, cy, w, h)) in enumerate(zip(prediction.tolist(), defaults.tolist(), strict=True)):
        exponentials = [math.exp(logit) for logit in row[4:]]
        x, y = cx + row[0] * 0.1 * w, cy + row[1] * 0.1 * h
        w, h = w * min(math.exp(row[2] * 0.2), 62.5), h * min(math.exp(row[3] * 0.2), 62.5)
        box = [min(max(value, 0), 300) for value in (x - w / 2, y - h / 2, x + w / 2, y + h / 2)]
        for class_id, exponential in enumerate(exponentials[1:]):
            pairs.append((-exponential / sum(exponentials), index, class_id, box))
    entered, kept = dict.fromkeys(range(9), 0), []
    for score, _, class_id, box in sorted(pairs):
        entered[class_id] += 1
        if score > -0.01 or entered[class_id] > 400 or len(kept) == 200:
            continue
        rivals = [other for kept_class, _, other in kept if kept_class == class_id]
        if not any(iou_matrix_xyxy([other], [box])[0, 0] > 0.45 for other in rivals):
            kept.append((class_id, -score, box))
    return kept


def test_detections_of_a_crowd_are_those_of_brute_force() -> None:
    # 500 default boxes with two likely classes each: more than 400 of a class, more than 200 boxes.
    defaults = np.array([[6 + 12 * (i % 25), 7 + 14 * (i // 25), 15, 17] for i in range(500)], np.float32)
    prediction = np.random.default_rng(5).normal(0, 0.5, (500, 7)).astype(np.float32)
    prediction[3::7, 2] = 50
    prediction[1::5] = prediction[0::5]  # ties
    wanted = _detected_by_hand(prediction, defaults)
    decoded = DecodePredictions(defaults, 0.45, 0.01)(prediction[None])
    assert decoded.counts.numpy().tolist() == [len(wanted)] == [200]
    assert decoded.class_ids.numpy()[0].tolist() == [class_id for class_id, _, _ in wanted]
    np.testing.assert_allclose(decoded.scores[0], [score for _, score, _ in wanted], atol=1e-6)
    np.testing.assert_allclose(decoded.boxes_xyxy[0], [box for _, _, box in wanted], atol=1e-3)


def test_at_most_400_boxes_of_a_class_enter_suppression_and_they_are_the_best() -> None:
    apart = np.array([[10 + 20 * i, 10, 10, 10] for i in range(450)], np.float32)
    prediction = np.zeros((1, 450, 6), np.float32)
    prediction[0, :, 5] = np.linspace(1, 3, 450)
    layer = DecodePredictions(apart, 0.45, 0.01, input_size_hw=(20, 9000), max_boxes=1000)
    decoded = layer(prediction)
    assert decoded.counts.numpy().tolist() == [400]
    assert decoded.boxes_xyxy.numpy()[0, 0].tolist() == [8985, 5, 8995, 15]
    assert decoded.boxes_xyxy.numpy()[0, 399].tolist() == [1005, 5, 1015, 15]


def test_a_box_may_be_a_detection_of_several_classes() -> None:
    prediction = np.array([[0, 0, 0, 0, 0, 3, 2.9]], np.float32)
    found = candidates(prediction, np.array([[20, 20, 9, 9]], np.float32), VARIANCES, (64, 64), (64, 64))
    assert found.class_ids.tolist() == [0, 1]


def test_an_absurd_size_offset_gives_a_large_box_not_infinity() -> None:
    (box,) = decode_boxes([[0, 0, 50, 500]], [[0, 0, 10, 20]])
    np.testing.assert_allclose(box, [-312.5, -625, 312.5, 625], rtol=1e-5)


def test_the_best_200_of_all_classes_stay() -> None:
    scores = np.linspace(0.9, 0.5, 300).astype(np.float32)
    boxes = np.array([[20 * i, 0, 20 * i + 10, 10] for i in range(300)], np.float32)
    found = non_max_suppression(Candidates(boxes, scores, np.arange(300) % 3), 0.05)
    assert found.scores.tolist() == scores[:200].tolist()


# 20. The demand of a crop is never met because of its upper bound, or .5 is not among the demands.


def test_a_crop_shows_an_object_with_the_overlap_that_was_demanded() -> None:
    window = tf.constant([0.0, 0.0, 180.0, 120.0])
    boxes = tf.constant([[30.0, 20.0, 150.0, 110.0], [5.0, 5.0, 40.0, 40.0]])
    met: dict[float, int] = {}
    for index in range(120):
        seed = tf.constant([index, 0])
        part = crop(window, boxes, seed).numpy()
        if np.array_equal(part, window):
            continue
        least = round(float(crop_demand(seed)), 1)
        met[least] = met.get(least, 0) + 1
        centres = (boxes.numpy()[:, :2] + boxes.numpy()[:, 2:]) / 2
        shown = ((centres >= part[:2]) & (centres < part[2:])).all(1)
        assert iou_matrix_xyxy([part], boxes)[0, shown].max() >= least
    assert set(met) == {0.0, 0.1, 0.3, 0.5, 0.7, 0.9}
    assert CROP_MIN_IOU == (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)


# 21. Training, evaluation and the live view do not see the same pixels.


def test_the_network_s_input_has_these_golden_pixels() -> None:
    ramp = np.repeat(np.array([[0, 40, 80, 120, 160, 200, 240, 255]], np.uint8)[..., None], 3, 2)
    # A triangle as wide as two source pixels per target pixel, centres aligned at half pixels.
    assert resize_for_network(ramp, (1, 4))[0, :, 0].tolist() == [29, 100, 180, 241]
    assert resize_for_network(ramp, (1, 5))[0, :, 1].tolist() == [16, 77, 140, 203, 249]
    larger = [0, 10, 30, 50, 70, 90, 110, 130, 150, 170, 190, 210, 230, 244, 251, 255]
    assert resize_for_network(ramp, (1, 16))[0, :, 2].tolist() == larger
    # The whole picture is warped: nothing is cut off, nothing keeps its proportions.
    tall = resize_for_network(np.ascontiguousarray(ramp.transpose(1, 0, 2)), (4, 3))
    assert tall[..., 0].tolist() == [[value] * 3 for value in (29, 100, 180, 241)]


def test_training_sees_the_pixels_of_the_runtime() -> None:
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (9, 13, 3), np.uint8))
    photograph = load_rgb(np.asarray(small.resize((170, 110), Image.Resampling.BICUBIC)))
    boxes, ids, ignore = tf.zeros([0, 4]), tf.zeros([0], tf.int64), tf.zeros([0], tf.bool)
    labelled = Labelled(tf.constant(photograph), boxes, ids, ignore)
    seen = augment(labelled, (60, 70), "none", tf.constant([0, 0])).image
    np.testing.assert_allclose(seen, resize_for_network(photograph, (60, 70)), atol=1.01)


def test_trunks_normalise_as_their_weights_expect() -> None:
    pixel = np.array([[[[255.0, 127.0, 0.0]]]], np.float32)
    lite = efficientnet_lite0.build((32, 32), None).get_layer("normalise")(pixel)
    np.testing.assert_allclose(lite[0, 0, 0], [1, 0, -127 / 128], atol=1e-6)
    caffe = resnet50.CaffeInput()(pixel)
    np.testing.assert_allclose(caffe[0, 0, 0], [-103.939, 127 - 116.779, 255 - 123.68], rtol=1e-5)


# 22. Statistics of frozen norms move, or the running average leaves statistics out.


@pytest.mark.usefixtures("small_trunk")
def test_frozen_statistics_do_not_move_and_the_others_do() -> None:
    settings = TrainConfig(steps=4, batch_size=2, frozen="first_map", warmup_fraction=0)
    learner = Learner(TOY, settings, tf.distribute.get_strategy())
    norms = [
        layer
        for layer in learner.network.get_layer("backbone").layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    before = [norm.get_weights() for norm in norms]
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)
    offsets, classes = LabelEncoder(default_boxes_of(TOY), 0.5).encode([[5, 5, 40, 40]], [0])
    learner.train_on(Batch(images, tf.stack([offsets] * 2), tf.stack([classes] * 2), np.arange(2)))
    same = [
        [np.array_equal(old, new) for old, new in zip(was, norm.get_weights(), strict=True)]
        for was, norm in zip(before, norms, strict=True)
    ]
    # Scale, shift, mean and variance: frozen up to the finest map, learning above it.
    assert same == [[True] * 4, [False] * 4, [False] * 4]


def test_statistics_of_a_pretrained_trunk_are_frozen() -> None:
    backbone = efficientnet_lite0.build((64, 64), "imagenet")
    before = backbone.get_weights()
    backbone(np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32), training=True)
    for left, right in zip(before, backbone.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_the_running_average_holds_the_statistics_too() -> None:
    networks = []
    for value in (0.0, 9.0):
        network = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()])
        for weight in network.weights:
            weight.assign(np.full(weight.shape, value))
        networks.append(network)
    source, target = networks
    average = WeightAverage(source, 0.5)
    for weight in source.weights:
        weight.assign(np.full(weight.shape, 4.0))
    average.update(1000)
    average.copy_to(target)
    for weight in target.weights:
        np.testing.assert_allclose(weight, np.full(weight.shape, 2.0), rtol=1e-6)


# 23. The weights that are kept did best by luck, on a handful of validation boxes.


def _best_step(folder: Path, scores: list[float], boxes: int) -> int:
    best = BestWeights(folder, boxes)
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    for step, score in enumerate(scores, start=1):
        best.offer(network, score, step)
    return int(best.step)


def test_one_lucky_validation_on_few_boxes_does_not_win_over_a_later_state(tmp_path: Path) -> None:
    # With a single box, AP is 0 or nearly 1; a difference of half a box says nothing.
    assert _best_step(tmp_path / "one", [0.9, 0.6, 0.6, 0.6], boxes=1) == 4
    # A peak of one validation is smoothed away even where boxes are many.
    assert _best_step(tmp_path / "many", [0.5, 0.9, 0.8, 0.8], boxes=1000) == 4


def test_a_clear_decline_on_many_boxes_is_believed(tmp_path: Path) -> None:
    assert _best_step(tmp_path, [0.5, 0.8, 0.5, 0.4], boxes=1000) == 2


def test_training_chooses_by_the_average_precision(toy_run: ToyRun) -> None:
    assert [step for step, _ in toy_run.offers] == [40, 80]
    assert toy_run.offers[-1][1] == toy_run.result.metrics["AP"]
