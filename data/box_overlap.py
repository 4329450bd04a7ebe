"""How much two boxes overlap."""

from __future__ import annotations

#: float xyxy in pixels of the upright image.
Corners = tuple[float, float, float, float]


def iou(one_xyxy: Corners, other_xyxy: Corners) -> float:
    """Give the intersection over union of two boxes, both with an area; 0 where they do not meet."""
    width = min(one_xyxy[2], other_xyxy[2]) - max(one_xyxy[0], other_xyxy[0])
    height = min(one_xyxy[3], other_xyxy[3]) - max(one_xyxy[1], other_xyxy[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one_xyxy, other_xyxy))
    return width * height / (areas - width * height)
