"""Small videos for tests, made by the library that reads them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.jobs.opencv import opencv

# On macOS it is no dependency: its wheels carry x264.
pytest.importorskip("cv2")

RED, BLUE, BLACK = (250, 5, 5), (5, 5, 250), (0, 0, 0)
WIDTH, HEIGHT = 64, 48


def write_video(
    path: Path,
    colours: list[tuple[int, int, int]],
    *,
    size_wh: tuple[int, int] = (WIDTH, HEIGHT),
    rate: float = 10,
) -> Path:
    """Write a video of plain frames, a colour each, as MPEG-4 or what the ending asks for."""
    shape = (size_wh[1], size_wh[0], 3)
    return write_frames(path, [np.full(shape, colour, np.uint8) for colour in colours], rate)


def write_frames(path: Path, frames_rgb: list[NDArray[np.uint8]], rate: float) -> Path:
    """Write frames of one size, uint8 [height, width, 3], as MPEG-4 or what the ending asks for."""
    cv = opencv()
    codec = {".webm": "VP80", ".mp4": "mp4v"}[path.suffix]
    height, width = frames_rgb[0].shape[:2]
    out = cv.VideoWriter(str(path), cv.CAP_FFMPEG, cv.VideoWriter_fourcc(*codec), rate, (width, height))
    assert out.isOpened()
    for rgb in frames_rgb:
        out.write(np.ascontiguousarray(rgb[:, :, ::-1]))
    out.release()
    return path


def turn(path: Path) -> Path:
    """Say in an MP4 file that it is to be shown a quarter turn clockwise, as telephones do."""
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4 + 40
    quarter = (0, 1 << 16, 0, -(1 << 16), 0, 0, WIDTH << 16, 0, 1 << 30)
    content[place : place + 36] = struct.pack(">9i", *quarter)
    path.write_bytes(content)
    return path


def times_of(path: Path) -> list[float]:
    """When each frame of a video is shown, in seconds."""
    cv = opencv()
    capture = cv.VideoCapture(str(path), cv.CAP_FFMPEG)
    times = []
    while capture.grab():
        times.append(round(capture.get(cv.CAP_PROP_POS_MSEC) / 1000, 3))
    return times


def colours_of(path: Path) -> list[str]:
    """Which of the colours most of each frame has."""
    cv = opencv()
    capture = cv.VideoCapture(str(path), cv.CAP_FFMPEG)
    names = []
    while True:
        read, bgr = capture.read()
        if not read:
            return names
        blue, _, red = np.median(bgr.reshape(-1, 3), axis=0)
        names.append("red" if red > 128 else "blue" if blue > 128 else "black")
