"""The fixed boxes from which the detector's predictions start (the SSD paper's default boxes)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ssd_core.boxes import change_box_format, clip_boxes
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidConfig


class DefaultBoxes:
    """The default boxes of one input size: ``DefaultBoxes(**config).boxes``.

    A box of scale s and ratio r is s·√r of the input's width wide and s/√r of its height high; each cell has
    one box per ratio, then one more of ratio 1 and scale √(s·s′), s′ being the next level's scale. The order
    is level, row, column, box.

    Args:
        input_shape: height and width (a third number is ignored) in pixels.
        scales: one per level plus one, as parts of the input side.
        aspect_ratios: width ÷ height, a sequence per level.
        feature_sizes: cells per level: one number for a square map or (height, width).
        clip_default_boxes: cut the boxes at the border (in corner form, then back to centre form).
        steps: pixels between neighbouring boxes, a number per level; None means ceil(input ÷ cells).
        num_classes: taken so that the notebook's dictionary fits; not used.
        batch_size: the same.

    Raises:
        InvalidConfig: the levels of the arguments differ in number.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        scales: Sequence[float],
        aspect_ratios: Sequence[Sequence[float]],
        feature_sizes: Sequence[int | Sequence[int]],
        clip_default_boxes: bool = False,
        steps: Sequence[float] | None = None,
        num_classes: int | None = None,
        batch_size: int | None = None,
    ) -> None:
        levels = len(feature_sizes)
        for name, given, wanted in (
            ("scales", len(scales), levels + 1),
            ("aspect_ratios", len(aspect_ratios), levels),
            ("steps", levels if steps is None else len(steps), levels),
        ):
            if given != wanted:
                raise InvalidConfig(f"{name} has {given} entries, but {levels} feature sizes need {wanted}.")
        size_hw = (int(input_shape[0]), int(input_shape[1]))
        parts = []
        for level, cells in enumerate(feature_sizes):
            cells_hw = _height_and_width(cells)
            given_step = None if steps is None else steps[level]
            sizes = _level_sizes(scales[level], scales[level + 1], aspect_ratios[level])
            parts.append(_level(size_hw, cells_hw, given_step, sizes))
        boxes = np.concatenate(parts)
        if clip_default_boxes:
            corners = clip_boxes(change_box_format(boxes, "xyxy"), size_hw)
            boxes = change_box_format(corners, "xywh")
        boxes.flags.writeable = False
        #: float32 [N, 4], cxcywh in pixels of the input.
        self.boxes: NDArray[np.float32] = boxes


def default_boxes_of(config: SSDConfig) -> NDArray[np.float32]:
    """The default boxes that belong to a detector, in the order of its predictions.

    Args:
        config: the detector.

    Returns:
        float32 [N, 4], cxcywh in pixels of the input, read-only.
    """
    return DefaultBoxes(
        input_shape=config.input_size_hw,
        scales=config.scales,
        aspect_ratios=config.aspect_ratios,
        feature_sizes=config.feature_sizes_hw,
        clip_default_boxes=config.clip_default_boxes,
        steps=config.steps,
    ).boxes


def _height_and_width(cells: int | Sequence[int]) -> tuple[int, int]:
    if isinstance(cells, (int, np.integer)):
        return int(cells), int(cells)
    return int(cells[0]), int(cells[1])


def _level_sizes(scale: float, next_scale: float, ratios: Sequence[float]) -> list[tuple[float, float]]:
    """Width and height of one cell's boxes as parts of the input's."""
    square = math.sqrt(scale * next_scale)
    return [*((scale * math.sqrt(r), scale / math.sqrt(r)) for r in ratios), (square, square)]


def _level(
    size_hw: tuple[int, int], cells_hw: tuple[int, int], step: float | None, sizes: list[tuple[float, float]]
) -> NDArray[np.float32]:
    height, width = size_hw
    rows, columns = cells_hw
    step_y = math.ceil(height / rows) if step is None else step
    step_x = math.ceil(width / columns) if step is None else step
    grid_y, grid_x = np.meshgrid(
        (np.arange(rows) + 0.5) * step_y, (np.arange(columns) + 0.5) * step_x, indexing="ij"
    )
    boxes = np.empty((rows, columns, len(sizes), 4), np.float64)
    boxes[..., 0] = grid_x[..., None]
    boxes[..., 1] = grid_y[..., None]
    boxes[..., 2:] = np.array(sizes) * (width, height)
    return boxes.reshape(-1, 4).astype(np.float32)
