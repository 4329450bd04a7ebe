"""Routes of models: list them, and ask one what it sees in a picture."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.concurrency import run_in_threadpool

from app.api.shapes import model_shape
from app.bootstrap import Studio

#: A picture to detect in may have this many bytes; a photograph of 100 megapixels fits.
MAX_IMAGE_BYTES = 64 * 1024 * 1024


async def picture_of(request: Request) -> bytes:
    """Read a request's body, refusing at once what is larger than a photograph may be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_IMAGE_BYTES:
            raise HTTPException(413, f"The picture is larger than {MAX_IMAGE_BYTES // 2**20} MB.")
    return bytes(body)


def models_router(studio: Studio) -> APIRouter:
    """Make the routes under /models."""
    router = APIRouter(prefix="/models", tags=["models"])

    @router.get("")
    def list_models(project: int | None = None) -> list[dict[str, Any]]:
        """Finished models, newest first, of one project or of all."""
        colours: dict[int, dict[str, str]] = {}
        shapes = []
        for model in studio.models.list_all(project):
            if model.project_id not in colours:
                colours[model.project_id] = {
                    item.name: item.colour for item in studio.labelling.classes(model.project_id)
                }
            thresholds = studio.models.thresholds(model)
            shapes.append(model_shape(model, colours[model.project_id], thresholds))
        return shapes

    @router.post("/{model_id}/candidates")
    async def candidates(model_id: str, request: Request) -> dict[str, Any]:
        """Boxes before non-maximum suppression in the picture sent as the body.

        The best 1000 of score ≥ .05, best first, as rows [x0, y0, x1, y1, score, class index].
        """
        picture = await picture_of(request)
        return await run_in_threadpool(studio.detection.candidates, model_id, picture)

    @router.post("/{model_id}/detections")
    async def detections(
        model_id: str,
        request: Request,
        score: Annotated[float, Query(ge=0, le=1)] = 0.5,
        iou: Annotated[float, Query(ge=0, le=1)] = 0.45,
        max_boxes: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> dict[str, Any]:
        """Final detections in the picture sent as the body."""
        picture = await picture_of(request)
        return await run_in_threadpool(
            studio.detection.detect, model_id, picture, score=score, iou=iou, max_boxes=max_boxes
        )

    return router
