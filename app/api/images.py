"""Routes of images: their pictures, and their boxes under optimistic concurrency."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from app.api.shapes import BoxBody, box_shape, class_shape, edit_shape, image_shape, place_shape
from app.bootstrap import Studio

#: An image's bytes never change under its id, so the browser may keep them.
KEEP = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
OperationId = Annotated[str, Field(min_length=8, max_length=64)]


class BoxesBody(BaseModel):
    """An image's new boxes, all of them, with the revision they were drawn on."""

    revision: int
    operation_id: OperationId
    boxes: Annotated[list[BoxBody], Field(max_length=5000)]


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


def images_router(studio: Studio) -> APIRouter:
    """Make the routes under /images."""
    router = APIRouter(prefix="/images", tags=["images"])

    @router.get("/{image_id}")
    def read_image(image_id: int) -> dict[str, Any]:
        """All that the editor needs to show an image."""
        view = studio.labelling.image_for_labelling(image_id)
        return {
            "image": image_shape(view.image),
            "boxes": [box_shape(box) for box in view.boxes],
            "classes": [class_shape(item) for item in view.classes],
            "place": place_shape(view.place),
        }

    @router.put("/{image_id}/boxes")
    def save_boxes(image_id: int, body: BoxesBody) -> dict[str, Any]:
        """Replace an image's boxes; 409 with the boxes of now if it changed meanwhile."""
        boxes = [box.record() for box in body.boxes]
        image = studio.labelling.save_boxes(image_id, boxes, body.revision, body.operation_id)
        return {"revision": image.revision, "status": image.status, "boxes": image.boxes}

    @router.put("/{image_id}/empty")
    def mark_empty(image_id: int, body: EmptyBody) -> dict[str, Any]:
        """Say that the image holds nothing to find, or take that back."""
        image = studio.labelling.mark_empty(image_id, body.revision, body.operation_id, empty=body.empty)
        return {"revision": image.revision, "status": image.status}

    @router.get("/{image_id}/history")
    def history(image_id: int) -> list[dict[str, Any]]:
        """Every change of the image's boxes or status, the oldest first: who, when, what."""
        return [edit_shape(edit) for edit in studio.labelling.history(image_id)]

    @router.post("/{image_id}/restore")
    def restore(image_id: int, body: RestoreBody) -> dict[str, Any]:
        """Put an earlier state back, as a change of its own; 409 with the boxes of now if it changed."""
        image = studio.labelling.restore(image_id, body.earlier, body.revision, body.operation_id)
        return {"revision": image.revision, "status": image.status, "boxes": image.boxes}

    @router.delete("/{image_id}", status_code=204)
    def delete_image(image_id: int) -> Response:
        """Remove an image and its boxes."""
        studio.labelling.delete_image(image_id)
        return Response(status_code=204)

    @router.get("/{image_id}/thumbnail", response_class=FileResponse)
    def thumbnail(image_id: int) -> FileResponse:
        """A small copy for grids."""
        return FileResponse(studio.labelling.thumbnail(image_id), headers=KEEP)

    @router.get("/{image_id}/display", response_class=FileResponse)
    def display(image_id: int) -> FileResponse:
        """A copy of at most 2048 px for the editor."""
        path, mime = studio.labelling.display(image_id)
        return FileResponse(path, media_type=mime, headers=KEEP)

    @router.get("/{image_id}/file", response_class=FileResponse)
    def file(image_id: int) -> FileResponse:
        """The stored upright image, byte for byte."""
        path, mime = studio.labelling.file(image_id)
        return FileResponse(path, media_type=mime, headers=KEEP)

    return router
