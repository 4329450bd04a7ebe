"""Routes of a model's suggestions on an image: accepted or rejected."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.api.errors import CHANGED_MEANWHILE, NOT_FOUND
from app.api.shapes import OperationId, boxes_shape
from app.bootstrap import Studio

SuggestionIds = Annotated[list[int], Field(max_length=5000)]


class AcceptBody(BaseModel):
    """Suggestions to draw, and the revision of the image that was seen."""

    ids: SuggestionIds
    revision: int
    operation_id: OperationId


class RejectBody(BaseModel):
    """Suggestions that nobody wants."""

    ids: SuggestionIds


def suggestions_router(studio: Studio) -> APIRouter:
    """Make the routes of an image's suggestions under /images."""
    router = APIRouter(prefix="/images/{image_id}/suggestions", tags=["boxes"], responses=NOT_FOUND)

    @router.post("/accept", responses=CHANGED_MEANWHILE)
    def accept_suggestions(image_id: int, body: AcceptBody) -> dict[str, Any]:
        """Draw suggestions as boxes of their model, as one change; answers all boxes of the image."""
        image, boxes = studio.labelling.accept_suggestions(
            image_id, body.ids, body.revision, body.operation_id
        )
        return boxes_shape(image, boxes)

    @router.post("/reject", status_code=204)
    def reject_suggestions(image_id: int, body: RejectBody) -> Response:
        """Note that nobody wants these suggestions; they are not shown again."""
        studio.labelling.reject_suggestions(image_id, body.ids)
        return Response(status_code=204)

    return router
