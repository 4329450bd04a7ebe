"""Watching a camera: a model looks at its newest frames, and what comes into sight or leaves it is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.jobs.detection_rows import found_in
from app.services.camera import Camera
from app.services.detection import Detection
from app.services.sightings import Sighting, Sightings

if TYPE_CHECKING:
    from ssd_core.thresholds import Thresholds

#: How long a frame is waited for before it is looked whether the time is up.
_LOOK_EVERY_SECONDS = 0.5


@dataclass(slots=True)
class CameraWatch:
    """One watch of one camera.

    Args:
        detection: knows the model.
        model: an id, a name, or as a Path a folder.
        thresholds: what counts.
        watched: names of the classes that are told of; None for all.
        tiles: each frame is looked at in so many tiles a side.
        seconds: it ends after so many; None for never.
        most_frames: it ends after so many frames; None for never.
        stopped: asked before each frame whether it shall end.
        frames: how many were looked at.
    """

    detection: Detection
    model: str | Path
    thresholds: Thresholds
    watched: tuple[str, ...] | None = None
    tiles: int = 1
    seconds: float | None = None
    most_frames: int | None = None
    stopped: Callable[[], bool] = lambda: False
    frames: int = 0

    def news(self, source: str, on_change: Callable[[str], None]) -> Iterator[dict[str, Any]]:
        """Watch, and give each appearance and each leaving as JSON has it; see `sighting_shape`.

        Args:
            source: see `app.services.camera.Camera`.
            on_change: hears a sentence when the camera is lost or comes back.

        Raises:
            CameraGone: the camera cannot be opened.
            InvalidCamera: there is no such camera.
            InvalidConfig: the model does not know a class.
            OpenCVMissing: OpenCV is not installed.
        """
        from ssd_core.thresholds import Thresholds

        self.detection.classes(self.model, self.thresholds)
        self.detection.classes(self.model, Thresholds(classes=self.watched))
        detector = self.detection.detector(self.model)
        sightings = Sightings(self.watched)
        camera = Camera(source, on_change)

        def shape(sighting: Sighting) -> dict[str, Any]:
            return sighting_shape(sighting, camera.name, str(self.model))

        with camera:
            end = None if self.seconds is None else time.monotonic() + self.seconds
            while not self._is_over(end):
                frame = camera.next(_LOOK_EVERY_SECONDS)
                if frame is None:
                    continue
                self.frames += 1
                found = found_in(detector, frame.rgb, self.thresholds, self.tiles)
                yield from map(shape, sightings.frame(frame.seconds, found))
        yield from map(shape, sightings.end())

    def _is_over(self, end: float | None) -> bool:
        enough = self.most_frames is not None and self.frames >= self.most_frames
        return enough or self.stopped() or (end is not None and time.monotonic() >= end)


def sighting_shape(sighting: Sighting, camera: str, model: str) -> dict[str, Any]:
    """A sighting as JSON: ``event``, ``class``, ``time``, ``camera``, ``model``, ``most`` and more.

    An appearance has its ``detections``, a leaving the ``seconds`` that the class was in sight.
    """
    more: dict[str, Any] = (
        {"detections": [dict(found) for found in sighting.detections]}
        if sighting.event == "appeared"
        else {"seconds": round(sighting.lasted, 3)}
    )
    return {
        "event": sighting.event,
        "class": sighting.class_name,
        "time": datetime.fromtimestamp(sighting.seconds, UTC).isoformat(timespec="milliseconds"),
        "camera": camera,
        "model": model,
        "most": sighting.most,
        **more,
    }
