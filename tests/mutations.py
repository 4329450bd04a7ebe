"""Break each rule of the detector on purpose and see its test fail: ``python -m tests.mutations [WORD …]``.

A test that cannot fail proves nothing. Each entry below takes one rule out of a copy of the source, and the
test in ``tests/ssd_core/test_conformance.py`` that is named for the rule must then fail; on the source as it
is, it must pass. Words choose the entries whose trap, file or test holds one of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SUITE = "tests/ssd_core/test_conformance.py"

_REAL_ROWS = ("real = (ids >= 0) & (areas(boxes) > 0)", "real = ids >= 0")
# A row without area overlaps nothing, so three places keep it from a default box.
_MATCH_EVERY_ROW = (
    _REAL_ROWS,
    (
        "touches = tf.gather(left, nearest, batch_dims=1) > 0",
        "touches = tf.gather(left, nearest, batch_dims=1) >= 0",
    ),
    ("own_box = _bipartite(iou)", "own_box = _bipartite(iou[:-1])"),
)


@dataclass(frozen=True)
class Mutation:
    """One rule broken.

    Args:
        trap: what goes wrong without the rule.
        file: relative to the repository's root.
        changes: pairs of old and new text; each old text occurs once in the file.
        test: the function of the suite that must notice.
    """

    trap: str
    file: str
    changes: tuple[tuple[str, str], ...]
    test: str

    def applied(self, source: str) -> str:
        """The file's text with the rule broken."""
        for old, new in self.changes:
            source = source.replace(old, new)
        return source


def _breaks(trap: str, file: str, old: str, new: str, test: str) -> Mutation:
    return Mutation(trap, f"ssd_core/{file}", ((old, new),), test)


MUTATIONS: tuple[Mutation, ...] = (
    _breaks(
        "degenerate boxes: taken if a side is zero",
        "example.py",
        "if not (box[0] < box[2] and box[1] < box[3]):",
        "if not (box[0] <= box[2] and box[1] <= box[3]):",
        "test_a_degenerate_or_off_image_box_is_refused_by_name",
    ),
    _breaks(
        "degenerate boxes: taken off the image",
        "example.py",
        "outside = ((boxes < 0) | (boxes > limits)).any(axis=1)",
        "outside = (boxes > 1e9 * limits).any(axis=1)",
        "test_a_degenerate_or_off_image_box_is_refused_by_name",
    ),
    Mutation(
        "degenerate boxes: matched, so their logarithm is taken",
        "ssd_core/matching.py",
        _MATCH_EVERY_ROW,
        "test_degenerate_boxes_that_reach_the_targets_leave_loss_and_gradient_finite",
    ),
    Mutation(
        "padding: rows of zeros are matched to default box 0",
        "ssd_core/matching.py",
        _MATCH_EVERY_ROW,
        "test_padding_rows_change_no_target",
    ),
    _breaks(
        "padding: rows of class -1 are objects",
        "matching.py",
        _REAL_ROWS[0],
        "real = areas(boxes) > 0",
        "test_padding_rows_change_no_target",
    ),
    _breaks(
        "empty images: loss divided by zero",
        "losses.py",
        "/ tf.maximum(tf.reduce_sum(count_positives(classes)), 1.0)",
        "/ tf.reduce_sum(count_positives(classes))",
        "test_a_batch_of_empty_images_has_a_finite_loss_that_teaches_the_classes",
    ),
    _breaks(
        "empty images: no negatives, so no gradient",
        "losses.py",
        "tf.maximum(tf.math.floor(positives * negative_ratio), float(negative_floor))",
        "tf.math.floor(positives * negative_ratio)",
        "test_a_batch_of_empty_images_has_a_finite_loss_that_teaches_the_classes",
    ),
    _breaks(
        "empty images: training divides by zero",
        "learner.py",
        "tf.maximum(positives, 1.0)",
        "positives",
        "test_empty_images_are_trained_on_and_leave_the_weights_finite",
    ),
    _breaks(
        "shared best box: the last object wins",
        "matching.py",
        "own_box = _bipartite(iou)",
        "own_box = tf.where(tf.reduce_max(iou, 1) > 0, tf.argmax(iou, 1, output_type=tf.int32), -1)",
        "test_objects_that_share_a_best_default_box_both_keep_one_in_any_order",
    ),
    _breaks(
        "shared best box: only the threshold counts",
        "matching.py",
        "has_own = own_box >= 0",
        "has_own = own_box > tf.int32.max - 1",
        "test_every_object_owns_a_default_box_however_small_or_crowded",
    ),
    _breaks(
        "log-sum-exp: largest logit of the whole batch",
        "losses.py",
        """entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.maximum(tf.cast(classes, tf.int32), BACKGROUND), logits=logits
    )""",
        """most = tf.reduce_max(logits)
    own = tf.gather(logits, tf.maximum(tf.cast(classes, tf.int32), BACKGROUND), batch_dims=2)
    entropy = tf.math.log(tf.reduce_sum(tf.exp(logits - most), -1)) + most - own""",
        "test_the_class_loss_of_extreme_logits_is_that_of_the_framework",
    ),
    _breaks(
        "log-sum-exp: scores by the largest logit of all boxes",
        "candidates.py",
        "by_class.max(axis=0)",
        "by_class.max()",
        "test_scores_are_those_of_each_box_whatever_the_logits_of_the_others",
    ),
    _breaks(
        "mining: positives are ranked among the negatives",
        "losses.py",
        "tf.math.top_k(tf.where(negative, entropy, -1.0),",
        "tf.math.top_k(entropy,",
        "test_the_mined_are_negatives_only_and_three_per_positive_as_far_as_there_are",
    ),
    _breaks(
        "mining: more taken than there are",
        "losses.py",
        "tf.reduce_sum(tf.cast(negative, tf.float32), axis=-1)",
        "tf.reduce_sum(tf.ones_like(entropy), axis=-1)",
        "test_the_mined_are_negatives_only_and_three_per_positive_as_far_as_there_are",
    ),
    _breaks(
        "mining: the first are taken, not the hardest",
        "losses.py",
        "hardest, _ = tf.math.top_k(tf.where(negative, entropy, -1.0), k=tf.reduce_max(taken))",
        "hardest = tf.reverse(tf.where(negative, entropy, -1.0), [1])[:, : tf.reduce_max(taken)]",
        "test_the_mined_are_the_hardest",
    ),
    _breaks(
        "localisation loss: mean over the four offsets",
        "losses.py",
        "tf.reduce_sum(each, axis=-1) * positive",
        "tf.reduce_mean(each, axis=-1) * positive",
        "test_the_localisation_loss_sums_over_the_four_offsets",
    ),
    _breaks(
        "normaliser: of each image",
        "losses.py",
        "return tf.reduce_sum(sums) / tf.maximum(tf.reduce_sum(count_positives(classes)), 1.0)",
        "return tf.reduce_mean(sums / tf.maximum(count_positives(classes), 1.0))",
        "test_losses_are_divided_by_the_positives_of_the_batch_not_of_each_image",
    ),
    _breaks(
        "normaliser: of each device",
        "learner.py",
        """tf.distribute.get_replica_context().all_reduce(
            tf.distribute.ReduceOp.SUM, tf.reduce_sum(count_positives(classes))
        )""",
        "tf.reduce_sum(count_positives(classes))",
        "test_two_devices_with_four_images_each_learn_as_one_with_eight",
    ),
    _breaks(
        "normaliser: statistics of new norms from one device",
        "learner.py",
        "synchronized_norm=several",
        "synchronized_norm=False",
        "test_two_devices_with_four_images_each_learn_as_one_with_eight",
    ),
    _breaks(
        "swapped axes: width and height of default boxes",
        "default_boxes.py",
        "np.array(sizes) * (width, height)",
        "np.array(sizes) * (height, width)",
        "test_default_boxes_of_a_wide_input_are_wide_and_run_along_rows",
    ),
    _breaks(
        "swapped axes: image size of detections",
        "candidates.py",
        "np.array(image_size_hw[::-1], np.float32)",
        "np.array(image_size_hw, np.float32)",
        "test_a_picture_s_box_comes_back_through_targets_and_detection",
    ),
    _breaks(
        "swapped axes: pixels warped by the other axis's factor",
        "views.py",
        "scale=tf.reverse(scale, [0])",
        "scale=scale",
        "test_a_picture_s_box_comes_back_through_targets_and_detection",
    ),
    _breaks(
        "swapped axes: limits of clipping",
        "boxes.py",
        "limits = np.array([width, height, width, height], np.float32)",
        "limits = np.array([height, width, height, width], np.float32)",
        "test_a_box_beyond_a_wide_image_is_clipped_to_its_own_sides",
    ),
    Mutation(
        "swapped axes: rows and columns of default boxes",
        "ssd_core/default_boxes.py",
        (
            ("boxes[..., 0] = grid_x[..., None]", "boxes[..., 0] = grid_y[..., None]"),
            ("boxes[..., 1] = grid_y[..., None]", "boxes[..., 1] = grid_x[..., None]"),
        ),
        "test_a_spot_in_a_wide_picture_changes_the_predictions_of_the_default_boxes_there",
    ),
    _breaks(
        "combined NMS: boxes clipped to 0..1",
        "candidates.py",
        "np.concatenate([scale_wh, scale_wh]), image_size_hw)",
        "np.concatenate([scale_wh, scale_wh]), (1, 1))",
        "test_pixel_boxes_survive_suppression_with_x_before_y",
    ),
    _breaks(
        "combined NMS: y before x",
        "decoding.py",
        "boxes_xyxy[index, : len(found)] = found.boxes_xyxy",
        "boxes_xyxy[index, : len(found)] = found.boxes_xyxy[:, [1, 0, 3, 2]]",
        "test_pixel_boxes_survive_suppression_with_x_before_y",
    ),
    _breaks(
        "background: class 0 of the user is trained as background",
        "matching.py",
        "object_ids + 1",
        "object_ids",
        "test_a_toy_of_one_class_is_learnt_by_heart",
    ),
    _breaks(
        "background: the last class is taken for it",
        "candidates.py",
        "by_class[1:] / by_class.sum(axis=0)",
        "by_class[:-1] / by_class.sum(axis=0)",
        "test_class_0_of_the_user_is_target_1_and_comes_back_as_0",
    ),
    _breaks(
        "clipping: centres are clamped",
        "default_boxes.py",
        'boxes = change_box_format(corners, "xywh")',
        "boxes[:, :2] = np.clip(boxes[:, :2], 0, size_hw[::-1])",
        "test_clipping_cuts_corners_on_request_and_moves_nothing_else",
    ),
    _breaks(
        "clipping: sides are clamped",
        "default_boxes.py",
        'boxes = change_box_format(corners, "xywh")',
        "boxes[:, 2:] = np.clip(boxes[:, 2:], 0, size_hw[::-1])",
        "test_clipping_cuts_corners_on_request_and_moves_nothing_else",
    ),
    _breaks(
        "clipping: unasked",
        "default_boxes.py",
        "if clip_default_boxes:",
        "if len(boxes):",
        "test_clipping_cuts_corners_on_request_and_moves_nothing_else",
    ),
    _breaks(
        "centres: from the map's size",
        "default_boxes.py",
        "math.ceil(width / columns) if step is None else step",
        "width / columns if step is None else step",
        "test_centres_follow_the_steps_not_the_size_of_the_map",
    ),
    _breaks(
        "centres: steps given are not used",
        "default_boxes.py",
        "math.ceil(height / rows) if step is None else step",
        "math.ceil(height / rows)",
        "test_centres_follow_the_steps_not_the_size_of_the_map",
    ),
    _breaks(
        "SSD512: maps of 6 and 4 cells",
        "config.py",
        "return 1 if size <= 3 else -(-size // 2)",
        "return max(1, size - 2) if size <= 8 else -(-size // 2)",
        "test_ssd300_has_8732_default_boxes_and_ssd512_24564",
    ),
    _breaks(
        "SSD512: a coarse map of 3 cells instead of 4",
        "extra_levels.py",
        "if side == 3:",
        "if side == 8:",
        "test_the_paper_s_network_predicts_24564_boxes_at_512",
    ),
    _breaks(
        "input size: 300 in the code",
        "default_boxes.py",
        "size_hw = (int(input_shape[0]), int(input_shape[1]))",
        "size_hw = (300, 300)",
        "test_every_input_size_has_one_prediction_per_default_box",
    ),
    _breaks(
        "input size: padding that fits 512 only",
        "extra_levels.py",
        "return (1, 1) if side % 2 else (0, 1)",
        "return (0, 1)",
        "test_every_input_size_has_one_prediction_per_default_box",
    ),
    _breaks(
        "ratio 1: its extra box is the same",
        "default_boxes.py",
        "square = math.sqrt(scale * next_scale)",
        "square = scale",
        "test_no_default_box_appears_twice",
    ),
    _breaks(
        "ratio 1: listed twice",
        "config.py",
        "distinct = all(len(set(level)) == len(level) for level in self.aspect_ratios)",
        "distinct = len(self.aspect_ratios) > 0",
        "test_a_ratio_that_is_listed_twice_is_refused",
    ),
    _breaks(
        "L2 norm: sum of squares in half precision",
        "backbones/l2_norm.py",
        'wide = ops.cast(x, "float32")',
        "wide = x",
        "test_l2_norm_in_half_precision_equals_that_in_full",
    ),
    _breaks(
        "L2 norm: no scale",
        "backbones/l2_norm.py",
        "wide / length * self.scale",
        "wide / length",
        "test_conv4_3_of_vgg16_is_brought_to_length_20_per_cell_by_scales_that_learn",
    ),
    _breaks(
        "L2 norm: left out",
        "backbones/vgg16.py",
        'L2Norm(name="conv4_3_norm")(conv4_3)',
        "conv4_3",
        "test_conv4_3_of_vgg16_is_brought_to_length_20_per_cell_by_scales_that_learn",
    ),
    _breaks(
        "L2 norm: batch normalisation in its place",
        "backbones/vgg16.py",
        'L2Norm(name="conv4_3_norm")(conv4_3)',
        'layers.BatchNormalization(name="conv4_3_norm")(conv4_3)',
        "test_conv4_3_of_vgg16_is_brought_to_length_20_per_cell_by_scales_that_learn",
    ),
    _breaks(
        "half precision: default boxes",
        "default_boxes.py",
        "boxes.reshape(-1, 4).astype(np.float32)",
        "boxes.reshape(-1, 4).astype(np.float16).astype(np.float32)",
        "test_default_boxes_and_targets_are_full_precision_under_a_mixed_policy",
    ),
    _breaks(
        "half precision: targets",
        "matching.py",
        "tf.reshape(tf.cast(boxes_xyxy, tf.float32), [-1, 4])",
        "tf.reshape(tf.cast(tf.cast(boxes_xyxy, tf.float16), tf.float32), [-1, 4])",
        "test_default_boxes_and_targets_are_full_precision_under_a_mixed_policy",
    ),
    _breaks(
        "half precision: class loss",
        "losses.py",
        "logits = tf.cast(logits, tf.float32)",
        "logits = tf.cast(tf.cast(logits, tf.float16), tf.float32)",
        "test_predictions_and_losses_are_full_precision_under_a_mixed_policy",
    ),
    _breaks(
        "half precision: localisation loss",
        "losses.py",
        "tf.abs(tf.cast(offsets, tf.float32) - true_offsets)",
        "tf.cast(tf.abs(tf.cast(offsets, tf.float16) - tf.cast(true_offsets, tf.float16)), tf.float32)",
        "test_predictions_and_losses_are_full_precision_under_a_mixed_policy",
    ),
    _breaks(
        "half precision: predictions",
        "model.py",
        'dtype="float32", name="prediction"',
        'name="prediction"',
        "test_predictions_and_losses_are_full_precision_under_a_mixed_policy",
    ),
    _breaks(
        "decoding: the worst first",
        "candidates.py",
        "np.lexsort((class_ids, box_indices, -scores))",
        "np.lexsort((class_ids, box_indices, scores))",
        "test_detections_of_a_crowd_are_those_of_brute_force",
    ),
    _breaks(
        "decoding: ties by the higher index",
        "candidates.py",
        "np.lexsort((class_ids, box_indices, -scores))",
        "np.lexsort((class_ids, -box_indices, -scores))",
        "test_detections_of_a_crowd_are_those_of_brute_force",
    ),
    _breaks(
        "decoding: the limit of a class has no effect",
        "candidates.py",
        "order[_rank_within(class_ids[order]) < limit_per_class]",
        "order[_rank_within(class_ids[order]) < len(order)]",
        "test_at_most_400_boxes_of_a_class_enter_suppression_and_they_are_the_best",
    ),
    _breaks(
        "decoding: one class per box",
        "candidates.py",
        "np.nonzero(probabilities >= np.float32(score_floor))",
        "np.nonzero((probabilities >= np.float32(score_floor)) & (probabilities == probabilities.max(0)))",
        "test_a_box_may_be_a_detection_of_several_classes",
    ),
    _breaks(
        "decoding: sizes without limit",
        "boxes.py",
        "np.exp(np.minimum(given[..., 2:] * size, np.float32(MAX_LOG_SCALE)))",
        "np.exp(given[..., 2:] * size)",
        "test_an_absurd_size_offset_gives_a_large_box_not_infinity",
    ),
    _breaks(
        "decoding: no limit of the image",
        "nms.py",
        "np.sort(np.concatenate(kept))[: max(max_boxes, 0)]",
        "np.sort(np.concatenate(kept))",
        "test_the_best_200_of_all_classes_stay",
    ),
    _breaks(
        "crops: the demand is not asked for",
        "windows.py",
        "(iou_matrix(trials, boxes_xyxy) >= least_iou)",
        "(iou_matrix(trials, boxes_xyxy) >= 0.0)",
        "test_a_crop_shows_an_object_with_the_overlap_that_was_demanded",
    ),
    _breaks(
        "crops: the demand is never met",
        "windows.py",
        "(iou_matrix(trials, boxes_xyxy) >= least_iou)",
        "(iou_matrix(trials, boxes_xyxy) >= least_iou) & (iou_matrix(trials, boxes_xyxy) < 0.0)",
        "test_a_crop_shows_an_object_with_the_overlap_that_was_demanded",
    ),
    _breaks(
        "crops: .5 is never demanded",
        "windows.py",
        "CROP_MIN_IOU = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)",
        "CROP_MIN_IOU = (0.0, 0.1, 0.3, 0.7, 0.9)",
        "test_a_crop_shows_an_object_with_the_overlap_that_was_demanded",
    ),
    _breaks(
        "pixels: nearest instead of bilinear",
        "preprocess.py",
        "Image.Resampling.BILINEAR",
        "Image.Resampling.NEAREST",
        "test_the_network_s_input_has_these_golden_pixels",
    ),
    _breaks(
        "pixels: the middle is cut out",
        "preprocess.py",
        "Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR)",
        "ImageOps.fit(Image.fromarray(rgb), (width, height), Image.Resampling.BILINEAR)",
        "test_the_network_s_input_has_these_golden_pixels",
    ),
    _breaks(
        "pixels: training shrinks without averaging",
        "views.py",
        "antialias=True",
        "antialias=False",
        "test_training_sees_the_pixels_of_the_runtime",
    ),
    _breaks(
        "pixels: not centred",
        "backbones/efficientnet_lite0.py",
        "offset=-_INPUT_MEAN / _INPUT_SCALE",
        "offset=0.0",
        "test_trunks_normalise_as_their_weights_expect",
    ),
    _breaks(
        "pixels: red and blue swapped",
        "backbones/caffe_input.py",
        "image[..., ::-1] -",
        "image -",
        "test_trunks_normalise_as_their_weights_expect",
    ),
    _breaks(
        "statistics: a frozen part goes on learning",
        "freezing.py",
        """if how == "first_map":
            for layer""",
        """if how == "never":
            for layer""",
        "test_frozen_statistics_do_not_move_and_the_others_do",
    ),
    _breaks(
        "statistics: those of a pretrained trunk move",
        "backbones/efficientnet_lite0.py",
        "layer.norm.trainable = False",
        "layer.norm.trainable = True",
        "test_statistics_of_a_pretrained_trunk_are_frozen",
    ),
    _breaks(
        "statistics: the average swaps what is trained only",
        "averaging.py",
        "weight.assign(tf.reshape(part, weight.shape))",
        "weight.trainable and weight.assign(tf.reshape(part, weight.shape))",
        "test_the_running_average_holds_the_statistics_too",
    ),
    _breaks(
        "choice: no patience with few boxes",
        "selection.py",
        "if smoothed < float(self.score) - self._tolerance:",
        "if smoothed < float(self.score):",
        "test_one_lucky_validation_on_few_boxes_does_not_win_over_a_later_state",
    ),
    _breaks(
        "choice: the highest single figure",
        "selection.py",
        "_SMOOTHING * score + (1 - _SMOOTHING) * before",
        "score",
        "test_one_lucky_validation_on_few_boxes_does_not_win_over_a_later_state",
    ),
    _breaks(
        "choice: the last state, always",
        "selection.py",
        "if smoothed < float(self.score) - self._tolerance:",
        "if smoothed < -1.0:",
        "test_a_clear_decline_on_many_boxes_is_believed",
    ),
    _breaks(
        "choice: not by the average precision",
        "training.py",
        'self._metrics["AP"]',
        "self._reporter.images_per_second or 0.0",
        "test_training_chooses_by_the_average_precision",
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What the suite said: the failures with their reasons, and what passed, by name of the function."""

    failures: dict[str, str]
    passed: frozenset[str]
    output: str


def run_suite(root: Path, tests: Iterable[str]) -> Outcome:
    """Run some test functions of the suite in a copy of the source.

    Args:
        root: of the copy.
        tests: names of functions.
    """
    report = root / "report.xml"
    nodes = [f"{SUITE}::{name}" for name in tests]
    options = ["-q", "-p", "no:cacheprovider", "--tb=short", f"--junitxml={report}"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *nodes],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
        },
    )
    failures: dict[str, str] = {}
    seen = set()
    if report.exists():
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = (case.get("name") or "").partition("[")[0]
            seen.add(name)
            failure = case.find("failure")
            if failure is not None:
                failures[name] = " ".join((failure.get("message") or "").split())
            elif case.find("error") is not None:
                seen.discard(name)
    return Outcome(failures, frozenset(seen - set(failures)), run.stdout + run.stderr)


def copy_source(source: Path, target: Path) -> None:
    """Copy what the suite needs."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("ssd_core", "tests"):
        shutil.copytree(source / folder, target / folder, ignore=ignored)
    shutil.copy(source / "pyproject.toml", target)


def noticed(mutation: Mutation, source: Path) -> str | None:
    """Break the rule in a copy; the reason of the failure, or None if the test did not fail."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copy_source(source, root)
        path = root / mutation.file
        path.write_text(mutation.applied(path.read_text(encoding="utf-8")), encoding="utf-8")
        return run_suite(root, [mutation.test]).failures.get(mutation.test)


def main(words: list[str]) -> int:
    """Run the mutations that hold one of the words, or all; 0 if each test passes and then fails."""
    chosen = [
        mutation
        for mutation in MUTATIONS
        if not words or any(word in f"{mutation.trap} {mutation.file} {mutation.test}" for word in words)
    ]
    with tempfile.TemporaryDirectory() as folder:
        # Copied once, so that whoever edits the source meanwhile disturbs nothing.
        whole = Path(folder)
        copy_source(ROOT, whole)
        return _break_each(chosen, whole)


def _break_each(chosen: Sequence[Mutation], whole: Path) -> int:
    tests = sorted({mutation.test for mutation in chosen})
    before = run_suite(whole, tests)
    broken = [name for name in tests if name not in before.passed]
    if broken or not chosen:
        print(before.output[-4000:])
        print(f"On the source as it is, these do not pass: {', '.join(broken) or 'none was chosen'}.")
    print(f"{len(before.passed)} tests pass on the source as it is.\n", flush=True)
    chosen = [mutation for mutation in chosen if mutation.test in before.passed]
    survived = 0
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2)) as pool:
        answers = pool.map(lambda mutation: noticed(mutation, whole), chosen)
        for mutation, why in zip(chosen, answers, strict=True):
            survived += why is None
            print(f"{'SURVIVED' if why is None else 'noticed'} | {mutation.trap} | {mutation.file}")
            print(f"         | {mutation.test}")
            print(f"         | {'' if why is None else why[:100]}", flush=True)
    print(f"\n{len(chosen) - survived} of {len(chosen)} broken rules were noticed.")
    return 1 if survived or broken or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
