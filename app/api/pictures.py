"""Routes of an image's picture: the stored file, and the smaller copies made of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.responses import FileResponse

from app.bootstrap import Studio

#: An image's bytes never change under its id, so the browser may keep them.
KEEP = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture; `ETag` names its bytes.", "content": {"image/*": {}}},
    304: {"description": "`If-None-Match` names the picture as it is: the copy kept is the right one."},
    404: {"description": "There is no such image."},
}
IfNoneMatch = Annotated[str | None, Header(description="ETags of the copies that are kept already")]


def pictures_router(studio: Studio) -> APIRouter:
    """Make the routes under /images that answer pictures."""
    router = APIRouter(prefix="/images/{image_id}", tags=["images"])

    @router.get("/thumbnail", response_class=Response, responses=ANSWERS)
    def thumbnail(image_id: int, if_none_match: IfNoneMatch = None) -> Response:
        """A small copy for grids."""
        image = studio.labelling.image(image_id)
        tag = f'"{image.sha256}-thumbnail"'
        if _is_kept(tag, if_none_match):
            return _unchanged(tag)
        # Read at once, for it is small: a grid asks for many, and a stream costs more than its bytes.
        picture = studio.labelling.thumbnail_of(image).read_bytes()
        return Response(picture, media_type="image/webp", headers={**KEEP, "ETag": tag})

    @router.get("/display", response_class=FileResponse, responses=ANSWERS)
    def display(image_id: int, if_none_match: IfNoneMatch = None) -> Response:
        """A copy of at most 2048 px for the editor."""
        image = studio.labelling.image(image_id)
        tag = f'"{image.sha256}-display"'
        if _is_kept(tag, if_none_match):
            return _unchanged(tag)
        return _file(*studio.labelling.display_of(image), tag)

    @router.get("/file", response_class=FileResponse, responses=ANSWERS)
    def file(image_id: int, if_none_match: IfNoneMatch = None) -> Response:
        """The stored upright image, byte for byte."""
        image = studio.labelling.image(image_id)
        tag = f'"{image.sha256}"'
        if _is_kept(tag, if_none_match):
            return _unchanged(tag)
        return _file(*studio.labelling.file_of(image), tag)

    return router


def _is_kept(tag: str, if_none_match: str | None) -> bool:
    # Compared weakly, as If-None-Match asks: a proxy that compresses marks the tags it passes on as weak.
    return if_none_match is not None and (
        if_none_match.strip() == "*" or tag in re.findall(r'"[^"]*"', if_none_match)
    )


def _unchanged(tag: str) -> Response:
    return Response(status_code=304, headers={**KEEP, "ETag": tag})


def _file(path: Path, mime: str, tag: str) -> FileResponse:
    return FileResponse(path, media_type=mime, headers={**KEEP, "ETag": tag})
