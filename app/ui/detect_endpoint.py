"""The one endpoint that Gradio's own client reaches: ``/detect``. Everything else is private to the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api
from gradio.utils import get_upload_folder

from app.bootstrap import Studio
from data.errors import DataError
from ssd_core.errors import SSDError
from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, SCORE_THRESHOLD
from ssd_core.thresholds import Thresholds


def add_detect_endpoint(studio: Studio) -> None:
    """Offer ``/detect`` in the pages that are being laid out."""

    def detect(
        image: gr.FileData,
        model: str = "",
        score: float = SCORE_THRESHOLD,
        iou: float = IOU_THRESHOLD,
        max_boxes: int = MAX_BOXES,
        class_agnostic: bool = False,
        classes: list[str] | None = None,
        class_scores: dict[str, float] | None = None,
        tiles: int = 1,
    ) -> dict[str, Any]:
        shown = None if classes is None else tuple(classes)
        thresholds = Thresholds(score, iou, max_boxes, class_agnostic, shown, class_scores or {})
        try:
            chosen = studio.detection.chosen(model or None)
            return studio.detection.detect(chosen, _picture_sent(image), thresholds, tiles=tiles)
        except (DataError, SSDError) as error:
            raise gr.Error(str(error), print_exception=False) from error

    api(
        detect,
        api_name="detect",
        api_description="What a model, by its id or name, finds in a picture; left out, the default model.",
        # Turns are given by the service; Gradio's own row would only add its pauses.
        queue=False,
        concurrency_limit=None,
    )


def _picture_sent(image: Any) -> bytes:
    """The picture that a client has sent before; no other file of the server is read."""
    named = image.get("path", "") if isinstance(image, dict) else getattr(image, "path", "")
    sent = Path(str(named)).resolve()
    if not sent.is_relative_to(Path(get_upload_folder()).resolve()) or not sent.is_file():
        raise gr.Error("Send the picture by handle_file(…) of gradio_client.", print_exception=False)
    return sent.read_bytes()
