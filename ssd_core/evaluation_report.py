"""All that a report says about a model, in one dictionary that JSON can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ssd_core.confusion import confusion_matrix
from ssd_core.error_types import error_types
from ssd_core.evaluation import evaluate
from ssd_core.example import Example
from ssd_core.nms import SCORE_THRESHOLD, Detections
from ssd_core.precision_recall import precision_recall_curves
from ssd_core.resampling import DEFAULT_RESAMPLES, bootstrap_interval
from ssd_core.score_thresholds import best_score_thresholds
from ssd_core.voc_metric import voc_metrics


def full_report(
    detections_per_image: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    *,
    seed: int,
    score_threshold: float = SCORE_THRESHOLD,
    resamples: int = DEFAULT_RESAMPLES,
) -> dict[str, Any]:
    """Measure detections in every way this library knows.

    Args:
        detections_per_image: one per example, in the same order, from a low score on
            (`Detector.predict_for_evaluation`).
        examples: the labelled images; their pixels are not read.
        classes: names without the background, in the order of the class indices.
        seed: of the bootstrap's draws.
        score_threshold: what a person would work with: for the confusion matrix and the list of mistakes.
        resamples: of the bootstrap.

    Returns:
        What `evaluate` gives, and ``"interval"`` (`bootstrap_interval`), ``"curves"``
        (`precision_recall_curves`), ``"thresholds"`` (`best_score_thresholds`), ``"voc"`` (`voc_metrics`),
        ``"confusion"`` (`confusion_matrix`) and ``"errors"`` (`error_types`: the gains over all detections,
        as in the paper; counts and records at ``score_threshold``, named in ``"score_threshold"``).

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    given = (detections_per_image, examples, classes)
    paper = error_types(*given)
    shown = error_types(*given, score_threshold=score_threshold)
    return {
        **evaluate(*given),
        "interval": bootstrap_interval(*given, seed=seed, resamples=resamples),
        "curves": precision_recall_curves(*given),
        "thresholds": best_score_thresholds(*given),
        "voc": voc_metrics(*given),
        "confusion": confusion_matrix(*given, score_threshold=score_threshold),
        "errors": {
            "delta_AP50": paper["delta_AP50"],
            "counts": shown["counts"],
            "records": shown["records"],
            "score_threshold": score_threshold,
        },
    }
