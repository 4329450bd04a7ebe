"""From the network's raw output to the detections that accuracy is measured on. NumPy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ssd_core.candidates import EVALUATION_PER_CLASS, EVALUATION_SCORE, candidates
from ssd_core.config import SSDConfig
from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, Detections, non_max_suppression


def evaluation_detections(
    prediction: NDArray[np.float32],
    default_boxes_cxcywh: NDArray[np.float32],
    config: SSDConfig,
    image_size_hw: tuple[int, int],
) -> Detections:
    """Detect as the SSD paper evaluates (arXiv 1512.02325, section 3.1).

    Score ≥ .01, the best 400 of each class, IoU .45, the best 200 of the image.

    Args:
        prediction: float32 [D, 4 + C]; offsets first, then C logits with the background at 0.
        default_boxes_cxcywh: float32 [D, 4]; pixels of the network's input.
        config: the detector.
        image_size_hw: (height, width) of the image that boxes are wanted for.

    Returns:
        The detections in pixels of that image, best first.
    """
    found = candidates(
        prediction,
        default_boxes_cxcywh,
        config.variances,
        config.input_size_hw,
        image_size_hw,
        score_floor=EVALUATION_SCORE,
        limit=None,
        limit_per_class=EVALUATION_PER_CLASS,
    )
    return non_max_suppression(found, EVALUATION_SCORE, IOU_THRESHOLD, MAX_BOXES)
