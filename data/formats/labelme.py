"""LabelMe: a JSON file per image beside it, with shapes in pixels; corners come in any order.

``difficult`` and ``crowd`` are kept in a shape's ``flags``; X-AnyLabeling's own ``difficult`` is understood.
Classes in their order come from ``labels.txt``, which LabelMe reads with ``--labels``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from data.errors import AnnotationRejected
from data.formats.annotated import Labels, NamedBox, Reading
from data.formats.class_list import read_class_list, write_class_list
from data.formats.corners import checked_box, class_name, number, pixels, yes
from data.formats.dataset import Dataset, LabelledImage, PlacedImage, WrittenFile
from data.formats.folder import list_files
from data.formats.gathering import Gathering
from data.formats.json_documents import json_documents
from data.formats.json_text import as_list, as_object, as_text, dump, shown
from data.formats.outlines import Corners, is_upright, of_ellipse, of_points
from data.formats.sizes import stated_size
from data.formats.splits import UNASSIGNED, speaks_of_splits
from data.formats.written_names import Layout
from data.records import Split

ENDINGS = frozenset({".json"})
CLASSES = "labels.txt"
_VERSION = "5.5.0"
# LabelMe's own marks in labels.txt.
_NO_CLASSES = {"__ignore__", "_background_"}
_WITHOUT_AREA = {"point", "points", "line", "linestrip"}


def is_labelme(document: Any) -> bool:
    """Tell whether a JSON document describes one image by shapes."""
    return isinstance(document, dict) and isinstance(document.get("shapes"), list) and "imagePath" in document


def read_folder(folder: Path) -> Reading:
    """Read a data set: every image below the folder, with the shapes of the JSON file that names it."""
    found = Gathering(folder)
    for path, name, document in json_documents(
        list_files(folder, ENDINGS), found, is_labelme, "LabelMe shapes"
    ):
        image = found.find([as_text(document["imagePath"]), path.stem], path)
        if image is not None:
            found.give(image, _labels(document, name, found))
    classes = [label for label in read_class_list(folder / CLASSES) if label not in _NO_CLASSES]
    return found.reading(classes)


def _labels(document: dict[str, Any], file: str, found: Gathering) -> Labels:
    boxes: list[NamedBox] = []
    shapes = document["shapes"]
    for position, value in enumerate(shapes):
        try:
            boxes.append(_box(as_object(value), found.shapes))
        except AnnotationRejected as error:
            found.refuse(file, error, f"Shape {position + 1}")
    size = stated_size(document.get("imageWidth"), document.get("imageHeight"))
    return Labels(tuple(boxes), size, len(shapes), file)


def _box(shape: dict[str, Any], shapes: Counter[str]) -> NamedBox:
    name = class_name(shape.get("label"))
    kind = as_text(shape.get("shape_type")) or "polygon"
    points = _points(shape)
    if kind in _WITHOUT_AREA or not points:
        raise AnnotationRejected(f"The {kind} of {name!r} has no area.", "Draw a rectangle.")
    corners, became = _corners(kind, points)
    flags = as_object(shape.get("flags"))
    box = checked_box(
        name,
        corners,
        difficult=yes(flags.get("difficult")) or yes(shape.get("difficult")),
        crowd=yes(flags.get("crowd")),
    )
    if became:
        shapes[became] += 1
    return box


def _points(shape: dict[str, Any]) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for value in as_list(shape.get("points")):
        if len(as_list(value)) != 2:
            raise AnnotationRejected(f"Its point {shown(value)} is no pair of numbers.", "Draw it again.")
        x, y = (number(part, "A coordinate of its points") for part in value)
        points.append((x, y))
    return points


def _corners(kind: str, points: Sequence[tuple[float, float]]) -> tuple[Corners, str]:
    """Give the bounding box, and the shape it stands for unless that is an upright rectangle."""
    if kind == "circle":
        if len(points) != 2:
            raise AnnotationRejected("A circle needs its centre and a point on it.", "Draw it again.")
        radius = math.dist(*points)
        return of_ellipse(points[0], (radius, radius)), "circle"
    if kind == "rectangle":
        return of_points(points), "" if is_upright(points) else "rotated box"
    if kind in ("rotation", "oriented_rectangle"):
        return of_points(points), "rotated box"
    if len(points) < 3 and kind != "mask":
        raise AnnotationRejected(f"A {kind} of {len(points)} points has no area.", "Draw it again.")
    return of_points(points), "mask" if kind == "mask" else "polygon"


def layout(images: Sequence[LabelledImage]) -> Layout:
    """Keep images where their names say, below a folder for each split if there is any."""
    needed = any(image.split or speaks_of_splits(image.name) for image in images)
    return Layout(prefix=_split_folder if needed else _no_folder, by_stem=True)


def _split_folder(split: Split | None) -> str:
    return f"{split or UNASSIGNED}/"


def _no_folder(_split: Split | None) -> str:
    return ""


def write(dataset: Dataset) -> Iterator[WrittenFile]:
    """Write the annotation files of a data set."""
    for placed in dataset.images:
        path = PurePosixPath(placed.path)
        yield WrittenFile(f"{placed.path.removesuffix(path.suffix)}.json", dump(_document(placed)))
    yield WrittenFile(CLASSES, write_class_list(dataset.classes))


def _document(placed: PlacedImage) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "flags": {},
        "shapes": [_shape(box) for box in placed.image.boxes],
        "imagePath": PurePosixPath(placed.path).name,
        "imageData": None,
        "imageHeight": placed.image.height,
        "imageWidth": placed.image.width,
    }


def _shape(box: NamedBox) -> dict[str, Any]:
    marks = {"difficult": box.difficult, "crowd": box.crowd}
    return {
        "label": box.class_name,
        "points": [[pixels(box.x0), pixels(box.y0)], [pixels(box.x1), pixels(box.y1)]],
        "group_id": None,
        "description": "",
        "shape_type": "rectangle",
        "flags": {mark: True for mark, is_set in marks.items() if is_set},
        "mask": None,
    }
