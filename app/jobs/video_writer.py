"""A video written frame by frame, as VP9 in MP4, which every browser plays and nobody asks a fee for.

Encoding takes longer than detecting, so it has a thread of its own. OpenCV cannot be told how hard the
encoder shall try: it asks for a bit of each pixel, up to a limit a second. So the frames are said to follow
each other so fast that the limit leaves each its share; their true times are set at the end.
"""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.jobs.mp4_times import VideoNotWritten, set_times
from app.jobs.opencv import opencv

#: Bits of a pixel of a frame, on average at most: two to four times quicker than OpenCV's own choice, and to
#: the eye the same.
_BITS = 0.2
#: The most bits a second that OpenCV asks for.
_LIMIT = (2**31 - 1) / 2
#: Frames that may wait for the encoder.
_WAITING = 4
#: The encoder wants even sizes, and some pixels.
_LEAST_SIDE = 16


class VideoWriter:
    """Writes one video; ``finish`` it, or ``drop`` it.

    Args:
        path: ends in ``.mp4``; there is no whole file before ``finish`` returns.
        size_hw: of the frames.

    Raises:
        VideoNotWritten: this OpenCV has no encoder for VP9.
    """

    def __init__(self, path: Path, size_hw: tuple[int, int]) -> None:
        self._cv = cv = opencv()
        self._path = path
        height, width = (max(_LEAST_SIDE, side + side % 2) for side in size_hw)
        self._rate = max(1000, round(_LIMIT / (_BITS * height * width)))
        self._padding = ((0, height - size_hw[0]), (0, width - size_hw[1]), (0, 0))
        self._out = cv.VideoWriter(
            str(path), cv.CAP_FFMPEG, cv.VideoWriter_fourcc(*"vp09"), float(self._rate), (width, height)
        )
        if not self._out.isOpened():
            raise VideoNotWritten(
                "The OpenCV that is installed cannot write VP9 video. Install another: "
                "pip install --upgrade opencv-python-headless"
            )
        self._seconds: list[float] = []
        self._failure: Exception | None = None
        self._frames: queue.Queue[NDArray[np.uint8] | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._work, name="video-encoder", daemon=True)
        self._thread.start()

    def add(self, rgb: NDArray[np.uint8], seconds: float) -> None:
        """Add a frame (uint8 RGB) shown from a time on; waits while the encoder has enough to do."""
        if self._failure is not None:
            raise self._failure
        self._frames.put(rgb)
        self._seconds.append(seconds)

    def finish(self, end_seconds: float) -> None:
        """Complete the file.

        Raises:
            VideoNotWritten: the disk did not take it all.
        """
        self._end()
        if self._failure is not None:
            raise self._failure
        set_times(self._path, self._seconds, end_seconds)

    def drop(self) -> None:
        """Give up, and leave no file; does nothing to a finished one."""
        if self._thread.is_alive():
            self._end()
            self._path.unlink(missing_ok=True)

    def _end(self) -> None:
        self._frames.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (rgb := self._frames.get()) is not None:
            if self._failure is None:
                try:
                    self._out.write(self._prepared(rgb))
                except Exception as error:  # noqa: BLE001 - raised where the next frame is added
                    self._failure = error
        self._out.release()

    def _prepared(self, rgb: NDArray[np.uint8]) -> Any:
        if any(after for _, after in self._padding):
            rgb = np.pad(rgb, self._padding, mode="edge")
        return self._cv.cvtColor(rgb, self._cv.COLOR_RGB2BGR)
