"""Label Studio: JSON tasks with results in per cent of the image, in the full and in the short form.

Of several annotations of a task the latest counts that nobody cancelled. A box is turned about its upper left
corner. Classes in their order come from ``label_config.xml``, the interface to set a project up with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from data.errors import AnnotationRejected
from data.formats.annotated import Labels, NamedBox, Reading
from data.formats.corners import checked_box, class_name, number
from data.formats.dataset import Dataset, PlacedImage, WrittenFile
from data.formats.folder import list_files
from data.formats.gathering import Gathering
from data.formats.json_documents import json_documents
from data.formats.json_text import as_list, as_object, as_text, dump, shown
from data.formats.label_config import FILE, read_label_config, write_label_config
from data.formats.outlines import Corners, of_ellipse, of_points, of_rotated
from data.formats.sizes import Size, stated_size, upright_size
from data.formats.splits import split_of_word
from data.formats.written_names import Layout
from data.records import IMAGE_ENDINGS, Split

ENDINGS = frozenset({".json"})
IMAGES = "images/"
LAYOUT = Layout(prefix=lambda _split: IMAGES)
_LOCAL = "/data/local-files/?d="
_UPLOAD_MARK = 8
_DAWN = datetime.min.replace(tzinfo=UTC)
_SHAPES = ("rectangle", "polygon", "ellipse")
# What a task of the short form has once somebody finished it.
_SIGNED = frozenset({"annotator", "annotation_id", "lead_time"})


@dataclass(slots=True)
class _Task:
    """A task: what it calls its image, and the results that count; None if nobody finished it."""

    references: list[str]
    results: list[dict[str, Any]] | None = None
    moment: datetime = _DAWN
    split: Split | None = None
    speaks_of_split: bool = False
    number: int = 0
    sizes: list[Size] = field(default_factory=list)


def is_label_studio(document: Any) -> bool:
    """Tell whether a JSON document is a list of Label Studio's tasks, in its full or its short form."""
    tasks = [as_object(task) for task in as_list(document)]
    return bool(tasks) and all(
        ("data" in task and ("annotations" in task or "completions" in task)) or _is_short(task)
        for task in tasks
    )


def _is_short(task: dict[str, Any]) -> bool:
    drawn = any(_short_kind(as_object(item)) for value in task.values() for item in as_list(value))
    return (drawn or not _SIGNED.isdisjoint(task)) and any(map(_is_image, task.values()))


def read_folder(folder: Path) -> Reading:
    """Read a data set: every image below the folder, with what the tasks among the JSON files say of it."""
    found = Gathering(folder)
    stated = False
    for path, name, document in json_documents(
        list_files(folder, ENDINGS), found, is_label_studio, "Label Studio tasks"
    ):
        for task in _tasks(document):
            stated |= task.speaks_of_split
            _read_task(task, path, name, found)
    return found.reading(read_label_config(folder / FILE), splits_stated=stated)


def _tasks(document: list[Any]) -> list[_Task]:
    """Read the tasks; of the short form, which has one for each annotation, the latest of each."""
    tasks: dict[Any, _Task] = {}
    for position, value in enumerate(document):
        source = as_object(value)
        full = "data" in source
        task = _full(source) if full else _short(source)
        task.number = position + 1
        known = None if full else tasks.get(shown(source.get("id")))
        if known is None or task.moment >= known.moment:
            tasks[position if full else shown(source.get("id"))] = task
    return list(tasks.values())


def _full(source: dict[str, Any]) -> _Task:
    data = as_object(source["data"])
    task = _Task(_references(data))
    _read_split(task, data)
    for value in as_list(source.get("annotations") or source.get("completions")):
        annotation = as_object(value)
        moment = _moment(annotation)
        if not annotation.get("was_cancelled") and (task.results is None or moment >= task.moment):
            task.results, task.moment = [as_object(r) for r in as_list(annotation.get("result"))], moment
    return task


def _short(source: dict[str, Any]) -> _Task:
    drawn = [as_object(item) for value in source.values() for item in as_list(value)]
    results = [{**item, "type": kind, "value": item} for item in drawn if (kind := _short_kind(item))]
    finished = results or not _SIGNED.isdisjoint(source)
    task = _Task(_references(source), results if finished else None, _moment(source))
    _read_split(task, source)
    return task


def _short_kind(item: dict[str, Any]) -> str:
    """Tell a shape's kind in the short form, which has no type but the key of the labels."""
    named = next((key for key in item if key.endswith("labels") and isinstance(item[key], list)), "")
    if named == "labels":
        keys = (("points", "polygon"), ("radiusX", "ellipse"), ("width", "rectangle"))
        return next((kind for key, kind in keys if key in item), "")
    return named


def _read_split(task: _Task, data: dict[str, Any]) -> None:
    task.speaks_of_split = "split" in data
    task.split = split_of_word(as_text(data.get("split")))


def _references(data: dict[str, Any]) -> list[str]:
    """Give what a task may call its image: as written, without the mark that an upload gets, unquoted."""
    address = next(
        (as_text(value) for key, value in data.items() if key == "image" and as_text(value)),
        next((as_text(value) for value in data.values() if _is_image(value)), ""),
    )
    path = _path_of(address)
    folder, _, last = path.rpartition("/")
    mark, dash, rest = last.partition("-")
    references = [path]
    if dash and rest and len(mark) == _UPLOAD_MARK and all(letter in "0123456789abcdef" for letter in mark):
        references.append(f"{folder}/{rest}" if folder else rest)
    return references


def _path_of(address: str) -> str:
    if not address.startswith(("/", "http://", "https://", "s3://", "gs://", "azure-blob://")):
        return address
    try:
        cut = urlsplit(address)
    except ValueError:
        return address
    return parse_qs(cut.query).get("d", [unquote(cut.path)])[0]


def _is_image(value: Any) -> bool:
    return isinstance(value, str) and _path_of(as_text(value)).lower().endswith(IMAGE_ENDINGS)


def _moment(source: dict[str, Any]) -> datetime:
    for key in ("updated_at", "created_at"):
        try:
            moment = datetime.fromisoformat(as_text(source.get(key)))
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _DAWN


def _read_task(task: _Task, path: Path, file: str, found: Gathering) -> None:
    image = found.find(task.references, path)
    if image is None:
        return
    if task.results is None:
        found.split(image, task.split)
        return
    drawn = [result for result in task.results if _kind(result)]
    names = _separate_names(task.results)
    boxes: list[NamedBox] = []
    header: Size | None = None
    for result in drawn:
        size = stated_size(result.get("original_width"), result.get("original_height"))
        if size is None:
            header = header or upright_size(image)
            size = header
        try:
            boxes.append(_box(result, names, size, found.shapes))
            task.sizes += [size] if size else []
        except AnnotationRejected as error:
            found.refuse(file, error, f"Task {task.number}, result {shown(result.get('id'))}")
    stated = task.sizes[0] if task.sizes else None
    found.give(image, Labels(tuple(boxes), stated, len(drawn), file), task.split)


def _kind(result: dict[str, Any]) -> str:
    """Give the shape a result draws; nothing for a choice, a text or the labels of another result."""
    kind = as_text(result.get("type")).removesuffix("labels")
    return kind if kind in (*_SHAPES, "brush", "bitmask", "keypoint") else ""


def _separate_names(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the names that stand in results of their own, by the id they share with a shape."""
    return {
        as_text(result.get("id")): as_object(result.get("value")).get("labels")
        for result in results
        if result.get("type") == "labels"
    }


def _box(result: dict[str, Any], names: dict[str, Any], size: Size | None, shapes: Counter[str]) -> NamedBox:
    value, kind = as_object(result.get("value")), _kind(result)
    written = value.get(f"{kind}labels") or value.get("labels") or names.get(as_text(result.get("id")))
    name = class_name(next(iter(as_list(written)), None))
    if kind not in _SHAPES:
        raise AnnotationRejected(f"The {kind} of {name!r} has no outline.", "Draw a rectangle.")
    if result.get("image_rotation"):
        raise AnnotationRejected(
            f"The {kind} of {name!r} was drawn on an image turned by {shown(result['image_rotation'])}°.",
            "Turn the image back in Label Studio, and export again.",
        )
    if size is None:
        raise AnnotationRejected("Its image cannot be read, which its per cents are of.", "Mend the image.")
    corners, became = _corners(kind, value, size)
    box = checked_box(name, corners)
    if became:
        shapes[became] += 1
    return box


def _corners(kind: str, value: dict[str, Any], size: Size) -> tuple[Corners, str]:
    """Give the bounding box in pixels, and the shape it stands for unless that is an upright rectangle."""
    across, down = size[0] / 100, size[1] / 100
    if kind == "polygon":
        points = [_point(point, across, down) for point in as_list(value.get("points"))]
        if len(points) < 3:
            raise AnnotationRejected(f"A polygon of {len(points)} points has no area.", "Draw it again.")
        return of_points(points), "polygon"
    x, y = number(value.get("x"), "Its x") * across, number(value.get("y"), "Its y") * down
    turned = number(value.get("rotation", 0) or 0, "Its rotation") % 360
    if kind == "ellipse":
        radii = (
            number(value.get("radiusX"), "Its radiusX") * across,
            number(value.get("radiusY"), "Its radiusY") * down,
        )
        return of_ellipse((x, y), radii, turned), "ellipse"
    width = number(value.get("width"), "Its width") * across
    height = number(value.get("height"), "Its height") * down
    upright = (x, y, x + width, y + height)
    if turned and width > 0 and height > 0:
        return of_rotated(upright, turned, about=(x, y)), "rotated box"
    return upright, ""


def _point(point: Any, across: float, down: float) -> tuple[float, float]:
    if len(as_list(point)) != 2:
        raise AnnotationRejected(f"Its point {shown(point)} is no pair of numbers.", "Draw it again.")
    return number(point[0], "A coordinate") * across, number(point[1], "A coordinate") * down


def write(dataset: Dataset) -> Iterator[WrittenFile]:
    """Write the annotation files of a data set, to be imported as finished tasks."""
    tasks = [_written(number, placed) for number, placed in enumerate(dataset.images, start=1)]
    yield WrittenFile("tasks.json", dump(tasks))
    yield WrittenFile(FILE, write_label_config(dataset.classes))


def _written(number: int, placed: PlacedImage) -> dict[str, Any]:
    image = placed.image
    return {
        "id": number,
        "data": {"image": _LOCAL + quote(placed.path), "split": image.split or ""},
        "annotations": [
            {
                "id": number,
                "was_cancelled": False,
                "result": [
                    _result(f"{number}-{position}", box, image.width, image.height)
                    for position, box in enumerate(image.boxes, start=1)
                ],
            }
        ],
    }


def _result(result_id: str, box: NamedBox, width: int, height: int) -> dict[str, Any]:
    return {
        "id": result_id,
        "type": "rectanglelabels",
        "from_name": "label",
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "value": {
            "x": 100 * box.x0 / width,
            "y": 100 * box.y0 / height,
            "width": 100 * (box.x1 - box.x0) / width,
            "height": 100 * (box.y1 - box.y0) / height,
            "rotation": 0,
            "rectanglelabels": [box.class_name],
        },
    }
