"""The gallery of a model's mistakes: what to look at, worst first, each with the image to open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from data.records import SnapshotImage

if TYPE_CHECKING:
    from ssd_core.example import Example
    from ssd_core.nms import Detections

#: Shown of each kind; the totals tell how many there are.
MOST_OF_A_KIND = 200
#: Shown of each cell of the confusion matrix, which has its number.
MOST_OF_A_CELL = 24
#: TIDE's error types (`ssd_core.error_types`) as a person would call them.
KINDS = {
    "bkg": "false_positives",
    "dupe": "false_positives",
    "both": "wrong_classes",
    "cls": "wrong_classes",
    "loc": "poor_fits",
    "miss": "misses",
}


def gallery_of(
    records: Sequence[Mapping[str, Any]],
    detections: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    images: Sequence[SnapshotImage],
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, int]]:
    """Turn records of `error_types` into what a page shows.

    False positives, wrong classes and poor fits are worst where the model was surest, misses where the object
    takes the largest part of its image.

    Args:
        records: the mistakes.
        detections: one per image.
        examples: one per image.
        classes: names in the network's order.
        images: what the examples were made from, in their order.

    Returns:
        For ``false_positives``, ``wrong_classes``, ``poor_fits`` and ``misses`` the worst
        `MOST_OF_A_KIND` as ``{"type", "image_id", "name", "width", "height", "score", "iou", "predicted",
        "box", "true", "truth_box"}`` and how many there are. ``predicted`` and ``box`` (float xyxy pixels of
        the upright image) are None for a miss, ``true`` and ``truth_box`` where nothing is near.
    """
    gallery: dict[str, list[dict[str, Any]]] = {kind: [] for kind in dict.fromkeys(KINDS.values())}
    for record in records:
        entry = _entry(record, detections, examples, classes, images)
        gallery[KINDS[record["type"]]].append(
            {"type": record["type"], **entry, "score": record["score"], "iou": record["iou"]}
        )
    for kind, entries in gallery.items():
        entries.sort(key=_share_of_image if kind == "misses" else _score, reverse=True)
    totals = {kind: len(entries) for kind, entries in gallery.items()}
    return {kind: entries[:MOST_OF_A_KIND] for kind, entries in gallery.items()}, totals


def cells_of(
    records: Sequence[Mapping[str, Any]],
    detections: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    images: Sequence[SnapshotImage],
) -> dict[str, list[dict[str, Any]]]:
    """Turn records of `confusion_matrix` into what a page shows of each cell, the surest or largest first.

    Returns:
        By ``"row,column"`` at most `MOST_OF_A_CELL` entries as in the gallery, without ``type`` and ``iou``.
    """
    cells: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        entry = _entry(record, detections, examples, classes, images)
        cells.setdefault(f"{record['true']},{record['predicted']}", []).append(entry)
    for entries in cells.values():
        missed = entries[0]["box"] is None
        entries.sort(key=_share_of_image if missed else _score, reverse=True)
        del entries[MOST_OF_A_CELL:]
    return cells


def _entry(
    record: Mapping[str, Any],
    detections: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    images: Sequence[SnapshotImage],
) -> dict[str, Any]:
    index = int(record["image"])
    image, found, example = images[index], detections[index], examples[index]
    detection, truth = record["detection"], record["truth"]
    return {
        "image_id": image.image_id,
        "name": image.name,
        "width": image.width,
        "height": image.height,
        "score": None if detection is None else float(found.scores[detection]),
        "predicted": None if detection is None else classes[int(found.class_ids[detection])],
        "box": None if detection is None else found.boxes_xyxy[detection].tolist(),
        "true": None if truth is None else classes[int(example.class_ids[truth])],
        "truth_box": None if truth is None else example.boxes_xyxy[truth].tolist(),
    }


def _score(entry: Mapping[str, Any]) -> float:
    return float(entry["score"])


def _share_of_image(entry: Mapping[str, Any]) -> float:
    x0, y0, x1, y1 = entry["truth_box"]
    return float((x1 - x0) * (y1 - y0) / (entry["width"] * entry["height"]))
