"""Routes of a model's suggestions on an image: offered, accepted or rejected."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from app.api.errors import CHANGED_MEANWHILE, NOT_FOUND
from app.api.shapes import OperationId, SuggestionIds, boxes_shape, suggestion_shape
from app.bootstrap import Studio


class FoundBody(BaseModel):
    """A box that a model found: ``class`` is a name, ``box`` float xyxy pixels of the upright image."""

    model_config = ConfigDict(extra="forbid")

    class_name: str = Field(alias="class", max_length=200)
    box: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]
    score: float = Field(ge=0, le=1)


class OfferBody(BaseModel):
    """What a model found on an image, as ``detections`` of a model's answer give it."""

    model_id: str
    found: Annotated[list[FoundBody], Field(max_length=1000)]


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

    @router.post("", status_code=201)
    def offer_suggestions(image_id: int, body: OfferBody) -> list[dict[str, Any]]:
        """Suggest what a model found, in the place of the image's open suggestions; answers the new ones.

        What is drawn already, and classes that the project has not, are left out.
        """
        found = [(each.class_name, each.box, each.score) for each in body.found]
        return [suggestion_shape(each) for each in studio.labelling.suggest(image_id, body.model_id, found)]

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
