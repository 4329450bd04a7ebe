"""Routes of an image's boxes, under optimistic concurrency: read, saved, marked, put back."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Response
from pydantic import BaseModel, Field

from app.api.errors import CHANGED_MEANWHILE, NOT_FOUND, stale_answer
from app.api.shapes import BoxBody, OperationId, SuggestionIds, boxes_shape, edit_shape
from app.bootstrap import Studio
from data.errors import StaleRevision

SAVE_ANSWERS: dict[int | str, dict[str, Any]] = {
    **CHANGED_MEANWHILE,
    412: {**CHANGED_MEANWHILE[409], "description": "The same, where `If-Match` said the revision."},
}


class BoxesBody(BaseModel):
    """An image's new boxes, all of them, with the revision they were drawn on unless ``If-Match`` says it.

    A box called ``suggestion-<id>`` accepts that suggestion. ``rejected`` are suggestions that nobody wants,
    ``reopened`` rejected ones that are to be decided again.
    """

    revision: int | None = None
    operation_id: OperationId
    boxes: Annotated[list[BoxBody], Field(max_length=5000)]
    rejected: SuggestionIds = []
    reopened: SuggestionIds = []


class EmptyBody(BaseModel):
    """Whether an image without boxes was checked and holds nothing."""

    revision: int
    operation_id: OperationId
    empty: bool


class RestoreBody(BaseModel):
    """Which earlier revision to put back (0 is the image as it came), and the revision that was seen."""

    earlier: int
    revision: int
    operation_id: OperationId


def boxes_router(studio: Studio) -> APIRouter:
    """Make the routes of an image's boxes and their history under /images."""
    router = APIRouter(prefix="/images/{image_id}", tags=["boxes"], responses=NOT_FOUND)

    @router.get("/boxes", responses={200: {"description": "The boxes; `ETag` is the revision."}})
    def read_boxes(image_id: int, response: Response) -> dict[str, Any]:
        """An image's boxes with their revision, which ``If-Match`` of a save takes as it is."""
        image, boxes = studio.labelling.boxes(image_id)
        response.headers["ETag"] = f'"{image.revision}"'
        return boxes_shape(image, boxes)

    @router.put("/boxes", responses=SAVE_ANSWERS)
    def save_boxes(
        image_id: int,
        body: BoxesBody,
        response: Response,
        if_match: Annotated[str | None, Header(description='the revision, as in "7"')] = None,
    ) -> Any:
        """Replace an image's boxes, if it still is at the revision that was seen.

        ``replaced`` of the answer are those rejected that a newer look had taken away before.
        """
        boxes = [box.record() for box in body.boxes]
        revision = body.revision if if_match is None else _revision_of(if_match)
        if revision is None:
            raise HTTPException(
                422, "Say which revision the boxes were drawn on: in revision or in If-Match."
            )
        try:
            image, replaced = studio.labelling.save_boxes(
                image_id,
                boxes,
                revision,
                body.operation_id,
                rejected=body.rejected,
                reopened=body.reopened,
            )
        except StaleRevision as error:
            return stale_answer(error, 409 if if_match is None else 412)
        response.headers["ETag"] = f'"{image.revision}"'
        return {
            "revision": image.revision,
            "status": image.status,
            "boxes": image.boxes,
            "replaced": list(replaced),
        }

    @router.put("/empty", responses=CHANGED_MEANWHILE)
    def mark_empty(image_id: int, body: EmptyBody) -> dict[str, Any]:
        """Say that the image holds nothing to find, or take that back."""
        image = studio.labelling.mark_empty(image_id, body.revision, body.operation_id, empty=body.empty)
        return {"revision": image.revision, "status": image.status}

    @router.get("/history")
    def read_history(image_id: int) -> list[dict[str, Any]]:
        """Every change of the image's boxes or status, the oldest first: who, when, what."""
        return [edit_shape(edit) for edit in studio.labelling.history(image_id)]

    @router.post("/restore", responses=CHANGED_MEANWHILE)
    def restore_boxes(image_id: int, body: RestoreBody) -> dict[str, Any]:
        """Put an earlier state back, as a change of its own; 409 with the boxes of now if it changed."""
        image = studio.labelling.restore(image_id, body.earlier, body.revision, body.operation_id)
        return {"revision": image.revision, "status": image.status, "boxes": image.boxes}

    return router


def _revision_of(if_match: str) -> int:
    """Give the revision that ``If-Match`` names, or one that no image has."""
    named = re.fullmatch(r'\s*(?:W/)?"(\d{1,9})"\s*', if_match)
    return int(named[1]) if named else -1
