"""Photographs into an exported SSD and boxes out of its answer, with NumPy and Pillow alone.

A copy of this file lies in each export as ``decoding.py``, so it imports nothing of this package.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps


class Decoder:
    """Prepares photographs for a network, and reads boxes out of what it answers.

    Args:
        folder: holds ``detector.json`` and ``default_boxes.npy``; None for the folder of this file.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(__file__).parent
        about = json.loads((self.folder / "detector.json").read_text(encoding="utf-8"))
        self.classes: list[str] = about["classes"]
        self.score: float = about["thresholds"]["score"]
        self.iou: float = about["thresholds"]["iou"]
        self._height, self._width = about["input_size_hw"]
        self._variances = np.array(about["variances"], np.float32)
        self._defaults = np.load(self.folder / "default_boxes.npy", allow_pickle=False)

    def prepare(self, photo: str | Path) -> tuple[Any, tuple[int, int]]:
        """Read a photograph.

        Returns:
            float32 [1, height, width, 3], RGB, 0..255, and the (width, height) of the upright photograph.
        """
        with Image.open(photo) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
        pixels = upright.resize((self._width, self._height), Image.Resampling.BILINEAR)
        return np.asarray(pixels, np.float32)[None], upright.size

    def detections(
        self, prediction: Any, size_wh: tuple[int, int], score: float | None = None, iou: float | None = None
    ) -> list[tuple[str, float, list[float]]]:
        """Read the boxes out of the network's answer to one photograph.

        Args:
            prediction: float32 [1, D, 4 + C]; offsets, then logits with the background first.
            size_wh: (width, height) of the photograph.
            score: the least score of a box; None for what suits the model.
            iou: a box that overlaps a better one of its class by more than this goes; None for the usual.

        Returns:
            Class name, score and (x0, y0, x1, y1) in pixels of the photograph, best first.
        """
        answer = np.asarray(prediction, np.float32)[0]
        powers = np.exp(answer[:, 4:] - answer[:, 4:].max(axis=1, keepdims=True))
        scores = (powers / powers.sum(axis=1, keepdims=True))[:, 1:]
        found = np.argwhere(scores >= np.float32(self.score if score is None else score))
        order = np.argsort(-scores[found[:, 0], found[:, 1]], kind="stable")[:1000]
        boxes = self._boxes(answer[:, :4], size_wh)
        kept: list[tuple[int, int]] = []
        for row, class_id in found[order].tolist():
            rivals = boxes[[other for other, of in kept if of == class_id]]
            if (_overlaps(boxes[row], rivals) <= (self.iou if iou is None else iou)).all():
                kept.append((row, class_id))
        return [
            (self.classes[class_id], float(scores[row, class_id]), boxes[row].tolist())
            for row, class_id in kept[:200]
        ]

    def _boxes(self, offsets: Any, size_wh: tuple[int, int]) -> Any:
        centre, size = self._variances
        middle = self._defaults[:, :2] + offsets[:, :2] * centre * self._defaults[:, 2:]
        growth = np.minimum(offsets[:, 2:] * size, np.float32(np.log(1000 / 16)))
        half = np.exp(growth) * self._defaults[:, 2:] / 2
        scale = np.array(size_wh, np.float32) / np.array((self._width, self._height), np.float32)
        corners = np.concatenate([(middle - half) * scale, (middle + half) * scale], axis=1)
        return np.clip(corners, 0, np.array([*size_wh, *size_wh], np.float32))


def _overlaps(box: Any, others: Any) -> Any:
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    return np.divide(shared, areas - shared, out=np.zeros_like(shared), where=shared > 0)
