"""The one endpoint that Gradio's own client reaches: ``/detect``. Everything else is private to the pages."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import get_blocks_context
from gradio.events import api
from gradio.utils import get_upload_folder
from starlette.concurrency import run_in_threadpool

from app.bootstrap import Studio
from data.errors import DataError
from ssd_core.errors import SSDError
from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, SCORE_THRESHOLD
from ssd_core.thresholds import Thresholds

#: What an address of the web begins with.
_WEB = ("http://", "https://")


def add_detect_endpoint(studio: Studio) -> None:
    """Offer ``/detect`` in the pages that are being laid out."""

    async def detect(
        image: gr.FileData,
        request: gr.Request,
        model: str = "",
        score: float = SCORE_THRESHOLD,
        iou: float = IOU_THRESHOLD,
        max_boxes: int = MAX_BOXES,
        class_agnostic: bool = False,
        classes: list[str] | None = None,
        class_scores: dict[str, float] | None = None,
        tiles: int = 1,
    ) -> dict[str, Any]:
        def begin() -> Future[dict[str, Any]]:
            given: Any = [classes] if isinstance(classes, str) else classes
            shown = None if given is None else tuple(given)
            thresholds = Thresholds(score, iou, max_boxes, class_agnostic, shown, class_scores or {})
            chosen = studio.detection.chosen(model or None)
            who = f"address {request.client.host}" if request.client else ""
            return studio.detection.begin_detections(
                chosen, _picture_of(studio, image), thresholds, client=who, tiles=tiles
            )

        try:
            # However many wait for their turns: none of the threads that all requests share is held.
            return await asyncio.wrap_future(await run_in_threadpool(begin))
        except (DataError, SSDError) as error:
            raise gr.Error(str(error), print_exception=False) from error

    made = api(
        detect,
        api_name="detect",
        api_description="What a model, by its id or name, finds in a picture; left out, the default model.",
        # Turns are given by the service; Gradio's own row would only add its pauses.
        queue=False,
        concurrency_limit=None,
    )
    parts: Any = get_blocks_context()
    for number in made["inputs"]:
        _leave_addresses_to_us(parts.blocks[number])


def _leave_addresses_to_us(part: Any) -> None:
    """Keep Gradio from fetching pictures of the web: it does not ask whether the owner allows that."""
    take_in = part.async_move_resource_to_block_cache

    async def take_in_files(named: str | Path | None) -> str | Path | None:
        taken: str | Path | None = named if str(named).startswith(_WEB) else await take_in(named)
        return taken

    part.async_move_resource_to_block_cache = take_in_files


def _picture_of(studio: Studio, image: Any) -> bytes:
    """The picture that a client has sent, or names by its address; no other file of the server is read."""
    named = str(image.get("path", "") if isinstance(image, dict) else getattr(image, "path", ""))
    if named.startswith(_WEB):
        return studio.web_pictures.fetch(named)
    sent = Path(named).resolve()
    if not sent.is_relative_to(Path(get_upload_folder()).resolve()) or not sent.is_file():
        raise gr.Error("Send the picture by handle_file(…) of gradio_client.", print_exception=False)
    return sent.read_bytes()
