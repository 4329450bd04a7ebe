"""Detection: a model's boxes on a picture, for the live view, the API and the command line."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.services.models import Models

if TYPE_CHECKING:
    from ssd_core.runtime import Detector

#: Detectors kept ready; each holds about 20 MB.
DETECTORS_KEPT = 3


class Detection:
    """Runs finished models on the CPU by LiteRT; never imports TensorFlow."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._detectors: OrderedDict[Path, Detector] = OrderedDict()
        self._lock = threading.Lock()

    def detector(self, model: str | Path) -> Detector:
        """The detector of a model given by id, name or folder; the last few stay loaded."""
        from ssd_core.runtime import Detector

        folder = self._models.folder(model)
        with self._lock:
            if folder not in self._detectors:
                loaded = Detector.load(folder)
                loaded.warm()
                self._detectors[folder] = loaded
                while len(self._detectors) > DETECTORS_KEPT:
                    self._detectors.popitem(last=False)
            self._detectors.move_to_end(folder)
            return self._detectors[folder]

    def candidates(self, model: str | Path, image: bytes) -> dict[str, Any]:
        """Boxes before non-maximum suppression, for a browser that applies score and IoU itself.

        Returns ``width``, ``height``, ``classes``, ``candidates`` as rows ``[x0, y0, x1, y1, score, class]``
        (float32 pixels of the upright image, best score first) and ``milliseconds``.
        """
        detector = self.detector(model)
        found, (height, width), milliseconds = detector.timed_candidates(image)
        return {
            "width": width,
            "height": height,
            "classes": list(detector.classes),
            "candidates": found.rows(),
            "milliseconds": asdict(milliseconds),
        }

    def detect(
        self,
        model: str | Path,
        image: bytes | Path,
        score: float = 0.5,
        iou: float = 0.45,
        max_boxes: int = 200,
    ) -> dict[str, Any]:
        """Detections on one picture: ``width``, ``height`` and ``detections`` of class, score and box."""
        from ssd_core.nms import non_max_suppression

        detector = self.detector(model)
        everything, (height, width) = detector.candidates(image)
        found = non_max_suppression(everything, score, iou, max_boxes)
        return {
            "width": width,
            "height": height,
            "detections": [
                {"class": detector.classes[class_id], "score": value, "box": box}
                for box, value, class_id in zip(
                    found.boxes_xyxy.tolist(), found.scores.tolist(), found.class_ids.tolist(), strict=True
                )
            ],
        }
