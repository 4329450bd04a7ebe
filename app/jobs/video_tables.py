"""What was found in a video, as files: a line a frame while it is looked at, the tables made from these."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.jobs.detection_rows import BOX_HEADER, box_cells, coco_annotation, coco_categories
from data.formats.csv_rows import write_rows

CSV_HEADER = ("frame", "time", *BOX_HEADER)
#: Decimals of a time: a microsecond.
_DECIMALS = 6


class VideoTables:
    """Keeps what was found on the disk, however long the video is; use it in ``with``.

    Args:
        folder: where a file for the lines is, until the end.
        class_names: the model's classes in order.
    """

    def __init__(self, folder: Path, class_names: Sequence[str]) -> None:
        self._lines = folder / "frames.jsonl"
        self._class_names = tuple(class_names)
        self._out = self._lines.open("w", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()
        self._lines.unlink(missing_ok=True)

    def add(self, number: int, seconds: float, detections: Sequence[Mapping[str, Any]]) -> None:
        """Note what was found in a frame."""
        self._out.write(_text({"frame": number, "time": round(seconds, _DECIMALS), "detections": detections}))
        self._out.write("\n")

    def write_json(self, path: Path, head: Mapping[str, Any]) -> None:
        """Write one JSON document: the head's entries, then ``frames`` with class, score and box of each."""
        self._write(path, self._json(head))

    def write_csv(self, path: Path) -> None:
        """Write a row for each box; a frame without boxes has one row, whose last cells are empty."""
        self._write(path, self._csv())

    def write_coco(self, path: Path, stem: str, size_hw: tuple[int, int]) -> None:
        """Write COCO JSON with scores, whose images are the frames, as if each were a picture of its own."""
        self._write(path, self._coco(stem, size_hw))

    def _frames(self) -> Iterator[dict[str, Any]]:
        self._out.flush()
        with self._lines.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    def _json(self, head: Mapping[str, Any]) -> Iterator[str]:
        yield "{"
        for name, value in head.items():
            yield f"\n {_text(name)}: {_text(value)},"
        yield '\n "frames": ['
        yield from _joined(map(_text, self._frames()))
        yield "\n ]\n}\n"

    def _csv(self) -> Iterator[str]:
        yield write_rows([CSV_HEADER]).decode()
        for frame in self._frames():
            place = (str(frame["frame"]), format(frame["time"], f".{_DECIMALS}f"))
            boxes = [box_cells(found) for found in frame["detections"]]
            rows = [(*place, *cells) for cells in boxes or [("",) * len(BOX_HEADER)]]
            yield write_rows(rows).decode()

    def _coco(self, stem: str, size_hw: tuple[int, int]) -> Iterator[str]:
        height, width = size_hw
        yield f'{{\n "categories": {_text(coco_categories(self._class_names))},\n "images": ['
        yield from _joined(
            _text(
                {
                    "id": frame["frame"] + 1,
                    "file_name": f"{stem}/{frame['frame']:06d}.jpg",
                    "width": width,
                    "height": height,
                    "frame": frame["frame"],
                    "time": frame["time"],
                }
            )
            for frame in self._frames()
        )
        yield '\n ],\n "annotations": ['
        found = ((frame["frame"] + 1, each) for frame in self._frames() for each in frame["detections"])
        yield from _joined(
            _text(coco_annotation(number, image_id, each, self._class_names))
            for number, (image_id, each) in enumerate(found, start=1)
        )
        yield "\n ]\n}\n"

    def _write(self, path: Path, parts: Iterable[str]) -> None:
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(parts)


def _joined(texts: Iterable[str]) -> Iterator[str]:
    between = "\n  "
    for text in texts:
        yield f"{between}{text}"
        between = ",\n  "


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
