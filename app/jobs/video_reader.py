"""A video file read frame by frame: upright, in order, each with its time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.jobs.opencv import can_open, capture_options, opencv
from data.errors import DataError
from data.names import printable

#: What a file may be. Others, playlists above all, can send the reader to further files and addresses.
_KINDS = "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,ogg,flv,asf,mxf,ivf,h264,hevc,m4v,mjpeg,gif,dv"
_OPTIONS = f"protocol_whitelist;file|format_whitelist;{_KINDS}"
#: Frames a second where the file does not tell, or tells what cannot be.
USUAL_RATE = 25.0
_RATES = (0.1, 1000.0)
#: More frames than this were never filmed: such a number is an error of the file.
_MOST_FRAMES = 10**9


class VideoUnreadable(DataError):
    """A file is no video, or has no picture in it that could be read."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a video.

    Args:
        number: counted from 0 over all frames of the file.
        seconds: when it is shown; each frame later than the one before.
        rgb: uint8 [height, width, 3], upright; all frames of a video have one size.
    """

    number: int
    seconds: float
    rgb: NDArray[np.uint8]


class VideoReader:
    """An open video file; use it in ``with``.

    Args:
        path: the file.
        name: what the person calls it.

    Raises:
        OpenCVMissing: OpenCV is not installed.
        VideoUnreadable: the file is no video, or its path is no text.
    """

    def __init__(self, path: Path, name: str) -> None:
        if not can_open(str(path)):
            raise VideoUnreadable(f"{printable(path)} has letters that are no UTF-8. Rename it first.")
        self._cv = cv = opencv()
        self._name = name
        self._capture = cv.VideoCapture()
        with capture_options(_OPTIONS):
            opened = path.is_file() and self._capture.open(
                str(path), cv.CAP_FFMPEG, [cv.CAP_PROP_N_THREADS, 1]
            )
        if not opened:
            raise VideoUnreadable(
                f"{name} cannot be read as a video: it is damaged, not complete, or of a kind that is not "
                "known. Play it elsewhere to see whether it is whole, or convert it to MP4 or WebM."
            )
        self._capture.set(cv.CAP_PROP_ORIENTATION_AUTO, 1)
        #: Frames read so far, those that were passed over included.
        self.frames_read = 0
        #: When the next frame would be shown, after the last one.
        self.end_seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._capture.release()

    @property
    def rate(self) -> float:
        """Frames a second, as the file tells."""
        told = float(self._capture.get(self._cv.CAP_PROP_FPS))
        return told if _RATES[0] <= told <= _RATES[1] else USUAL_RATE

    @property
    def total(self) -> int:
        """How many frames there are, as the file tells; 0 where it does not."""
        told = self._capture.get(self._cv.CAP_PROP_FRAME_COUNT)
        return int(told) if math.isfinite(told) and 0 < told < _MOST_FRAMES else 0

    def frames(self, every: int = 1) -> Iterator[Frame]:
        """Give the first frame and each that lies a multiple of ``every`` after it.

        Raises:
            VideoUnreadable: there is not one.
        """
        usual = 1 / self.rate
        size_hw: tuple[int, int] | None = None
        last = -usual
        while self._capture.grab():
            number, self.frames_read = self.frames_read, self.frames_read + 1
            told = float(self._capture.get(self._cv.CAP_PROP_POS_MSEC)) / 1000
            seconds = told if math.isfinite(told) and told > last else last + usual
            self.end_seconds = seconds + (min(seconds - last, 1.0) if number else usual)
            last = seconds
            if number % every:
                continue
            rgb = self._picture(size_hw)
            if rgb is None:
                continue
            size_hw = rgb.shape[0], rgb.shape[1]
            yield Frame(number, seconds, rgb)
        if size_hw is None:
            raise VideoUnreadable(
                f"{self._name} has no picture in it that can be read: it is damaged, or has only sound. "
                "Play it elsewhere to see which."
            )

    def _picture(self, size_hw: tuple[int, int] | None) -> NDArray[np.uint8] | None:
        read, bgr = self._capture.retrieve()
        if not read or bgr is None or bgr.size == 0:
            return None
        if size_hw is not None and bgr.shape[:2] != size_hw:
            bgr = self._cv.resize(bgr, size_hw[::-1], interpolation=self._cv.INTER_AREA)
        rgb: Any = self._cv.cvtColor(bgr, self._cv.COLOR_BGR2RGB)
        return np.asarray(rgb, np.uint8)
