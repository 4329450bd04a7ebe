"""A camera of this computer or of the network: its newest frame, and a connection that is made again."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit, urlunsplit

from app.jobs.opencv import can_open, capture_options, opencv
from data.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

#: Seconds before each try to connect again; the last one from then on.
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
#: Milliseconds in which a camera of the network must let itself be opened, and give a frame.
_PATIENCE_MS = 10_000
_SCHEMES = ("rtsp", "rtsps", "http", "https")
#: A camera of the network sends what it is asked for, and may not send the reader elsewhere on this computer.
_OPTIONS = "rtsp_transport;tcp|protocol_whitelist;rtsp,rtsps,rtp,udp,tcp,tls,http,https,httpproxy,crypto"

#: Where cheap cameras want to be told who asks: ``?user=me&pwd=secret``, also in the path.
_SECRETS = re.compile(
    r"((?:(?<![a-z])(?:user|usr|login|pass|pwd|token|key|auth|secret)|(?:api|access)_?(?:key|token))[a-z]*=)"
    r"[^&;/?]*",
    re.IGNORECASE,
)


class InvalidCamera(DataError):
    """What was given is no camera."""


class CameraGone(DataError):
    """A camera could not be opened at all, or what it gives cannot be read."""


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """A frame of a camera: when it came, on the clock of ``time.time``, and uint8 RGB pixels."""

    seconds: float
    rgb: NDArray[np.uint8]


class Camera:
    """Reads a camera in a thread of its own; use it in ``with``.

    Only the newest frame is kept: whoever is slower than the camera misses some, and is never behind.

    Args:
        source: the number of a camera of this computer, or an address: rtsp, rtsps, http or https.
        on_change: hears a sentence when the connection is lost, or is there again.

    Raises:
        InvalidCamera: it is neither.
        OpenCVMissing: OpenCV is not installed.
    """

    def __init__(self, source: str, on_change: Callable[[str], None] = log.warning) -> None:
        self._source = checked_source(source)
        self.name = without_password(source)
        self._on_change = on_change
        self._cv = opencv()
        self._changed = threading.Condition()
        self._newest: CameraFrame | None = None
        self._stop = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="camera", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(_PATIENCE_MS / 1000)

    def next(self, seconds: float) -> CameraFrame | None:
        """Give the newest frame that was not given before, or None if none comes in so many seconds.

        Raises:
            CameraGone: the camera could not be opened at the first try, or gives what is no picture.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._failure is not None, seconds)
            frame, self._newest = self._newest, None
            if frame is None and self._failure is not None:
                raise self._failure
            return frame

    def _work(self) -> None:
        try:
            self._keep_reading()
        except Exception as error:
            log.exception("The camera %s was given up.", self.name)
            self._give_up(
                f"The camera {self.name} cannot be read ({type(error).__name__}): its pictures are of a kind "
                "that is not known. Choose another format in its settings, or another camera."
            )

    def _give_up(self, sentence: str) -> None:
        with self._changed:
            self._failure = CameraGone(sentence)
            self._changed.notify_all()

    def _keep_reading(self) -> None:
        tries = 0
        ever = False
        while not self._stop.is_set():
            capture = self._opened()
            if capture is not None and self._read(capture, again=ever and tries > 0):
                ever, tries = True, 0
            if self._stop.is_set():
                return
            if not ever:
                self._give_up(
                    f"The camera {self.name} cannot be opened. See whether it is connected and switched on, "
                    "whether its address is right, and that no other program uses it."
                )
                return
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            if tries == 0:
                self._on_change(f"The camera {self.name} gives no picture any more. Trying again.")
            tries += 1
            self._stop.wait(pause)

    def _opened(self) -> Any:
        cv = self._cv
        capture = cv.VideoCapture()
        if isinstance(self._source, int):
            opened = capture.open(self._source)
        else:
            patience = [
                cv.CAP_PROP_OPEN_TIMEOUT_MSEC,
                _PATIENCE_MS,
                cv.CAP_PROP_READ_TIMEOUT_MSEC,
                _PATIENCE_MS,
            ]
            with capture_options(_OPTIONS):
                opened = capture.open(self._source, cv.CAP_FFMPEG, [*patience, cv.CAP_PROP_N_THREADS, 1])
        return capture if opened else None

    def _read(self, capture: Any, *, again: bool) -> bool:
        """Read until the camera ends or is to end; tell whether there was a frame."""
        cv = self._cv
        any_frame = False
        try:
            while not self._stop.is_set():
                read, bgr = capture.read()
                if not read or bgr is None or bgr.size == 0:
                    break
                if again:
                    self._on_change(f"The camera {self.name} gives pictures again.")
                    again = False
                any_frame = True
                frame = CameraFrame(time.time(), cv.cvtColor(bgr, cv.COLOR_BGR2RGB))
                with self._changed:
                    self._newest = frame
                    self._changed.notify_all()
        finally:
            capture.release()
        return any_frame


def checked_source(source: str) -> int | str:
    """The number or address that a text names.

    Raises:
        InvalidCamera: it is neither.
    """
    if re.fullmatch(r"\d{1,3}", source):
        return int(source)
    try:
        parts = urlsplit(source)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in _SCHEMES or not parts.hostname or not can_open(source):
        raise InvalidCamera(
            f"{source!r} is no camera: give its number, 0 for the first, or an address that begins with "
            "rtsp:// or http://."
        )
    return source


def without_password(source: str) -> str:
    """An address without who is logged in there and with what, for messages and files."""
    parts = urlsplit(source)
    plain = (
        urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else source
    )
    return _SECRETS.sub(r"\1…", plain)
