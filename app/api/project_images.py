"""Routes of a project's images together: pages under a filter, one change to many, and the bin."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.api.errors import NOT_FOUND
from app.api.image_filter import LARGEST_ID, FilterBody, WantedImages
from app.api.shapes import bulk_shape, card_shape, tallies_shape
from app.bootstrap import Studio
from data.records import ImageFilter, Split

Offset = Annotated[int, Query(ge=0, le=LARGEST_ID, description="images to pass over")]
Limit = Annotated[int, Query(ge=1, le=500)]


class _Bulk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[int] | None, Field(max_length=1_000_000, description="the images")] = None
    filter: Annotated[FilterBody | None, Field(description="or all images that it finds")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("say which images: either ids or filter")
        return self

    def chosen(self) -> list[int] | ImageFilter:
        """The images that the change is about."""
        return self.filter.record() if self.filter is not None else list(self.ids or ())


class BulkSplit(_Bulk):
    """Give the images a split, or take them out of theirs."""

    action: Literal["split"]
    value: Split | None


class BulkFlag(_Bulk):
    """Flag the images, or take the flag away."""

    action: Literal["flag"]
    value: bool


class BulkStatus(_Bulk):
    """Mark images without boxes as empty, or take that back; those with boxes are skipped."""

    action: Literal["status"]
    value: Literal["empty", "unlabelled"]


class BulkDelete(_Bulk):
    """Put the images into the bin."""

    action: Literal["delete"]
    value: None = None


class BulkPutBack(_Bulk):
    """Take the images out of the bin; a filter looks into the bin here."""

    action: Literal["put_back"]
    value: None = None


BulkBody = Annotated[
    BulkSplit | BulkFlag | BulkStatus | BulkDelete | BulkPutBack, Body(discriminator="action")
]


def project_images_router(studio: Studio) -> APIRouter:
    """Make the routes under /projects/{id} that look at many images."""
    router = APIRouter(prefix="/projects/{project_id}", tags=["images"], responses=NOT_FOUND)

    @router.get("/images")
    def list_images(
        project_id: int,
        wanted: WantedImages,
        after: Annotated[int | None, Query(description="id of the last image of the page before")] = None,
        offset: Offset = 0,
        limit: Limit = 60,
        with_boxes: Annotated[bool, Query(description="add each image's boxes, to draw them")] = False,
    ) -> dict[str, Any]:
        """A page of the images wanted; ``next_after`` or a larger ``offset`` asks for the next one."""
        page = studio.labelling.cards(
            project_id, wanted, after=after, offset=offset, limit=limit, with_boxes=with_boxes
        )
        return {
            "images": [card_shape(card, with_boxes=with_boxes) for card in page.cards],
            "total": page.total,
            "next_after": page.next_after,
            "offset": offset,
        }

    @router.get("/images/around")
    def images_around(
        project_id: int,
        wanted: WantedImages,
        image_id: int,
        before: Annotated[int, Query(ge=0, le=100)] = 6,
        after: Annotated[int, Query(ge=0, le=100)] = 12,
    ) -> dict[str, Any]:
        """An image with those before and behind it among the images wanted, for a film strip.

        ``number`` is the place of the first one, from 1. An image that is not wanted itself is left out.
        """
        strip = studio.labelling.cards_around(project_id, image_id, before, after, wanted)
        return {
            "images": [card_shape(card, with_boxes=True) for card in strip.cards],
            "number": strip.number,
            "total": strip.total,
        }

    @router.get("/images/counts")
    def count_images(project_id: int) -> dict[str, int]:
        """How many images each filter finds, and how many lie in the bin."""
        return tallies_shape(studio.labelling.tallies(project_id))

    @router.post("/images/bulk")
    def change_many_images(project_id: int, body: BulkBody) -> dict[str, Any]:
        """Change one thing of many images; posting each entry of ``undo`` takes it back."""
        done = studio.labelling.change_many(project_id, body.action, body.value, body.chosen())
        return bulk_shape(done)

    @router.get("/bin")
    def read_bin(project_id: int, offset: Offset = 0, limit: Limit = 60) -> dict[str, Any]:
        """A page of the images in the bin, the last deleted first; after ``keep_days`` they go for good."""
        page = studio.labelling.bin(project_id, offset, limit)
        return {
            "images": [
                {
                    **card_shape(card),
                    "deleted": card.image.deleted.isoformat() if card.image.deleted else None,
                }
                for card in page.cards
            ],
            "total": page.total,
            "keep_days": studio.labelling.days_in_bin,
        }

    @router.delete("/bin")
    def clear_bin(project_id: int) -> dict[str, int]:
        """Remove for good all that lies in the bin, with boxes and history."""
        return {"removed": studio.labelling.clear_bin(project_id)}

    return router
