"""Routes of models: list and keep them, export and import them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from app.api.receiving import announced_bytes, receive_file
from app.api.shapes import model_shape
from app.bootstrap import Studio
from app.services.errands import Errand
from data.records import Model

#: A picture to detect in may have this many bytes; a photograph of 100 megapixels fits.
MAX_IMAGE_BYTES = 64 * 1024 * 1024


class ModelBody(BaseModel):
    """What of a model is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=400)
    note: str | None = Field(default=None, max_length=10_000)
    is_default: bool | None = None


class ExportBody(BaseModel):
    """The format that a model is wanted in."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["litert", "litert_int8", "saved_model", "onnx", "folder"]


class ImportBody(BaseModel):
    """A model on the server's own computer, and where it goes."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(min_length=1)
    project_id: int | None = None
    name: str | None = Field(default=None, max_length=400)


async def picture_of(request: Request) -> bytes:
    """Read a request's body, refusing at once what is larger than a photograph may be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_IMAGE_BYTES:
            raise HTTPException(413, f"The picture is larger than {MAX_IMAGE_BYTES // 2**20} MB.")
    return bytes(body)


def errand_shape(errand: Errand) -> dict[str, Any]:
    """A piece of work on a model and how far it is."""
    return {
        "id": errand.id,
        "state": errand.state,
        "waiting": errand.waiting,
        "done": errand.done,
        "total": errand.total,
        "error": str(errand.error) if errand.error else None,
    }


def shapes_of(studio: Studio, models: tuple[Model, ...]) -> list[dict[str, Any]]:
    """Models as the pages show them; each project's classes are read once."""
    colours: dict[int, dict[str, str]] = {}
    shapes = []
    for model in models:
        if model.project_id not in colours:
            classes = studio.labelling.classes(model.project_id)
            colours[model.project_id] = {item.name: item.colour for item in classes}
        thresholds, lineage = studio.models.thresholds(model), studio.models.lineage(model)
        shapes.append(model_shape(model, colours[model.project_id], thresholds, lineage))
    return shapes


def models_router(studio: Studio) -> APIRouter:
    """Make the routes under /models and /model-exports."""
    router = APIRouter(tags=["models"])
    _add_keeping(router, studio)
    _add_exchanging(router, studio)
    return router


def _add_keeping(router: APIRouter, studio: Studio) -> None:
    def shape(model: Model) -> dict[str, Any]:
        return shapes_of(studio, (model,))[0]

    @router.get("/models")
    def list_models(
        project: int | None = None, project_id: int | None = None, deleted: bool = False
    ) -> list[dict[str, Any]]:
        """Finished models, newest first, of one project or of all; ``deleted`` asks for those in the bin."""
        wanted = project if project_id is None else project_id
        return shapes_of(studio, studio.models.list_all(wanted, deleted=deleted))

    @router.get("/models/export-formats")
    def export_formats() -> list[dict[str, Any]]:
        """The formats that models can be had in; ``missing`` says what must be installed first, or null."""
        return studio.model_exports.formats()

    @router.get("/models/{model_id}")
    def read_model(model_id: str) -> dict[str, Any]:
        """One model with where it comes from."""
        return shape(studio.models.get(model_id))

    @router.patch("/models/{model_id}")
    def change_model(model_id: str, body: ModelBody) -> dict[str, Any]:
        """Rename a model, write its note, or make it its project's default."""
        return shape(studio.models.change(model_id, **body.model_dump()))

    @router.delete("/models/{model_id}", status_code=204)
    def delete_model(model_id: str) -> None:
        """Put a model into the bin, from which it can be put back for 30 days."""
        studio.models.delete(model_id)

    @router.post("/models/{model_id}/put_back")
    def put_back(model_id: str) -> dict[str, Any]:
        """Take a model out of the bin."""
        return shape(studio.models.put_back(model_id))


def _add_exchanging(router: APIRouter, studio: Studio) -> None:
    @router.post("/models/{model_id}/exports", status_code=202)
    def start_export(model_id: str, body: ExportBody) -> dict[str, Any]:
        """Begin to make a zip with the model, its parity receipt and an example of use."""
        return errand_shape(studio.model_exports.start(model_id, body.format))

    @router.get("/model-exports/{export_id}")
    def read_export(export_id: str) -> dict[str, Any]:
        """How far an export is: running, done or failed; ``receipt`` says what a done one lost, else null."""
        errand = studio.model_exports.get(export_id)
        return {**errand_shape(errand), "receipt": studio.model_exports.receipt(export_id)}

    @router.get("/model-exports/{export_id}/file")
    def export_file(export_id: str) -> FileResponse:
        """The zip of an export that is done."""
        path, name = studio.model_exports.file(export_id)
        return FileResponse(path, filename=name, media_type="application/zip")

    @router.post("/models/import", status_code=201)
    async def import_model(
        request: Request, project_id: int | None = None, name: str | None = None
    ) -> dict[str, Any]:
        """Check a model from another workspace and take it in; takes some ten seconds.

        The body is the zip of an export of the format ``folder``, or JSON ``{path, project_id?, name?}`` that
        names a folder or zip on the server's computer.
        """
        if request.headers.get("content-type", "").startswith("application/json"):
            try:
                body = ImportBody.model_validate_json(await picture_of(request))
            except ValidationError as error:
                raise HTTPException(422, "The request was not understood: give path as JSON text.") from error
            source = Path(body.path)
            with suppress(RuntimeError):  # there is no such user; what begins with ~ is no whole path either
                source = source.expanduser()
            if not source.is_absolute():
                raise HTTPException(422, "Give the whole path of the model folder or zip, from the root on.")
            taken = await run_in_threadpool(studio.model_imports.take, source, body.project_id, body.name)
            return shapes_of(studio, (taken,))[0]
        stage = studio.model_imports.stage()
        try:
            incoming = await run_in_threadpool(stage.receive, "model.zip", announced_bytes(request))
            try:
                await receive_file(request, incoming)
            finally:
                incoming.drop()
            taken = await run_in_threadpool(
                studio.model_imports.take, stage.source(), project_id, name, called="The file sent"
            )
        finally:
            await run_in_threadpool(stage.clear)
        return shapes_of(studio, (taken,))[0]
