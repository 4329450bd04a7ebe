"""Routes of classes: add, name, colour, order, merge, archive and delete them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.shapes import class_shape
from app.bootstrap import Studio


class ClassNameBody(BaseModel):
    """The name of a class, as somebody typed it."""

    name: str = Field(min_length=1, max_length=200)


class ClassBody(BaseModel):
    """What shall be different about a class; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    colour: Annotated[str | None, Field(description="#RRGGBB")] = None
    archived: Annotated[bool | None, Field(description="not offered for new boxes; boxes keep it")] = None


class OrderBody(BaseModel):
    """All classes of a project in their new order."""

    ids: Annotated[list[int], Field(max_length=100_000)]


class MergeBody(BaseModel):
    """The class that stays."""

    into: int


#: What the documentation tells of a name that another class has.
NAME_IN_USE: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "Another class of the project has the name; the two can be merged.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"error": {"type": "string"}, "class_id": {"type": "integer"}},
                }
            }
        },
    }
}


def classes_router(studio: Studio) -> APIRouter:
    """Make the routes under /classes and /projects/{id}/classes."""
    router = APIRouter(tags=["classes"])

    @router.get("/projects/{project_id}/classes")
    def list_classes(project_id: int) -> list[dict[str, Any]]:
        """A project's classes in their order, archived ones too, each with the number of its boxes."""
        return [class_shape(item) for item in studio.organising.classes(project_id)]

    @router.post("/projects/{project_id}/classes", status_code=201)
    def add_class(project_id: int, body: ClassNameBody) -> dict[str, Any]:
        """Add a class; one of that name that exists already is returned, and is archived no more."""
        return class_shape(studio.organising.add_class(project_id, body.name))

    @router.put("/projects/{project_id}/classes/order")
    def order_classes(project_id: int, body: OrderBody) -> list[dict[str, Any]]:
        """Put the classes into another order; 422 unless every class stands in it once."""
        return [class_shape(item) for item in studio.organising.order_classes(project_id, body.ids)]

    @router.patch("/classes/{class_id}", responses=NAME_IN_USE)
    def change_class(class_id: int, body: ClassBody) -> dict[str, Any]:
        """Name, colour or archive a class; 409 with ``class_id`` of the one that has the name already."""
        changed = studio.organising.change_class(
            class_id, name=body.name, colour=body.colour, archived=body.archived
        )
        return class_shape(changed)

    @router.post("/classes/{class_id}/merge")
    def merge_class(class_id: int, body: MergeBody) -> dict[str, Any]:
        """Give all boxes and suggestions of a class to another one of its project.

        Every image changed has a new revision and an entry in its history. The class is deleted, or archived
        where earlier states of images have it. Models and what they were trained on stay as they are.
        """
        merged = studio.organising.merge_classes(class_id, body.into)
        return {"into": class_shape(merged.into), "images": merged.images, "boxes": merged.boxes}

    @router.delete("/classes/{class_id}", status_code=204)
    def delete_class(class_id: int) -> Response:
        """Delete a class; 409 if boxes (in the bin too), suggestions or images' history have it."""
        studio.organising.delete_class(class_id)
        return Response(status_code=204)

    return router
