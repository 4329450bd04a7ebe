"""The route of a project's statistics: its images, classes and boxes in numbers for plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from app.bootstrap import Studio
from app.services.upkeep import GRID, PART_BOUNDS, SHAPE_BOUNDS

if TYPE_CHECKING:
    from data.box_statistics import BoxStatistics
    from data.summary import Summary


def statistics_shape(counted: Summary, measured: BoxStatistics) -> dict[str, Any]:
    """A project in numbers; the n-th of ``counts`` is the bin that ends before the n-th of ``bounds``."""
    return {
        "images": counted.images,
        "by_status": counted.by_status,
        "by_split": {split or "none": number for split, number in counted.by_split.items()},
        "boxes": measured.boxes,
        "classes": [
            {
                "id": each.id,
                "name": each.name,
                "colour": each.colour,
                "archived": each.archived,
                "boxes": each.boxes,
                "images": measured.class_images.get(each.id, 0),
            }
            for each in counted.by_class
        ],
        "box_parts": {"bounds": PART_BOUNDS, "counts": measured.parts},
        "box_shapes": {"bounds": SHAPE_BOUNDS, "counts": measured.shapes},
        "coco": {"small": measured.small, "medium": measured.medium, "large": measured.large},
        "image_sizes": measured.image_sizes,
        "positions": {"columns": GRID, "rows": GRID, "counts": measured.positions},
        "boxes_per_image": {"counts": measured.boxes_per_image},
    }


def statistics_router(studio: Studio) -> APIRouter:
    """Make the route /projects/{id}/statistics."""
    router = APIRouter(tags=["projects"])

    @router.get("/projects/{project_id}/statistics")
    def statistics(project_id: int) -> dict[str, Any]:
        """The project in numbers; of a million boxes it takes a few seconds.

        ``box_parts`` bins the side of a square of the box's area by the image's, ``box_shapes`` its width by
        its height; the first bin ends before the first bound, the last begins at the last. ``positions``
        counts boxes by their centres in a grid over each image, row by row from the top. ``coco`` counts
        boxes below 32² and 96² square pixels, and larger ones. ``image_sizes`` are the most frequent ones, as
        [width, height, images]. ``boxes_per_image`` counts images with 0, 1, 2, … boxes; the last number is
        that of 10 and more. Images in the bin count nowhere.
        """
        return statistics_shape(*studio.upkeep.statistics(project_id))

    return router
