"""Routes of imports: a data set is sent or named, looked at, brought in in the background, and stopped."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from app.api.receiving import RAW_BODY, announced_bytes, receive_file
from app.api.shapes import task_shape
from app.bootstrap import Studio
from app.services.transfers import Import, Wanted
from data.records import OnExisting, Split


class OpenBody(BaseModel):
    """Where the data set is: a ``path`` on this computer, or a ``name`` for what will be sent."""

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str | None, Field(max_length=4096, description="a folder or .zip on the server")] = None
    name: Annotated[str | None, Field(max_length=200)] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> OpenBody:
        if (self.path is None) == (self.name is None):
            raise ValueError("give either a path or a name")
        return self


class WantedBody(BaseModel):
    """How the data set is to be read, and where it goes."""

    model_config = ConfigDict(extra="forbid")

    project: Annotated[str, Field(min_length=1, max_length=200, description="its name; made if missing")]
    format: Annotated[str, Field(description="an id of /formats")] = "auto"
    voc_base: Annotated[
        Literal["auto", "0", "1"], Field(description="what pixels of Pascal VOC count from")
    ] = "auto"
    split: Annotated[Split | None, Field(description="null: as the data set says, else chosen later")] = None
    class_map: Annotated[
        dict[str, str | None],
        Field(max_length=100_000, description="other names by written name; null leaves a class out"),
    ] = {}

    def wanted(self) -> Wanted:
        """What the service is asked for."""
        return Wanted(self.project, self.format, self.voc_base, self.split, self.class_map)


class RunBody(WantedBody):
    """The same, and what becomes of boxes that are here already and differ from the files'."""

    on_existing: OnExisting = "keep"


def import_shape(task: Import) -> dict[str, Any]:
    """How far an import is, and what came of it."""
    return {**task_shape(task), "name": task.name}


def imports_router(studio: Studio) -> APIRouter:
    """Make the routes under /imports."""
    router = APIRouter(prefix="/imports", tags=["imports and exports"])

    @router.post("", status_code=201)
    def begin(body: OpenBody) -> dict[str, Any]:
        """Begin an import of a folder or .zip of the server's computer, or of files that will be sent.

        It waits for a day at most, and is forgotten when the server ends.
        """
        if body.path is not None:
            return import_shape(studio.transfers.open_path(body.path))
        return import_shape(studio.transfers.open_upload(body.name or ""))

    @router.put("/{import_id}/file", status_code=204, openapi_extra=RAW_BODY)
    async def put_file(
        import_id: str,
        request: Request,
        path: Annotated[str, Query(max_length=2000, description="relative to the data set's folder")],
    ) -> Response:
        """Send one file of the data set; several may be on their way at once, and one sent again replaces.

        A single .zip stands for the folder packed in it. 422 for a path that could lead elsewhere, 507 where
        the disk has no room, 409 once the data set was looked at.
        """
        announced = announced_bytes(request)
        incoming = await run_in_threadpool(studio.transfers.receive, import_id, path, announced)
        try:
            await receive_file(request, incoming)
        finally:
            incoming.drop()
        return Response(status_code=204)

    @router.post("/{import_id}/preview")
    def preview(import_id: str, body: WantedBody) -> dict[str, Any]:
        """Tell what the import would find; writes nothing, and ends an earlier preview of it.

        ``done`` and ``total`` of the import count meanwhile. 400 with ``candidates`` where the data set has
        annotations of several formats. ``classes`` are as written, with the ``name`` that each would get
        (null if left out) and names of the project or data set that are ``similar``. ``existing`` counts
        images that are here, be it under another path: ``notes`` say which those are.
        """
        return studio.transfers.preview(import_id, body.wanted())

    @router.post("/{import_id}/run", status_code=202)
    def run(import_id: str, body: RunBody) -> dict[str, Any]:
        """Bring the data set in, in the background; after a failure it may be run again."""
        return import_shape(studio.transfers.run_import(import_id, body.wanted(), body.on_existing))

    @router.get("/{import_id}")
    def read(import_id: str) -> dict[str, Any]:
        """How far an import is: images ``done`` of ``total``, then its ``report`` or ``error``."""
        return import_shape(studio.transfers.get_import(import_id))

    @router.delete("/{import_id}", status_code=204)
    def discard(import_id: str) -> Response:
        """Stop an import at its next image, which keeps what is in; one that does not run is removed."""
        studio.transfers.discard_import(import_id)
        return Response(status_code=204)

    return router
