"""Detections as files: COCO JSON, a table, and the pictures with boxes drawn into them."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.jobs.annotated_picture import annotated_picture, is_drawn
from app.jobs.detection_rows import BOX_HEADER, box_cells, coco_annotation, coco_categories
from data.formats.csv_rows import write_rows

CSV_HEADER = ("image", "width", "height", *BOX_HEADER)


class DetectionFiles:
    """Gathers what was found in pictures, and writes it where it is wanted.

    Args:
        class_names: the model's classes in order.
        coco: where the COCO JSON goes; None for nowhere.
        table: where the CSV goes; None for nowhere.
        pictures: the folder for pictures with boxes; None for nowhere.
    """

    def __init__(
        self,
        class_names: Sequence[str],
        coco: Path | None = None,
        table: Path | None = None,
        pictures: Path | None = None,
    ) -> None:
        self._class_names = tuple(class_names)
        self._coco = coco
        self._table = table
        self._pictures = pictures
        self._results: list[dict[str, Any]] = []
        self._names_taken: set[str] = set()

    def make_room(self) -> None:
        """See whether all that is wanted can be written, before pictures are looked at; raises OSError."""
        for path in (self._coco, self._table):
            if path is not None:
                make_room_for(path)
        if self._pictures is not None:
            make_room_for(self._pictures / "picture.jpg")

    def add(self, path: Path, result: dict[str, Any]) -> None:
        """Take in what was found in a picture, and write the picture with its boxes.

        Args:
            path: the picture's file.
            result: ``image``, ``width``, ``height`` and ``detections`` of class, score and box.

        Raises:
            OSError: the picture could not be written.
        """
        if self._coco is not None or self._table is not None:
            self._results.append(result)
        if self._pictures is not None:
            drawn = annotated_picture(path, result["detections"], self._class_names)
            write_whole(self._pictures / self._free_name(self._pictures, path), drawn)

    def write(self) -> tuple[Path, ...]:
        """Write the files that are wanted, whole or not at all, and name them; raises OSError."""
        written = []
        for path, content in ((self._coco, self._coco_text), (self._table, self._csv_text)):
            if path is not None:
                write_whole(path, content())
                written.append(path)
        if self._pictures is not None and self._names_taken:
            written.append(self._pictures)
        return tuple(written)

    def _free_name(self, folder: Path, path: Path) -> str:
        """A name for a drawn picture that neither another one of this run has nor somebody's own file."""
        name, number = f"{path.stem}.jpg", 2
        while name.casefold() in self._names_taken or (
            (folder / name).is_file() and not is_drawn(folder / name)
        ):
            name, number = f"{path.stem}-{number}.jpg", number + 1
        self._names_taken.add(name.casefold())
        return name

    def _coco_text(self) -> bytes:
        """Images, categories and boxes with scores; ``annotations`` alone is a COCO results file."""
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for image_id, result in enumerate(self._results, start=1):
            size = {"width": result["width"], "height": result["height"]}
            images.append({"id": image_id, "file_name": result["image"], **size})
            for found in result["detections"]:
                annotations.append(coco_annotation(len(annotations) + 1, image_id, found, self._class_names))
        categories = coco_categories(self._class_names)
        document = {"images": images, "categories": categories, "annotations": annotations}
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1).encode()

    def _csv_text(self) -> bytes:
        return write_rows([CSV_HEADER, *self._rows()])

    def _rows(self) -> Iterator[tuple[str, ...]]:
        """A row for each box; a picture without boxes has one row, whose last cells are empty."""
        for result in self._results:
            image = (result["image"], str(result["width"]), str(result["height"]))
            for found in result["detections"]:
                yield (*image, *box_cells(found))
            if not result["detections"]:
                yield (*image, *[""] * len(BOX_HEADER))


def make_room_for(path: Path) -> None:
    """Make the folder of a file, and raise OSError where `write_whole` could not write it."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with _told_of(path) as beside:
        beside.touch()


def write_whole(path: Path, content: bytes | Path) -> None:
    """Write bytes, or what a file has, to a path whole or not at all; raises OSError."""
    with _told_of(path) as beside:
        if isinstance(content, Path):
            shutil.copyfile(content, beside)
        else:
            beside.write_bytes(content)
        beside.replace(path)


@contextmanager
def _told_of(path: Path) -> Iterator[Path]:
    """Give a name beside a file, for a block to write to; errors are told of the file itself."""
    # Not plainly NAME.part, which may be somebody's unfinished download.
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        beside.unlink(missing_ok=True)
