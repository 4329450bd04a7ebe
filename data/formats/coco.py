"""COCO: JSON that lists images, categories and annotations, joined by ids; boxes are x, y, width, height.

Category ids have gaps; the order of the list is the classes' order. A polygon or mask gives its bounding box
where the annotation has no ``bbox``. ``attributes.difficult``, as CVAT and Datumaro write it, is understood.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from data.errors import AnnotationRejected
from data.formats.annotated import Labels, NamedBox, Reading
from data.formats.corners import checked_box, class_name, number, pixels, yes
from data.formats.dataset import Dataset, PlacedImage, WrittenFile
from data.formats.folder import list_files
from data.formats.gathering import Gathering
from data.formats.json_documents import json_documents
from data.formats.json_text import as_list, as_object, as_text, dump_rows, shown
from data.formats.outlines import Corners, is_upright, of_points, of_rotated, of_run_lengths, run_lengths
from data.formats.sizes import stated_size
from data.formats.splits import split_of_file
from data.formats.written_names import Layout
from data.records import Split

ENDINGS = frozenset({".json"})
IMAGES = "images/"
LAYOUT = Layout(prefix=lambda _split: IMAGES)
_WITHOUT_SPLIT = "default"

Id = int | str | float


@dataclass(slots=True)
class _File:
    """One COCO file while it is read."""

    path: Path
    name: str
    document: dict[str, Any]
    classes: dict[Id, str]
    split: Split | None


def is_coco(document: Any) -> bool:
    """Tell whether a JSON document lists images, annotations and categories."""
    return isinstance(document, dict) and all(
        isinstance(document.get(key), list) for key in ("images", "annotations", "categories")
    )


def read_folder(folder: Path) -> Reading:
    """Read a data set: every image below the folder, with what the COCO files among the JSON say of it."""
    found = Gathering(folder)
    classes: dict[str, None] = {}
    splits: set[str | None] = set()
    # Before the key points of the same images, which repeat their boxes.
    paths = sorted(list_files(folder, ENDINGS), key=lambda path: "instances" not in path.name)
    for path, name, document in json_documents(
        paths, found, is_coco, "COCO images, annotations and categories"
    ):
        split = split_of_file(name)
        splits.add(split)
        file = _File(path, name, document, _classes(document, name, found), None)
        file.split = None if split == "none" else split
        classes |= dict.fromkeys(file.classes.values())
        _read_file(file, found)
    return found.reading(classes, splits_stated=bool(splits - {None}), by_name=True)


def _read_file(file: _File, found: Gathering) -> None:
    of_image: dict[Id, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for position, value in enumerate(as_list(file.document["annotations"])):
        annotation = as_object(value)
        image_id = annotation.get("image_id")
        if _is_id(image_id):
            of_image[image_id].append((position, annotation))
        else:
            problem = f"It has no usable image_id, but {shown(image_id)}."
            found.refuse(
                file.name, AnnotationRejected(problem, "Name its image."), _place(position, annotation)
            )
    seen: set[Id] = set()
    for position, value in enumerate(as_list(file.document["images"])):
        entry = as_object(value)
        image_id, reference = entry.get("id"), as_text(entry.get("file_name"))
        if not _is_id(image_id) or not reference or image_id in seen:
            problem = f"Image {position + 1} has no file_name, or no id of its own, but {shown(image_id)}."
            found.refuse(file.name, AnnotationRejected(problem, "Give it both."))
            continue
        seen.add(image_id)
        image = found.find([reference], file.path, split=file.split)
        if image is not None:
            listed = of_image.get(image_id, [])
            boxes = tuple(_boxes(listed, file, found))
            labels = Labels(
                boxes, stated_size(entry.get("width"), entry.get("height")), len(listed), file.name
            )
            found.give(image, labels, file.split)
    for image_id in of_image.keys() - seen:
        number_of = len(of_image[image_id])
        problem = f"{number_of} annotations belong to image {shown(image_id)}, which is not listed."
        found.refuse(file.name, AnnotationRejected(problem, "List the image, or delete them."))


def _boxes(listed: list[tuple[int, dict[str, Any]]], file: _File, found: Gathering) -> Iterator[NamedBox]:
    for position, annotation in listed:
        try:
            yield _box(annotation, file.classes, found.shapes)
        except AnnotationRejected as error:
            found.refuse(file.name, error, _place(position, annotation))


def _box(annotation: dict[str, Any], classes: dict[Id, str], shapes: Counter[str]) -> NamedBox:
    category = annotation.get("category_id")
    name = classes.get(category) if _is_id(category) else None
    if name is None:
        raise AnnotationRejected(
            f"Its category {shown(category)} is not among the categories.", "List the category, or delete it."
        )
    attributes = as_object(annotation.get("attributes"))
    corners = _corners(annotation, attributes, shapes)
    return checked_box(
        name,
        corners,
        difficult=yes(attributes.get("difficult")),
        crowd=yes(annotation.get("iscrowd")),
    )


def _corners(annotation: dict[str, Any], attributes: dict[str, Any], shapes: Counter[str]) -> Corners:
    written, outline = annotation.get("bbox"), annotation.get("segmentation")
    if not as_list(written) and outline:
        corners, kind = _outline(outline)
    else:
        if len(as_list(written)) != 4:
            raise AnnotationRejected(
                f"Its bbox is {shown(written)}, not four numbers.", "Draw its box again."
            )
        x, y, width, height = (number(value, "A number of its bbox") for value in as_list(written))
        corners, kind = (x, y, x + width, y + height), _kind(outline)
        turned = number(attributes.get("rotation", 0), "Its rotation") % 360
        if turned and width > 0 and height > 0:
            corners, kind = of_rotated(corners, turned), "rotated box"
    if kind:
        shapes[kind] += 1
    return corners


def _kind(outline: Any) -> str:
    """Name the shape that a box stands for; nothing for a box that is all there is."""
    if isinstance(outline, dict):
        return "mask"
    try:
        return "" if all(is_upright(polygon) for polygon in _polygons(outline)) else "polygon"
    except AnnotationRejected:
        return ""


def _outline(outline: Any) -> tuple[Corners, str]:
    if isinstance(outline, dict):
        return _mask(outline), "mask"
    polygons = _polygons(outline)
    if not polygons:
        raise AnnotationRejected("It has neither bbox nor segmentation.", "Draw its box again.")
    upright = len(polygons) == 1 and is_upright(polygons[0])
    return of_points([point for polygon in polygons for point in polygon]), "" if upright else "polygon"


def _polygons(outline: Any) -> list[list[tuple[float, float]]]:
    polygons: list[list[tuple[float, float]]] = []
    for polygon in as_list(outline):
        values = [number(value, "A corner of its segmentation") for value in as_list(polygon)]
        if len(values) < 4 or len(values) % 2:
            raise AnnotationRejected(
                f"Its segmentation has a polygon of {len(values)} numbers.", "Draw its outline again."
            )
        polygons.append(list(zip(values[::2], values[1::2], strict=True)))
    return polygons


def _mask(outline: dict[str, Any]) -> Corners:
    size = stated_size(*as_list(outline.get("size"))[:2]) if len(as_list(outline.get("size"))) == 2 else None
    counts = outline.get("counts")
    if size is None or not isinstance(counts, str | list):
        raise AnnotationRejected("Its mask has no size or no counts.", "Export it again, or draw a box.")
    runs = (
        run_lengths(counts) if isinstance(counts, str) else [int(number(n, "A mask's run")) for n in counts]
    )
    height, width = size
    return of_run_lengths(runs, height, width)


def _classes(document: dict[str, Any], file: str, found: Gathering) -> dict[Id, str]:
    classes: dict[Id, str] = {}
    for position, value in enumerate(document["categories"]):
        category = as_object(value)
        category_id = category.get("id")
        try:
            if not _is_id(category_id) or category_id in classes:
                raise AnnotationRejected(f"Its id is {shown(category_id)}.", "Give it an id of its own.")
            classes[category_id] = class_name(category.get("name"))
        except AnnotationRejected as error:
            found.refuse(file, error, f"Category {position + 1}")
    return classes


def _is_id(value: Any) -> TypeGuard[Id]:
    return isinstance(value, int | str | float) and not isinstance(value, bool)


def _place(position: int, annotation: dict[str, Any]) -> str:
    return f"Annotation {position + 1} (id {shown(annotation.get('id'))})"


def write(dataset: Dataset) -> Iterator[WrittenFile]:
    """Write the annotation files of a data set, one for each split; ids count through all of them."""
    categories = [{"id": number, "name": name} for number, name in enumerate(dataset.classes, start=1)]
    ids = {category["name"]: category["id"] for category in categories}
    of_split: dict[str, list[tuple[int, PlacedImage]]] = defaultdict(list)
    for image_id, placed in enumerate(dataset.images, start=1):
        of_split[placed.image.split or _WITHOUT_SPLIT].append((image_id, placed))
    annotation_id = 0
    for split in sorted(of_split) or [_WITHOUT_SPLIT]:
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for image_id, placed in of_split[split]:
            image = placed.image
            path = placed.path.removeprefix(IMAGES)
            images.append({"id": image_id, "file_name": path, "width": image.width, "height": image.height})
            for box in image.boxes:
                annotation_id += 1
                annotations.append(_written(annotation_id, image_id, ids[box.class_name], box))
        document = {"images": images, "annotations": annotations, "categories": categories}
        yield WrittenFile(f"annotations/instances_{split}.json", dump_rows(document))


def _written(annotation_id: int, image_id: int, category_id: Any, box: NamedBox) -> dict[str, Any]:
    x0, y0 = pixels(box.x0), pixels(box.y0)
    width, height = pixels(box.x1 - x0), pixels(box.y1 - y0)
    written = {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": category_id,
        "bbox": [x0, y0, width, height],
        "area": pixels(width * height),
        "segmentation": [],
        "iscrowd": int(box.crowd),
    }
    return written | {"attributes": {"difficult": True}} if box.difficult else written
