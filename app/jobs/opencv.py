"""OpenCV, which reads and writes videos: imported only where that happens, and told to stay modest."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from data.errors import DataError

_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_one_at_a_time = threading.Lock()

MISSING = (
    "Videos and cameras are read by OpenCV, which is not installed. Install it: "
    "pip install opencv-python-headless"
)


class OpenCVMissing(DataError):
    """OpenCV is not installed, as on macOS, whose wheels carry libraries that SSD Studio does not ship."""


def is_missing() -> str | None:
    """Say what to install if OpenCV is not there; does not import it."""
    return None if importlib.util.find_spec("cv2") else MISSING


def can_open(name: str) -> bool:
    """Whether OpenCV may be given a name: at bytes that are no UTF-8, which Python keeps, it crashes."""
    return not any(0xD800 <= ord(letter) < 0xE000 for letter in name)


def opencv() -> Any:
    """Give the module ``cv2``, quiet and with one thread for its own work.

    Raises:
        OpenCVMissing: it is not installed.
    """
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    try:
        import cv2
    except ImportError as error:
        raise OpenCVMissing(MISSING) from error
    cv2.setNumThreads(1)
    return cv2


@contextmanager
def capture_options(options: str) -> Iterator[None]:
    """Have what is opened inside ``with`` opened with options of FFmpeg: ``name;value|name;value``.

    OpenCV takes them from an environment variable alone, so that only one may open something at a time.
    """
    with _one_at_a_time:
        before = os.environ.get(_OPTIONS)
        os.environ[_OPTIONS] = options
        try:
            yield
        finally:
            if before is None:
                del os.environ[_OPTIONS]
            else:
                os.environ[_OPTIONS] = before
