"""Finding out which format a data set folder has, by what its files hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from data.errors import AmbiguousFormat, AnnotationRejected
from data.formats import coco, label_studio, labelme, open_images, plain_csv, yolo
from data.formats.annotated import Reading
from data.formats.csv_rows import read_rows
from data.formats.folder import list_files, relative_name
from data.formats.json_text import parse_json
from data.formats.text_file import decode, read_text
from data.formats.written_names import NAMES_FILE
from data.formats.yaml_text import read_yaml
from data.formats.yolo_config import is_yolo_config
from data.records import IMAGE_ENDINGS, Problem

#: Files looked into of each ending, spread evenly over all of them.
LOOKED_INTO = 40
# A JSON file up to this size is parsed; of a larger one only beginning and end are looked at.
_PARSED_BYTES = 4 * 1024 * 1024
_PART = 256 * 1024
_LINES = 20
_ROOT = re.compile(r"<\s*(annotations?)\b")
_YOLO_LINE = re.compile(r"[0-9]{1,6}(\s+[+-]?[0-9.]+([eE][+-]?[0-9]+)?){4,}\s*")


@dataclass(frozen=True, slots=True)
class Detection:
    """The format found, why, and files that look like annotations and cannot be read."""

    format: str
    why: str = ""
    unreadable: tuple[Problem, ...] = ()

    def told(self, reading: Reading) -> Reading:
        """Add to a reading what was found out, unless it found the unreadable files itself."""
        known = {problem.file for problem in reading.problems}
        more = tuple(problem for problem in self.unreadable if problem.file not in known)
        notes = (self.why, *reading.notes) if self.why else reading.notes
        return replace(reading, problems=(*reading.problems, *more), notes=notes)


@dataclass(slots=True)
class _Evidence:
    """What was seen of a format: the first file, what it holds, and how many files of those looked into."""

    file: str
    holds: str
    count: int = 0


def detect(folder: Path) -> Detection:
    """Find out the format of a folder; photographs without any annotation are ``images``.

    Raises:
        AmbiguousFormat: its files are of several formats; names each with an example.
    """
    seen: dict[str, _Evidence] = {}
    unreadable: list[Problem] = []
    for ending, look in _LOOKS.items():
        paths = list_files(folder, {ending})
        for path in paths[:: len(paths) // LOOKED_INTO + 1]:
            name = relative_name(folder, path)
            if name == NAMES_FILE:
                continue
            try:
                found = look(path)
            except AnnotationRejected as error:
                unreadable.append(Problem(name, error.problem, error.remedy, error.line))
                continue
            if found is not None:
                kind, holds = found
                seen.setdefault(kind, _Evidence(name, holds)).count += 1
    labels = None if "yolo" in seen else _yolo_labels(folder)
    if labels is not None:
        seen["yolo"] = _Evidence(relative_name(folder, labels), "lines of YOLO's five numbers", 1)
    return _decided(folder, seen, unreadable)


def _decided(folder: Path, seen: dict[str, _Evidence], unreadable: list[Problem]) -> Detection:
    if len(seen) > 1:
        listed = "; ".join(f"{kind} ({it.file} holds {it.holds})" for kind, it in sorted(seen.items()))
        raise AmbiguousFormat(
            f"{folder} has annotations of several formats: {listed}. Choose one of them as the format.",
            tuple(sorted(seen)),
        )
    if seen:
        # What else cannot be read belongs to other programs; the format's reader names its own files.
        ((kind, evidence),) = seen.items()
        return Detection(kind, f"Read as {kind}: {evidence.file} holds {evidence.holds}.")
    if any(problem.file.lower().endswith(".xml") for problem in unreadable):
        # Broken XML was meant for annotations; reading it as VOC names every such file.
        return Detection("voc", "", tuple(unreadable))
    return Detection("images", "", tuple(unreadable))


def _xml(path: Path) -> tuple[str, str] | None:
    head = decode_part(_part(path, 0))
    root = _ROOT.search(head)
    if root is None:
        if "<" not in head:
            raise AnnotationRejected("The file is no XML.", "Export it again, or delete it.")
        return None
    if root[1] == "annotation":
        return "voc", "<annotation>"
    return ("cvat", "<annotations> of images") if "<image" in head or "<version>" in head else None


def _json(path: Path) -> tuple[str, str] | None:
    size = path.stat().st_size
    if size <= _PARSED_BYTES:
        return _json_kind(parse_json(_part(path, 0, _PARSED_BYTES)))
    text = decode_part(_part(path, 0) + b" " + _part(path, size - _PART))
    return _json_kind_by_keys(text)


def _json_kind(document: Any) -> tuple[str, str] | None:
    if coco.is_coco(document):
        return "coco", "images, annotations and categories"
    if labelme.is_labelme(document):
        return "labelme", "imagePath and shapes"
    if label_studio.is_label_studio(document):
        return "label-studio", "tasks with annotations"
    return None


def _json_kind_by_keys(text: str) -> tuple[str, str] | None:
    def has(*keys: str) -> bool:
        return all(re.search(rf'"{key}"\s*:', text) for key in keys)

    if text.lstrip("\ufeff \t\r\n").startswith("["):
        return ("label-studio", "tasks with annotations") if has("data", "annotations") else None
    if has("shapes", "imagePath"):
        return "labelme", "imagePath and shapes"
    # One of the three long lists may lie in the middle, which was not looked at.
    keys = sum(has(key) for key in ("images", "annotations", "categories"))
    return ("coco", "images, annotations and categories") if keys >= 2 else None


def _csv(path: Path) -> tuple[str, str] | None:
    text = decode_part(_part(path, 0))
    rows = read_rows("\n".join(text.split("\n")[:_LINES]))
    if open_images.is_open_images(rows):
        return "open-images", "columns ImageID, LabelName, XMin, …"
    if plain_csv.columns_of(rows) is not None:
        return "csv", "columns of an image, a class and four corners"
    return None


def _yaml(path: Path) -> tuple[str, str] | None:
    return ("yolo", "names of classes") if is_yolo_config(read_yaml(path)) else None


_LOOKS: dict[str, Callable[[Path], tuple[str, str] | None]] = {
    ".xml": _xml,
    ".json": _json,
    ".csv": _csv,
    ".yaml": _yaml,
    ".yml": _yaml,
}


def _yolo_labels(folder: Path) -> Path | None:
    """Find a label file that belongs to an image, if those looked at hold nothing else."""
    images = list_files(folder, IMAGE_ENDINGS)
    files = yolo.LabelFiles(folder, list_files(folder, {".txt"}), images)
    for path in _label_files(images, files):
        try:
            lines = [line for line in read_text(path).split("\n")[:_LINES] if line.strip()]
        except AnnotationRejected:
            return None
        if lines:
            return path if all(map(_YOLO_LINE.fullmatch, lines)) else None
    return None


def _label_files(images: list[Path], files: yolo.LabelFiles) -> Iterator[Path]:
    for image in images[:: len(images) // LOOKED_INTO + 1]:
        path = files.of(image)
        if path is not None:
            yield path


def _part(path: Path, start: int, length: int = _PART) -> bytes:
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, start))
            return stream.read(length)
    except OSError as error:
        raise AnnotationRejected(
            f"The file cannot be read: {error.strerror}.", "Check its rights."
        ) from error


def decode_part(data: bytes) -> str:
    """Turn the beginning of a file into text; a letter cut through at its end is dropped."""
    try:
        return decode(data)
    except AnnotationRejected:
        return data.decode("utf-8", "replace")
