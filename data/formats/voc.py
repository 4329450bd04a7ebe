"""Pascal VOC: one XML file per image, matched to it by base name, in sibling folders or all in one.

Coordinates: the VOC devkit counts pixels from 1 and includes the last one, so a box covers ``xmin-1 … xmax``
in our half-open floats, and one a pixel wide has ``xmin == xmax``. Many tools write 0-based corners instead.
``auto`` takes 1 unless a box of the data set starts at exactly 0.

Rotated boxes are understood as roLabelImg and CVAT write them, the mark of a crowd as CVAT and Datumaro do.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from data.errors import AnnotationRejected, InvalidName
from data.formats.annotated import AnnotatedFile, Labels, NamedBox, Reading
from data.formats.corners import finite, pixels, yes
from data.formats.folder import list_files, relative_name
from data.formats.gathering import shape_note
from data.formats.image_index import ImageIndex, best, common_end, common_start, composed
from data.formats.image_sets import read_image_sets
from data.formats.label_map import FILE, read_label_map
from data.formats.outlines import Corners, of_rotated
from data.formats.text_file import read_bytes
from data.formats.xml_tree import MAX_BYTES, Node, parse_xml
from data.names import tidy_name
from data.records import IMAGE_ENDINGS, Problem

Base = Literal["auto", "0", "1"]

ENDINGS = frozenset({".xml"})
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_REDRAW = "Correct the two numbers, or draw the box again."


@dataclass(frozen=True, slots=True)
class Annotation:
    """An XML file as it stands: boxes hold the corners as written, whichever base they count from.

    ``rotated`` counts boxes that became the upright ones around them.
    """

    filename: str
    labels: Labels
    problems: tuple[Problem, ...]
    rotated: int = 0


def read_folder(folder: Path, base: Base = "auto") -> Reading:
    """Read a data set: every image below the folder, with the boxes of the XML that belongs to it.

    What cannot be read is reported with file, line and remedy, and the rest is kept.

    Args:
        folder: the data set.
        base: what the coordinates count from.
    """
    images = list_files(folder, IMAGE_ENDINGS)
    annotations: dict[Path, Annotation] = {}
    problems: list[Problem] = []
    for path in list_files(folder, ENDINGS):
        name = relative_name(folder, path)
        try:
            annotations[path] = parse(read_bytes(path, MAX_BYTES), name)
        except AnnotationRejected as error:
            problems.append(Problem(name, error.problem, error.remedy, error.line))
        else:
            problems += annotations[path].problems
    owner, unmatched = _match(folder, images, annotations)
    boxes = [box for annotation in annotations.values() for box in annotation.labels.boxes]
    rotated = sum(annotation.rotated for annotation in annotations.values())
    counted_from = _base(base, boxes)
    labels: dict[Path, Labels] = {}
    for path, annotation in annotations.items():
        labels[path], without_area = _shifted(annotation.labels, counted_from)
        problems += without_area
    sets = read_image_sets(folder, ImageIndex(folder, images))
    files = [
        AnnotatedFile(
            name=relative_name(folder, image),
            path=image,
            labels=labels[owner[image]] if image in owner else None,
            split=sets.splits.get(image),
        )
        for image in images
    ]
    return Reading(
        files=tuple(files),
        problems=(*problems, *unmatched, *sets.problems),
        notes=(*((_base_note(base, counted_from),) if boxes else ()), *shape_note({"rotated box": rotated})),
        classes=read_label_map(folder / FILE),
        splits_stated=sets.stated,
        base_in_doubt=any(_tells_base(annotation.labels) for annotation in annotations.values()),
    )


def parse(data: bytes, name: str) -> Annotation:
    """Read one XML file.

    Args:
        data: its bytes.
        name: how messages call it.

    Raises:
        AnnotationRejected: it is no VOC annotation at all; an object that is wrong is left out and reported.
    """
    root = parse_xml(data)
    if root.tag != "annotation":
        raise AnnotationRejected(
            f"The file holds <{root.tag}>, not the <annotation> of Pascal VOC.",
            "Export it as Pascal VOC, or keep it out of the folder.",
            root.line,
        )
    boxes: list[NamedBox] = []
    problems: list[Problem] = []
    objects = root.all("object")
    rotated = 0
    for node in objects:
        try:
            box, turned = _box(node)
            boxes.append(box)
            rotated += turned
        except AnnotationRejected as error:
            problems.append(Problem(name, error.problem, error.remedy, error.line))
    labels = Labels(tuple(boxes), _size(root), len(objects), name)
    return Annotation(root.value("filename"), labels, tuple(problems), rotated)


def _box(node: Node) -> tuple[NamedBox, bool]:
    """Read an object's box, and tell whether it was rotated."""
    place = node.first("bndbox") or node.first("robndbox")
    try:
        class_name = tidy_name(node.value("name"), "class")
    except InvalidName as error:
        raise AnnotationRejected(
            f"An object's <name> cannot be used: {error}", "Name its class.", node.line
        ) from error
    if place is None:
        raise AnnotationRejected(f"The {class_name!r} has no <bndbox>.", "Draw its box again.", node.line)
    (xmin, ymin, xmax, ymax), degrees = _corners(place, class_name)
    # CVAT and Datumaro put what VOC has no word for here.
    marks = node.first("attributes")
    values = {mark.value("name"): mark.value("value") for mark in (marks.all("attribute") if marks else ())}
    difficult, crowd = yes(node.value("difficult")), yes(values.get("is_crowd"))
    box = NamedBox(class_name, xmin, ymin, xmax, ymax, difficult=difficult, crowd=crowd, line=place.line)
    # Equal ones are no fault yet: counted from 1, they are a box of one pixel.
    fault = _without_area(box, xmax < xmin, ymax < ymin)
    if fault:
        raise AnnotationRejected(fault, _REDRAW, box.line)
    degrees += finite(values.get("rotation", "")) or 0.0
    if degrees % 360 == 0:
        return box, False
    x0, y0, x1, y1 = map(pixels, of_rotated((xmin, ymin, xmax, ymax), degrees))
    return replace(box, x0=x0, y0=y0, x1=x1, y1=y1), True


def _corners(place: Node, class_name: str) -> tuple[Corners, float]:
    """Read a box before it is rotated, and by how many degrees; roLabelImg's has a centre and radians."""
    if place.tag == "bndbox":
        xmin, ymin, xmax, ymax = (_corner(place, tag, class_name) for tag in _CORNERS)
        return (xmin, ymin, xmax, ymax), 0.0
    x, y, width, height, angle = (_corner(place, tag, class_name) for tag in ("cx", "cy", "w", "h", "angle"))
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2), math.degrees(angle)


def _without_area(box: NamedBox, in_x: bool, in_y: bool) -> str | None:
    """Say which corners of a box as written leave nothing between them, told of each axis whether they do."""
    if not (in_x or in_y):
        return None
    axis, low, high = ("x", box.x0, box.x1) if in_x else ("y", box.y0, box.y1)
    sign = "<" if high < low else "="
    return (
        f"The box of {box.class_name!r} has {axis}max {high:g} {sign} {axis}min {low:g}, so it holds nothing."
    )


def _corner(place: Node, tag: str, class_name: str) -> float:
    node = place.first(tag)
    text = place.value(tag)
    line = place.line if node is None else node.line
    if node is None:
        raise AnnotationRejected(f"The box of {class_name!r} has no <{tag}>.", "Draw the box again.", line)
    value = finite(text)
    if value is None:
        raise AnnotationRejected(
            f"The box of {class_name!r} has {tag} {text[:40]!r}, which is no finite number.",
            "Write a number with a point, or draw the box again.",
            line,
        )
    return value


def _size(root: Node) -> tuple[int, int] | None:
    node = root.first("size")
    if node is None:
        return None
    try:
        width, height = (int(float(node.value(tag))) for tag in ("width", "height"))
    except (ValueError, OverflowError):
        return None
    # Many tools write 0 where they do not know.
    return (width, height) if width > 0 and height > 0 else None


def _base(base: Base, boxes: Iterable[NamedBox]) -> Literal[0, 1]:
    if base != "auto":
        return 0 if base == "0" else 1
    # A box that is flat at 0 is no sign: some tools write four zeros for none.
    sides = ((low, high) for box in boxes for low, high in ((box.x0, box.x1), (box.y0, box.y1)))
    return 0 if any(low == 0 < high for low, high in sides) else 1


def _tells_base(labels: Labels) -> bool:
    """Tell whether a corner lies outside of the image by one way of counting: at 0, or beyond its size."""
    width, height = labels.size or (math.inf, math.inf)
    return any(
        low == 0 < high or high > size
        for box in labels.boxes
        for low, high, size in ((box.x0, box.x1, width), (box.y0, box.y1, height))
    )


def _base_note(base: Base, counted_from: Literal[0, 1]) -> str:
    if counted_from:
        why = "no box starts at 0" if base == "auto" else "as asked"
        return f"Coordinates were read as counted from 1, the last pixel included ({why})."
    why = "a box starts at 0" if base == "auto" else "as asked"
    return f"Coordinates were read as counted from 0 ({why})."


def _shifted(labels: Labels, counted_from: Literal[0, 1]) -> tuple[Labels, list[Problem]]:
    """Turn corners as written into half-open ones; a box without area then is left out and reported."""
    boxes: list[NamedBox] = []
    problems: list[Problem] = []
    for box in labels.boxes:
        x0, y0 = pixels(box.x0 - counted_from), pixels(box.y0 - counted_from)
        fault = _without_area(box, box.x1 <= x0, box.y1 <= y0)
        if fault:
            remedy = f"{_REDRAW} Coordinates were read as counted from {counted_from}."
            problems.append(Problem(labels.file, fault, remedy, box.line))
        else:
            boxes.append(replace(box, x0=x0, y0=y0))
    return replace(labels, boxes=tuple(boxes)), problems


def _match(
    folder: Path, images: Sequence[Path], annotations: dict[Path, Annotation]
) -> tuple[dict[Path, Path], list[Problem]]:
    """Find the image of each XML: the one of its base name that lies nearest to it."""
    by_stem: dict[str, list[Path]] = defaultdict(list)
    by_place: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for image in images:
        # Some tools append: photo.jpg.xml belongs to photo.jpg.
        for key in {composed(image.stem), composed(image.name)}:
            by_stem[key].append(image)
            by_place[image.parent, key].append(image)
    owner: dict[Path, Path] = {}
    problems: list[Problem] = []
    for path, annotation in annotations.items():
        name = relative_name(folder, path)
        stem = composed(path.stem)
        # Those beside it are the nearest; where every folder has one of this name, ranking all is slow.
        beside = by_place.get((path.parent, stem))
        nearest = _nearest(path, beside or by_stem.get(stem, []), annotation.filename)
        if not nearest:
            problem = f"No image is named {path.stem!r}."
            problems.append(Problem(name, problem, "Put the image beside it, or delete the file."))
        elif len(nearest) > 1:
            problem = f"Several images could be meant: {_names(folder, nearest)}."
            problems.append(
                Problem(name, problem, "Rename all but one, or name the right one in <filename>.")
            )
        elif nearest[0] in owner:
            problem = f"{relative_name(folder, owner[nearest[0]])} describes the same image."
            problems.append(Problem(name, problem, "Keep one of the two."))
        else:
            owner[nearest[0]] = path
    return owner, problems


def _nearest(path: Path, images: Sequence[Path], filename: str) -> list[Path]:
    """Give those nearest to an XML file; among them, those in folders named like its own, and no deeper."""

    def rank(image: Path) -> tuple[int, int, int]:
        ours, its = path.parent.parts, image.parent.parts
        return common_start(ours, its), common_end(ours, its), -len(its)

    near = best(images, rank)
    named = PurePosixPath(filename.replace("\\", "/")).name
    exact = [image for image in near if composed(image.name) == composed(named)]
    return exact if len(near) > 1 and exact else near


def _names(folder: Path, paths: Sequence[Path]) -> str:
    return ", ".join(relative_name(folder, path) for path in paths)
