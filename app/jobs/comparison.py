"""Two models on the same images: which is better, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.jobs.evaluation import SEED, OnImage, detect_all, measure, score_of
from app.jobs.model_images import LabelledImages
from data.blobs import Blobs
from data.errors import DataError

if TYPE_CHECKING:
    from ssd_core.nms import Detections

#: Comparisons of another form are made again.
FORMAT = 2
#: Fewer images than this are not compared: whatever came out would be chance.
FEWEST_IMAGES = 2
#: Figures of a report that stand side by side; galleries belong to one model.
_LEFT_OUT = ("gallery", "gallery_totals", "confusion_cells", "errors", "voc")


def compare(
    folder_a: Path,
    folder_b: Path,
    labelled: LabelledImages,
    blobs: Blobs,
    on_image: OnImage | None = None,
) -> dict[str, Any]:
    """Measure both models on the images, on the classes that both know.

    Args:
        folder_a: the first model's folder.
        folder_b: the second model's folder; its names of classes count.
        labelled: images that are fair to both.
        blobs: where image files lie.
        on_image: hears how much is done, and of how much; what it raises ends the work.

    Returns:
        ``{"images", "boxes", "classes", "left_out", "a", "b", "verdict"}``: the two reports, and
        ``compare_models``' figures with a ``sentence`` and ``better`` (``a``, ``b`` or None for noise).

    Raises:
        DataError: there is nothing to compare on.
        InvalidArtifact: a model is damaged.
    """
    from ssd_core.resampling import compare_models
    from ssd_core.runtime import Detector

    first, second = Detector.load(folder_a), Detector.load(folder_b)
    called = [labelled.renamed.get(name, name) for name in first.classes]
    classes = [name for name in called if name in second.classes]
    if not classes:
        raise DataError("The two models have no class in common, so there is nothing to compare.")
    if len(labelled.images) < FEWEST_IMAGES:
        raise DataError(
            "There are no images of this split that both models can be measured on fairly: "
            "give some labelled images the split Test and compare on those."
        )
    examples = labelled.examples(classes, blobs)
    total = 2 * len(examples)

    def told(offset: int) -> OnImage | None:
        return None if on_image is None else lambda done, _: on_image(offset + done, total)

    of_a, of_b = (
        _of_classes(detect_all(detector, examples, told(offset)), names, classes)
        for detector, names, offset in ((first, called, 0), (second, second.classes, len(examples)))
    )
    verdict = compare_models(of_a, of_b, examples, classes, seed=SEED)
    reports = [
        measure(detections, examples, classes, score_of(detector), labelled)
        for detections, detector in ((of_a, first), (of_b, second))
    ]
    everyone = dict.fromkeys((*called, *second.classes))
    a, b = ({key: of[key] for key in of if key not in _LEFT_OUT} for of in reports)
    return {
        "images": len(examples),
        "boxes": a["boxes"],
        "classes": classes,
        "left_out": [name for name in everyone if name not in classes],
        "a": a,
        "b": b,
        "verdict": {**verdict, **_told(verdict, len(examples))},
    }


def _told(verdict: Mapping[str, Any], images: int) -> dict[str, Any]:
    """Say the verdict in a sentence; ``better`` names the model, None where chance explains it."""
    by_ap = verdict["AP"]
    if by_ap is None:
        return {"better": None, "sentence": "The images have no boxes, so nothing can be said."}
    low, high = by_ap["interval"]
    span = f"on {images} images the difference in AP lies between {low:+.3f} and {high:+.3f}"
    if by_ap["difference"] == low == high == 0:
        return {
            "better": None,
            "sentence": f"No difference: both models are equally good on {images} images.",
        }
    if low <= 0 <= high:
        return {
            "better": None,
            "sentence": f"The difference is noise: {span}, and zero is among that. More images would tell.",
        }
    if by_ap["within_noise"]:
        return {
            "better": None,
            "sentence": f"Too few images to tell: on {images} images, two equally good models would differ "
            f"as much in {by_ap['chance']:.0%} of cases. More images would tell.",
        }
    better = "b" if by_ap["difference"] > 0 else "a"
    return {
        "better": better,
        "sentence": f"Model {better.upper()} is better, and not by chance: {span}.",
    }


def _of_classes(
    detections: Sequence[Detections], names: Sequence[str], classes: Sequence[str]
) -> list[Detections]:
    """Keep the detections of some classes, numbered by these instead of by all names."""
    from ssd_core.nms import Detections

    numbers = np.array([classes.index(name) if name in classes else -1 for name in names], np.int64)
    kept = []
    for found in detections:
        of = numbers[found.class_ids]
        mine = of >= 0
        kept.append(Detections(found.boxes_xyxy[mine], found.scores[mine], of[mine]))
    return kept
