"""Routes of exports, and of the formats in which data sets come in and go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.shapes import task_shape
from app.bootstrap import Studio
from app.services.transfers import Export
from data.records import Split

if TYPE_CHECKING:
    from data.formats.registry import Carries


class ExportBody(BaseModel):
    """What is to be written."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[str, Field(description="an id of /formats")]
    with_images: Annotated[bool, Field(description="the image files too, not the boxes alone")] = True
    split: Annotated[Split | None, Field(description="only images of this split; null for all")] = None


def export_shape(task: Export) -> dict[str, Any]:
    """How far an export is, and what came of it."""
    return {**task_shape(task), "file_name": task.file_name}


def losses(carries: Carries) -> list[str]:
    """What a format has no word for."""
    return [
        *(() if carries.difficult else ("which boxes are difficult",)),
        *(() if carries.crowd else ("which boxes are a crowd",)),
        *(() if carries.parts_of_pixels else ("boxes smaller than a pixel, which become one wide",)),
    ]


def exports_router(studio: Studio) -> APIRouter:
    """Make the routes of exports and /formats."""
    router = APIRouter(tags=["imports and exports"])

    @router.get("/formats")
    def formats() -> dict[str, Any]:
        """What a data set may be read from and written as; ``loses`` is what a format cannot carry."""
        known = studio.exchange.formats()
        return {
            "import": [
                {"id": "auto", "title": "Find out"},
                *({"id": entry.name, "title": entry.title} for entry in known),
                {"id": "images", "title": "Photographs alone"},
            ],
            "export": [
                {"id": entry.name, "title": entry.title, "loses": losses(entry.carries)} for entry in known
            ],
        }

    @router.post("/projects/{project_id}/exports", status_code=202)
    def begin(project_id: int, body: ExportBody) -> dict[str, Any]:
        """Write the labelled images of a project, and those checked to be empty, into a .zip.

        It is written in the background, and waits for a day at most.
        """
        task = studio.transfers.start_export(
            project_id, body.format, with_images=body.with_images, split=body.split
        )
        return export_shape(task)

    @router.get("/exports/{export_id}")
    def read(export_id: str) -> dict[str, Any]:
        """How far an export is: image files ``done`` of ``total``, then its ``report`` or ``error``."""
        return export_shape(studio.transfers.get_export(export_id))

    @router.get(
        "/exports/{export_id}/file",
        response_class=FileResponse,
        responses={200: {"content": {"application/zip": {}}, "description": "the archive"}},
    )
    def file(export_id: str) -> FileResponse:
        """The .zip of an export that is done; 409 before."""
        path, name = studio.transfers.exported(export_id)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return FileResponse(path, media_type="application/zip", filename=name, headers=headers)

    @router.delete("/exports/{export_id}", status_code=204)
    def discard(export_id: str) -> Response:
        """Stop an export, or remove its file."""
        studio.transfers.discard_export(export_id)
        return Response(status_code=204)

    return router
