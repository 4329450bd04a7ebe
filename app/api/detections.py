"""Routes of detections: what a model sees in a picture or a stream of frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.api.models import picture_of
from app.api.thresholds import AskedThresholds
from app.bootstrap import Studio
from app.services.fair_turns import Superseded

#: A picture in the body, as the documentation describes it.
_PICTURE: dict[str, Any] = {
    kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png")
}
_FORM: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
    }
}
_URL: dict[str, Any] = {
    "application/json": {
        "schema": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}},
        "example": {"url": "https://example.org/photo.jpg"},
    }
}
_DETECTIONS = {
    "model": "m0123456789ab",
    "width": 640,
    "height": 480,
    "detections": [{"class": "raccoon", "score": 0.9312, "box": [81.5, 88.2, 522.7, 408.1]}],
}
_CANDIDATES = {
    "model": "m0123456789ab",
    "width": 640,
    "height": 480,
    "classes": ["raccoon"],
    "candidates": [[81.5, 88.2, 522.7, 408.1, 0.9312, 0], [84.1, 90.7, 519.9, 401.3, 0.8745, 0]],
    "milliseconds": {"waited": 0.1, "decode": 4.2, "network": 12.9, "total": 18.3},
    "runtime": "LiteRT int8",
    "frame": 7,
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The model knows no class of a name given, or its files are damaged."},
    404: {"description": "There is no such model."},
    413: {"description": "The picture is larger than 64 MB."},
    422: {"description": "The body is no picture, or a parameter is out of range; `error` says which."},
    503: {"description": "Too many pictures are waiting; `Retry-After` says when to try again."},
}

Client = Annotated[
    str,
    Query(max_length=100, description="A random name of who asks; turns go round these, newest frames win."),
]
Tiles = Annotated[
    int, Query(ge=1, le=8, description="Look at so many overlapping tiles a side, for small objects.")
]


class UrlBody(BaseModel):
    """Where on the web a picture is."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=4000)


def detections_router(studio: Studio) -> APIRouter:
    """Make the routes under /models/…/candidates, /models/…/detections and /detect."""
    router = APIRouter(tags=["detections"])
    _add_models(router, studio)

    @router.post("/detect", **_documented(_DETECTIONS, {**_PICTURE, **_FORM, **_URL}))
    async def detect(
        request: Request,
        thresholds: AskedThresholds,
        model: Annotated[str | None, Query(max_length=400, description="Its id or name.")] = None,
        project_id: Annotated[int | None, Query(description="Whose default model is asked.")] = None,
        client: Client = "",
        tiles: Tiles = 1,
    ) -> Response:
        """What a model finds in a picture: the body itself, the field `file` of a form, or from a `url`.

        With neither `model` nor `project_id`, the default model of the only project that has one is asked.
        `curl -F file=@photo.jpg localhost:7860/api/detect` is a whole call. A `url` is fetched only where the
        server was started with SSD_STUDIO_FETCH_URLS=true.
        """
        picture = await _picture_in(request, studio)
        chosen = await run_in_threadpool(studio.detection.chosen, model, project_id)
        begun = await run_in_threadpool(
            studio.detection.begin_detections,
            chosen,
            picture,
            thresholds,
            client=_who(client, request),
            tiles=tiles,
        )
        return await _answer(begun)

    return router


def _add_models(router: APIRouter, studio: Studio) -> None:
    @router.post("/models/{model_id}/candidates", **_documented(_CANDIDATES, _PICTURE))
    async def candidates(
        model_id: str,
        request: Request,
        client: Client = "",
        frame: Annotated[
            int | None, Query(ge=0, description="Rising number of a frame of a stream of this client.")
        ] = None,
        tiles: Tiles = 1,
    ) -> Response:
        """Boxes before non-maximum suppression in the picture sent as the body; for frames of a camera, too.

        The best 1000 of score ≥ .05, best first, as rows [x0, y0, x1, y1, score, class index]. A frame that a
        newer one of the same client overtakes is answered at once with `{"superseded": true}`.
        """
        picture, who = await picture_of(request), _who(client, request)
        # To change threads and back costs as much as a twentieth of a frame's time.
        begun = (
            studio.detection.begin_at_once(model_id, picture, client=who, frame=frame) if tiles == 1 else None
        )
        if begun is None:
            begin = studio.detection.begin_candidates
            begun = await run_in_threadpool(begin, model_id, picture, client=who, frame=frame, tiles=tiles)
        try:
            return await _answer(begun, frame=frame)
        except Superseded:
            return _json({"superseded": True, "frame": frame})

    @router.post("/models/{model_id}/detections", **_documented(_DETECTIONS, _PICTURE))
    async def detections(
        model_id: str, request: Request, thresholds: AskedThresholds, client: Client = "", tiles: Tiles = 1
    ) -> Response:
        """Final detections in the picture sent as the body."""
        picture = await picture_of(request)
        begun = await run_in_threadpool(
            studio.detection.begin_detections,
            model_id,
            picture,
            thresholds,
            client=_who(client, request),
            tiles=tiles,
        )
        return await _answer(begun)

    @router.post("/models/{model_id}/warm")
    def warm(model_id: str) -> dict[str, Any]:
        """Load a model, so that its first picture does not wait; others answer meanwhile."""
        return studio.detection.warm(model_id)


def _documented(answer: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """What the documentation tells of a route that takes a picture."""
    example = {"content": {"application/json": {"example": answer}}, "description": "What was found."}
    return {
        "response_class": Response,
        "responses": {200: example, **_REFUSALS},
        "openapi_extra": {"requestBody": {"required": True, "content": body}},
    }


def _who(client: str, request: Request) -> str:
    """Whose turn a request takes: the page that it names, else the address that it came from."""
    if client:
        return f"page {client}"
    return f"address {request.client.host}" if request.client else ""


async def _answer(begun: Future[dict[str, Any]], **more: Any) -> Response:
    """Wait for an answer without holding a thread."""
    found = await asyncio.wrap_future(begun)
    return _json({**found, **{key: value for key, value in more.items() if value is not None}})


def _json(answer: dict[str, Any]) -> Response:
    # FastAPI's own encoder looks at each of six thousand numbers by itself, and json.dumps takes ten times as
    # long, in the thread that all requests share.
    return Response(to_json(answer), media_type="application/json")


async def _picture_in(request: Request, studio: Studio) -> bytes:
    """The picture that a request has in its body, in a form, or on the web."""
    kind = request.headers.get("content-type", "").lower()
    body = await picture_of(request)
    if kind.startswith("multipart/form-data"):
        return await _picture_in_form(request, body)
    if kind.startswith("application/json"):
        try:
            url = UrlBody.model_validate_json(body).url
        except ValidationError as error:
            raise HTTPException(422, "The request was not understood: give url as JSON text.") from error
        return await run_in_threadpool(studio.web_pictures.fetch, url)
    return body


async def _picture_in_form(request: Request, body: bytes) -> bytes:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(request.headers, whole()).parse()
    except MultiPartException as error:
        raise HTTPException(422, f"The form was not understood: {error.message}") from error
    except KeyError as error:
        raise HTTPException(422, "The form was not understood: its Content-Type has no boundary.") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise HTTPException(422, "The form has no file: send the picture in its field 'file'.")
        return await file.read()
    finally:
        await form.close()
