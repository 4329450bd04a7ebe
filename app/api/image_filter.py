"""Which images a request is about, as query parameters that are the same in every route."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from data.records import ImageFilter, ImageSort, ImageStatus, Split

LARGEST_ID = 2**31 - 1


class FilterBody(BaseModel):
    """The same filter in a request's body; what is left out rules nothing out."""

    model_config = ConfigDict(extra="forbid")

    status: ImageStatus | None = None
    split: Split | Literal["none"] | None = None
    class_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    flagged: bool = False
    suggested: bool = False
    text: str = Field(default="", max_length=200)
    sort: ImageSort = "name"

    def record(self) -> ImageFilter:
        """The dataset's record of this filter."""
        return ImageFilter(**self.model_dump())


def image_filter(
    status: Annotated[ImageStatus | None, Query(description="only images of this status")] = None,
    split: Annotated[
        Split | Literal["none"] | None, Query(description="only images of this split; none: without one")
    ] = None,
    class_id: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="only images with a box of this class")
    ] = None,
    flagged: Annotated[bool, Query(description="true: only flagged images")] = False,
    suggested: Annotated[bool, Query(description="true: only images with open suggestions")] = False,
    text: Annotated[str, Query(max_length=200, description="part of the name or note, in either case")] = "",
    sort: Annotated[
        ImageSort,
        Query(
            description="order: name (natural), added or boxes, with - the other way round; useful: what a "
            "model would learn most from first"
        ),
    ] = "name",
) -> ImageFilter:
    """Gather the parameters; an image must fulfil all of them."""
    return ImageFilter(status, split, class_id, flagged, suggested, text, sort)


#: A route's parameter of this type brings all of these query parameters along.
WantedImages = Annotated[ImageFilter, Depends(image_filter)]
