"""The parity receipt: how far exports are from the network they were made from, in pixels and in AP."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssd_core.boxes import clip_boxes, decode_boxes
from ssd_core.candidates import SCORE_FLOOR
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.evaluation import evaluate
from ssd_core.evaluation_detections import evaluation_detections
from ssd_core.example import Example
from ssd_core.nms import Detections
from ssd_core.preprocess import resize_for_network

#: Boxes from this score on are compared: what a person may get to see.
CONFIDENT_SCORE = 0.3
#: int8 is not preferred if its AP is lower than float32's by more than this.
LARGEST_AP_LOSS = 0.01
#: With fewer validation images than this, training images are compared on too.
FEWEST_IMAGES = 20
#: More images would take longer and say the same.
MOST_IMAGES = 64

#: The time is taken on so many of them.
TIMED_IMAGES = 16
# The fastest of a few calls is the one that no other program disturbed.
_TIMED_CALLS = 3

#: float32 [B, height, width, 3], RGB, 0..255 → float32 [B, D, 4 + C].
Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def parity_examples(train: Sequence[Example], val: Sequence[Example]) -> list[Example]:
    """Choose the images to compare on: validation images, and training images where these are few.

    Args:
        train: the training images.
        val: the validation images; may be empty.

    Returns:
        At most `MOST_IMAGES` validation images; if that makes fewer than `FEWEST_IMAGES`, training images up
        to that number after them. Both evenly spread.
    """
    chosen = evenly_spread(val, MOST_IMAGES)
    return [*chosen, *evenly_spread(train, max(FEWEST_IMAGES - len(chosen), 0))]


def evenly_spread(examples: Sequence[Example], most: int) -> list[Example]:
    """Give all examples, or so many of them, at equal distances."""
    count = min(len(examples), most)
    return [examples[index * len(examples) // count] for index in range(count)]


def parity_receipt(
    config: SSDConfig,
    reference: Run,
    exports: Mapping[str, Run],
    examples: Sequence[Example],
    *,
    on_image: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Compare exports with the network they were made from.

    A box is compared where the reference has a score of `CONFIDENT_SCORE` or more, before suppression: with
    the export's box from the same default box, both clipped to the image. If the export's score of that
    default box and class is below `SCORE_FLOOR`, so that nobody would ever see it, it is unmatched instead.

    Args:
        config: the detector.
        reference: the trained network.
        exports: its exports by name.
        examples: the labelled images to compare on.
        on_image: called before each image; what it raises ends the comparison.

    Returns:
        ``{"images": n, "reference": {"AP", "AP50", "milliseconds"}, "exports": {name: {"AP", "AP50",
        "milliseconds", "max_box_shift", "mean_box_shift", "boxes", "unmatched", "max_score_difference"}}}``.
        AP is as `evaluate` gives it, None without labelled boxes; milliseconds are of one network call, the
        median of the first images, None without any. A box shift is how far the side that moved most lies
        from where it was, in pixels of its image, over the ``boxes`` compared, None if there are none. The
        score difference is over all default boxes and classes.

    Raises:
        InvalidExample: an image cannot be decoded, or a box does not lie on it.
    """
    default_boxes = default_boxes_of(config)
    truth = _Measured(reference)
    measured = {name: _Measured(run) for name, run in exports.items()}
    for example in examples:
        on_image()
        rgb = example.load()
        size_hw = (rgb.shape[0], rgb.shape[1])
        image = resize_for_network(rgb, config.input_size_hw)[None]
        wanted = truth.look(image)
        truth.detections.append(evaluation_detections(wanted, default_boxes, config, size_hw))
        # One after the other on each image, so that a machine that slows down slows all of them down.
        for export in measured.values():
            given = export.look(image)
            export.detections.append(evaluation_detections(given, default_boxes, config, size_hw))
            export.compare(given, wanted, default_boxes, config, size_hw)
    return {
        "images": len(examples),
        "reference": truth.figures(examples, config),
        "exports": {
            name: {**export.figures(examples, config), **export.differences()}
            for name, export in measured.items()
        },
    }


def preferred_runtime(receipt: Mapping[str, Any]) -> tuple[str, str]:
    """Choose what a model is run as: int8 if it is faster and as good, else float32.

    Args:
        receipt: of `parity_receipt` for the exports ``float32`` and, if there is one, ``int8``; an export
            that could not be made may stand there as ``{"failed": reason}``.

    Returns:
        ``int8`` or ``float32``, and the reason as a sentence.
    """
    float32, int8 = receipt["exports"]["float32"], receipt["exports"].get("int8")
    if int8 is None:
        return "float32", "There is no int8 export."
    if "failed" in int8:
        return "float32", f"There is no int8 export. {int8['failed']}"
    if float32["AP"] is None or int8["AP"] is None:
        return "float32", "There are no labelled boxes to measure what int8 loses."
    loss = round(float32["AP"] - int8["AP"], 6)
    change = f"{'lowers' if loss > 0 else 'raises'} AP by {abs(loss):.3f}"
    if abs(loss) < 0.0005:
        change = "does not change AP"
    if loss > LARGEST_AP_LOSS:
        return "float32", f"int8 {change}, which is more than {LARGEST_AP_LOSS}."
    times = f"{int8['milliseconds']:.1f} ms where float32 takes {float32['milliseconds']:.1f} ms"
    if int8["milliseconds"] >= float32["milliseconds"]:
        return "float32", f"int8 is not faster on this machine: it takes {times}."
    return "int8", f"int8 {change} and takes {times}."


@dataclass
class _Measured:
    """One network's answers, as far as they are needed."""

    run: Run
    detections: list[Detections] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    box_shifts: list[float] = field(default_factory=list)
    unmatched: int = 0
    max_score_difference: float = 0.0

    def look(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the prediction of one image, and take the time on the first images."""
        if not self.milliseconds:
            # The first call also prepares; it tells nothing about the others.
            self.run(image)
        if len(self.milliseconds) == TIMED_IMAGES:
            return self.run(image)[0]
        times = []
        for _ in range(_TIMED_CALLS):
            begun = time.perf_counter()
            prediction = self.run(image)[0]
            times.append(time.perf_counter() - begun)
        self.milliseconds.append(min(times) * 1000)
        return prediction

    def compare(
        self,
        given: NDArray[np.float32],
        wanted: NDArray[np.float32],
        default_boxes: NDArray[np.float32],
        config: SSDConfig,
        size_hw: tuple[int, int],
    ) -> None:
        """Add the differences on one image."""
        given_scores, wanted_scores = _scores(given), _scores(wanted)
        difference = float(np.abs(given_scores - wanted_scores).max())
        self.max_score_difference = max(self.max_score_difference, difference)
        confident = wanted_scores >= CONFIDENT_SCORE
        matched = confident & (given_scores >= SCORE_FLOOR)
        self.unmatched += int(confident.sum() - matched.sum())
        rows = np.flatnonzero(matched.any(axis=1))
        if len(rows):
            ours = _boxes(given[rows], default_boxes[rows], config, size_hw)
            theirs = _boxes(wanted[rows], default_boxes[rows], config, size_hw)
            self.box_shifts.extend(np.abs(ours - theirs).max(axis=1).tolist())

    def figures(self, examples: Sequence[Example], config: SSDConfig) -> dict[str, Any]:
        """AP and time."""
        metrics = evaluate(self.detections, examples, config.classes)
        median = round(statistics.median(self.milliseconds), 2) if self.milliseconds else None
        return {"AP": metrics["AP"], "AP50": metrics["AP50"], "milliseconds": median}

    def differences(self) -> dict[str, Any]:
        """What `compare` has seen."""
        return {
            "max_box_shift": max(self.box_shifts, default=None),
            "mean_box_shift": statistics.fmean(self.box_shifts) if self.box_shifts else None,
            "boxes": len(self.box_shifts),
            "unmatched": self.unmatched,
            "max_score_difference": self.max_score_difference,
        }


def _scores(prediction: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [D, C - 1], without the background's."""
    powers = np.exp(prediction[:, 4:] - prediction[:, 4:].max(axis=1, keepdims=True))
    return powers[:, 1:] / powers.sum(axis=1, keepdims=True)


def _boxes(
    prediction: NDArray[np.float32],
    default_boxes: NDArray[np.float32],
    config: SSDConfig,
    size_hw: tuple[int, int],
) -> NDArray[np.float32]:
    height, width = (image / network for image, network in zip(size_hw, config.input_size_hw, strict=True))
    on_input = decode_boxes(prediction[:, :4], default_boxes, config.variances)
    return clip_boxes(on_input * np.array([width, height, width, height], np.float32), size_hw)
