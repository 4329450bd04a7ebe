"""The evaluation report of a model on one split: measured, written beside the model, and read again."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.jobs.gallery import cells_of, gallery_of
from app.jobs.model_images import LabelledImages
from data.blobs import Blobs
from data.records import Split

if TYPE_CHECKING:
    from ssd_core.example import Example
    from ssd_core.nms import Detections
    from ssd_core.runtime import Detector

#: Reports of another form are measured again.
FORMAT = 2
#: Of the bootstrap's draws: the same images give the same interval.
SEED = 0
#: COCO's sizes: the largest area in pixels of small and of medium objects.
SMALL, MEDIUM = 32.0**2, 96.0**2

OnImage = Callable[[int, int], None]


def report_file(folder: Path, split: Split) -> Path:
    """Where a model folder keeps its report of a split."""
    return folder / f"evaluation.{split}.json"


def stored_report(folder: Path, split: Split, fingerprint: str) -> dict[str, Any] | None:
    """Read a report; None if there is none, or images or boxes have changed since it was measured."""
    try:
        report = json.loads(report_file(folder, split).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        return None
    return report if report.get("fingerprint") == fingerprint else None


def measure_and_store(
    folder: Path, split: Split, labelled: LabelledImages, blobs: Blobs, on_image: OnImage | None = None
) -> dict[str, Any]:
    """Measure a model by LiteRT, which needs no TensorFlow, and keep the report in its folder.

    Args:
        folder: the model folder.
        split: the name of the split.
        labelled: its images.
        blobs: where image files lie.
        on_image: hears how many images are done, and of how many; what it raises ends the work.

    Raises:
        InvalidArtifact: the model is damaged.
        InvalidExample: an image cannot be decoded.
    """
    from ssd_core.runtime import Detector

    detector = Detector.load(folder)
    examples = labelled.examples(detector.classes, blobs)
    detections = detect_all(detector, examples, on_image)
    report = measure(detections, examples, detector.classes, score_of(detector), labelled)
    report = {
        "format": FORMAT,
        "split": split,
        "fingerprint": labelled.fingerprint,
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        **report,
    }
    write_json(report_file(folder, split), report)
    return report


def detect_all(
    detector: Detector, examples: Sequence[Example], on_image: OnImage | None = None
) -> list[Detections]:
    """Detect in every image as accuracy is measured, from a low score on."""
    detections = []
    for done, example in enumerate(examples):
        if on_image is not None:
            on_image(done, len(examples))
        detections.append(detector.predict_for_evaluation(example.image))
    return detections


def score_of(detector: Detector) -> float:
    """The score threshold that a person starts with for this model."""
    from ssd_core.nms import SCORE_THRESHOLD

    return float(detector.card.get("thresholds", {}).get("score", SCORE_THRESHOLD))


def measure(
    detections: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    score: float,
    labelled: LabelledImages,
) -> dict[str, Any]:
    """Make the report: all figures, and the mistakes as a gallery, worst first, with image ids.

    Args:
        detections: one per example, from a low score on.
        examples: made from the images, in their order.
        classes: names in the network's order.
        score: mistakes are listed from this score on.
        labelled: the images.

    Returns:
        What `full_report` gives, without its lists of records, and ``classes``, ``score_threshold``;
        ``per_class`` with what each class's suggested threshold gives (`operating_points`); ``sizes`` by
        COCO's three sizes; ``gallery`` and ``gallery_totals`` (`gallery_of`); ``confusion_cells``
        (`cells_of`).
    """
    from ssd_core.evaluation_report import full_report
    from ssd_core.operating_points import operating_points

    report = full_report(detections, examples, classes, seed=SEED, score_threshold=score)
    records = report["errors"].pop("records")
    confused = report["confusion"].pop("records")
    thresholds = {name: of["threshold"] for name, of in report["thresholds"]["per_class"].items()}
    points = operating_points(detections, examples, classes, thresholds)
    gallery, totals = gallery_of(records, detections, examples, classes, labelled.images)
    return {
        **report,
        "classes": list(classes),
        "score_threshold": score,
        "per_class": {name: {**of, **points[name]} for name, of in report["per_class"].items()},
        "sizes": _sizes(report, examples),
        "gallery": gallery,
        "gallery_totals": totals,
        "confusion_cells": cells_of(confused, detections, examples, classes, labelled.images),
    }


def _sizes(report: Mapping[str, Any], examples: Sequence[Example]) -> dict[str, dict[str, Any]]:
    counts = {"small": 0, "medium": 0, "large": 0}
    for example in examples:
        sides = (example.boxes_xyxy[:, 2:] - example.boxes_xyxy[:, :2])[~example.ignore]
        for area in sides.prod(axis=1).tolist():
            counts["small" if area <= SMALL else "medium" if area <= MEDIUM else "large"] += 1
    return {
        size: {"AP": report[f"AP_{size}"], "AR": report[f"AR_{size}"], "boxes": boxes}
        for size, boxes in counts.items()
    }


def write_json(target: Path, document: Mapping[str, Any]) -> None:
    """Write a document so that readers see all of it or what was there before."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(document, stream, ensure_ascii=False, allow_nan=False)
        Path(partial).chmod(0o644)
        Path(partial).replace(target)
    finally:
        with suppress(OSError):
            Path(partial).unlink(missing_ok=True)
