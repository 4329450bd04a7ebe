"""Routes of one image: what is known of it and where it stands."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from app.api.errors import NOT_FOUND
from app.api.image_filter import WantedImages
from app.api.shapes import (
    box_shape,
    class_shape,
    image_shape,
    look_shape,
    place_shape,
    suggestion_shape,
)
from app.bootstrap import Studio
from data.records import Split


class ImageBody(BaseModel):
    """What may be changed of an image without drawing; a ``split`` of null takes it out of its split."""

    model_config = ConfigDict(extra="forbid")

    flag: bool | None = None
    note: str | None = None
    split: Split | None = None


def images_router(studio: Studio) -> APIRouter:
    """Make the routes of one image under /images."""
    router = APIRouter(prefix="/images", tags=["images"], responses=NOT_FOUND)

    @router.get("/{image_id}")
    def read_image(image_id: int, wanted: WantedImages) -> dict[str, Any]:
        """All that the editor needs to show an image, with its place among the images wanted."""
        view = studio.labelling.image_for_labelling(image_id, wanted)
        return {
            "image": {**image_shape(view.image), "look": look_shape(view.look)},
            "boxes": [box_shape(box) for box in view.boxes],
            "classes": [class_shape(item) for item in view.classes],
            "place": place_shape(view.place),
            "suggestions": [suggestion_shape(each) for each in view.suggestions],
            "suggesting": [
                {"id": model.id, "name": model.name, "score": studio.models.thresholds(model)["score"]}
                for model in view.suggesting
            ],
        }

    @router.patch("/{image_id}")
    def change_image(image_id: int, body: ImageBody) -> dict[str, Any]:
        """Change the flag, note or split; what is left out stays, and so does the revision."""
        split = body.split or "none" if "split" in body.model_fields_set else None
        image = studio.labelling.change_image(image_id, flag=body.flag, note=body.note, split=split)
        return image_shape(image)

    @router.delete("/{image_id}", status_code=204)
    def delete_image(image_id: int) -> Response:
        """Put the image into its project's bin, from where it can be put back for 30 days."""
        studio.labelling.delete_image(image_id)
        return Response(status_code=204)

    return router
