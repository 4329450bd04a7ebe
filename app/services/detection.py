"""Detection: a model's boxes on a picture, for the live view, the API and the command line."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.examples import example_of
from app.services.models import Models
from data import classes, runs, snapshots
from data.blobs import Blobs
from data.database import Database
from data.records import Model, SnapshotImage, Split

if TYPE_CHECKING:
    from ssd_core.runtime import Detector

#: Detectors kept ready; each holds about 20 MB.
DETECTORS_KEPT = 3


class Detection:
    """Runs finished models on the CPU by LiteRT; never imports TensorFlow."""

    def __init__(self, database: Database, blobs: Blobs, models: Models) -> None:
        self._database = database
        self._blobs = blobs
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

    def evaluate(
        self, model: str | Path, split: Split = "test", on_progress: Callable[[int, int], None] | None = None
    ) -> dict[str, Any]:
        """Average precision of a model on images of its project.

        Args:
            model: id, name or folder of a model of this workspace.
            split: ``test`` for the images of the project put there; ``train`` and ``val`` for those that the
                model's own run trained on and chose its best state by.
            on_progress: called with images done and images in all.
        """
        from ssd_core.evaluation import evaluate

        detector = self.detector(model)
        record = self._models.record_of(model)
        images = self._images_of(record, split)
        with self._database.read() as session:
            names = {item.id: item.name for item in classes.list_all(session, record.project_id)}
        examples = [example_of(image, names, detector.classes, self._blobs) for image in images]
        detections = []
        for done, example in enumerate(examples, start=1):
            detections.append(detector.predict_for_evaluation(example.image))
            if on_progress is not None:
                on_progress(done, len(examples))
        return {"split": split, **evaluate(detections, examples, detector.classes)}

    def _images_of(self, record: Model, split: Split) -> list[SnapshotImage]:
        with self._database.read() as session:
            if split == "test" or record.run_id is None:
                return list(snapshots.split_images(session, record.project_id, split))
            snapshot = snapshots.get(session, runs.get(session, record.run_id).snapshot_id)
        return [image for image in snapshot.images if image.split == split]
