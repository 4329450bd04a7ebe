"""A model looks at a whole video: every frame in order, into an annotated video and tables."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.jobs.annotated_picture import draw_detections
from app.jobs.detection_rows import found_in
from app.jobs.full_disk import SPARE_BYTES
from app.jobs.video_reader import Frame, VideoReader
from app.jobs.video_tables import VideoTables
from app.jobs.video_work import COCO, DETECTIONS, TABLE, VIDEO, Enough, VideoWork, thresholds_shape
from app.jobs.video_writer import VideoWriter
from data.errors import DiskFull

if TYPE_CHECKING:
    from ssd_core.runtime import Detector

#: The longer side of the annotated video: of larger ones the encoder would take seconds a frame.
LARGEST_SIDE = 1280
#: Frames after which the room on the disk is looked at again.
_LOOK_EVERY = 64
#: A file that ends this much earlier than it says was cut off, not counted roughly.
_SHORT = 0.98

#: Hears how many of the file's frames have been read, and how many there are; 0 for not known. May raise
#: `Enough`.
OnFrame = Callable[[int, int], None]


def process_video(work: VideoWork, detector: Detector, on_frame: OnFrame) -> dict[str, Any]:
    """Look at a video, and write `VIDEO`, `TABLE`, `COCO` and `DETECTIONS` into the folder.

    Returns:
        ``frames`` that were looked at, ``frames_read``, ``width``, ``height``, ``seconds``, ``boxes`` by
        class name, and ``notes``, sentences on what was not as it should be.

    Raises:
        VideoUnreadable: the file is no video, or has no picture in it.
        DiskFull: there is no room for the results.
        VideoNotWritten: the annotated video could not be written.
        OpenCVMissing: OpenCV is not installed.
    """
    with (
        VideoReader(work.source, work.name) as reader,
        VideoTables(work.folder, detector.classes) as tables,
    ):
        looked = _Looked(work, detector, tables)
        stopped = True
        try:
            with suppress(Enough):
                for frame in reader.frames(work.every):
                    if looked.frames % _LOOK_EVERY == 0:
                        _check_room(work.folder)
                    looked.at(frame)
                    on_frame(reader.frames_read, max(reader.total, reader.frames_read) if reader.total else 0)
                stopped = False
                on_frame(reader.frames_read, reader.frames_read)
            looked.finish(reader.end_seconds)
        finally:
            looked.drop()
        size_hw = looked.size_hw
        report = {
            "frames": looked.frames,
            "frames_read": reader.frames_read,
            "width": size_hw[1],
            "height": size_hw[0],
            "seconds": round(reader.end_seconds, 3),
            "boxes": {name: looked.boxes[name] for name in detector.classes},
            "notes": _notes(reader, size_hw, draws=work.draws, stopped=stopped),
        }
        head = {
            "video": work.name,
            "model": work.model,
            "classes": list(detector.classes),
            "thresholds": thresholds_shape(work.thresholds),
            "every": work.every,
            **{key: report[key] for key in ("width", "height", "seconds")},
        }
        tables.write_json(work.folder / DETECTIONS, head)
        tables.write_csv(work.folder / TABLE)
        tables.write_coco(work.folder / COCO, Path(work.name).stem or "video", size_hw)
    return report


class _Looked:
    """What became of the frames so far."""

    def __init__(self, work: VideoWork, detector: Detector, tables: VideoTables) -> None:
        self._work = work
        self._detector = detector
        self._tables = tables
        self._writer: VideoWriter | None = None
        self._drawn_size = (0, 0)
        self._scale = 1.0
        self.frames = 0
        self.size_hw = (0, 0)
        self.boxes: Counter[str] = Counter()

    def at(self, frame: Frame) -> None:
        """Look at the next frame."""
        found = found_in(self._detector, frame.rgb, self._work.thresholds, self._work.tiles)
        if self.frames == 0:
            self._begin((frame.rgb.shape[0], frame.rgb.shape[1]))
        self._tables.add(frame.number, frame.seconds, found)
        if self._writer is not None:
            self._writer.add(self._drawn(frame.rgb, found), frame.seconds)
        self.boxes.update(each["class"] for each in found)
        self.frames += 1

    def finish(self, end_seconds: float) -> None:
        """Complete the annotated video, whose last frame is shown until then."""
        if self._writer is not None:
            self._writer.finish(end_seconds)

    def drop(self) -> None:
        """Give an unfinished video up."""
        if self._writer is not None:
            self._writer.drop()

    def _begin(self, size_hw: tuple[int, int]) -> None:
        self.size_hw = size_hw
        self._scale = min(1.0, LARGEST_SIDE / max(size_hw))
        height, width = (max(1, round(side * self._scale)) for side in size_hw)
        self._drawn_size = width, height
        if self._work.draws:
            self._writer = VideoWriter(self._work.folder / VIDEO, (height, width))

    def _drawn(self, rgb: NDArray[np.uint8], found: list[dict[str, Any]]) -> NDArray[np.uint8]:
        picture = Image.fromarray(rgb)
        if self._scale < 1:
            picture = picture.resize(self._drawn_size, Image.Resampling.BILINEAR)
            found = [{**each, "box": [value * self._scale for value in each["box"]]} for each in found]
        else:
            picture = picture.copy()  # The pixels are the reader's.
        draw_detections(picture, found, self._detector.classes)
        return np.asarray(picture)


def _check_room(folder: Path) -> None:
    if shutil.disk_usage(folder).free < SPARE_BYTES:
        raise DiskFull(
            "The disk is full: the video was not processed further. Free some space where the workspace lies."
        )


def _notes(reader: VideoReader, size_hw: tuple[int, int], *, draws: bool, stopped: bool) -> list[str]:
    notes = []
    if stopped:
        notes.append(f"It was stopped after {reader.frames_read} frames: the results end there.")
    elif reader.frames_read < _SHORT * reader.total:
        notes.append(
            f"The file ends after {reader.frames_read} of {reader.total} frames; it is cut off or damaged "
            "there. What could be read was looked at."
        )
    if draws and max(size_hw) > LARGEST_SIDE:
        notes.append(
            f"The annotated video is {LARGEST_SIDE} pixels on its longer side; boxes in the tables are in "
            "pixels of the original."
        )
    return notes
