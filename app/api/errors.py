"""From the packages' errors to HTTP status codes, always with a sentence in ``error``."""

from __future__ import annotations

import errno
import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.shapes import box_shape
from app.services.fair_turns import Overloaded
from app.services.tasks import Busy
from app.services.web_pictures import FetchingIsOff, NotFetched
from data.errors import (
    AlreadyExists,
    AmbiguousFormat,
    ClassExists,
    ClassInUse,
    DataError,
    DiskFull,
    InvalidBox,
    InvalidName,
    NotFound,
    NothingToTrain,
    Rejected,
    RunBusy,
    StaleRevision,
)
from ssd_core.errors import InvalidExample, SSDError

log = logging.getLogger(__name__)

STATUS_CODES: tuple[tuple[type[Exception], int], ...] = (
    (NotFound, 404),
    (AlreadyExists, 409),
    (ClassInUse, 409),
    (Busy, 409),
    (NothingToTrain, 409),
    (RunBusy, 409),
    (InvalidBox, 422),
    (InvalidName, 422),
    (Rejected, 422),
    (InvalidExample, 422),
    (Overloaded, 503),
    (FetchingIsOff, 403),
    (NotFetched, 422),
    (DiskFull, 507),
    (DataError, 400),
    (SSDError, 400),
)


#: What the documentation tells of a 404 of everything that lies in a project.
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such project or image, or it lies in the bin; `error` says which."}
}
#: What the documentation tells of a 409 for an image's boxes.
CHANGED_MEANWHILE: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "The image changed since; with its revision, status and boxes of now.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "error": {"type": "string"},
                        "revision": {"type": "integer"},
                        "status": {"enum": ["unlabelled", "labelled", "empty"]},
                        "boxes": {"type": "array", "items": {"type": "object"}},
                    },
                }
            }
        },
    }
}


def stale_answer(error: StaleRevision, status_code: int) -> JSONResponse:
    """Tell that an image changed meanwhile, with its revision, status and boxes of now."""
    return JSONResponse(
        {
            "error": str(error),
            "revision": error.revision,
            "status": error.status,
            "boxes": [box_shape(box) for box in error.boxes],
        },
        status_code=status_code,
    )


def _details(error: Exception) -> dict[str, Any]:
    """What a page can offer in place of what was refused: a class to merge into, formats to choose from."""
    if isinstance(error, ClassExists):
        return {"class_id": error.class_id}
    return {"candidates": list(error.candidates)} if isinstance(error, AmbiguousFormat) else {}


def install_error_handlers(app: FastAPI) -> None:
    """Answer the packages' errors and FastAPI's own validation errors in one shape."""

    @app.exception_handler(StaleRevision)
    async def stale(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, StaleRevision)
        return stale_answer(error, 409)

    async def known(_: Request, error: Exception) -> JSONResponse:
        code = next(code for kind, code in STATUS_CODES if isinstance(error, kind))
        if isinstance(error, Rejected):
            return JSONResponse({"error": error.problem, "remedy": error.remedy}, status_code=code)
        headers = {"Retry-After": "1"} if code == 503 else None
        return JSONResponse({"error": str(error), **_details(error)}, status_code=code, headers=headers)

    app.add_exception_handler(DataError, known)
    app.add_exception_handler(SSDError, known)

    @app.exception_handler(OSError)
    async def disk(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OSError)
        log.error("A file could not be read or written.", exc_info=error)
        if error.errno == errno.ENOSPC:
            sentence = "The disk is full: free some space and try again. What was saved before is safe."
            return JSONResponse({"error": sentence}, status_code=507)
        sentence = f"A file could not be read or written ({error.strerror or error}). The log says which."
        return JSONResponse({"error": sentence}, status_code=500)

    @app.exception_handler(ClientDisconnect)
    async def broken_off(request: Request, _: Exception) -> Response:
        log.info("The sending of %s was broken off.", request.url.path)
        return Response(status_code=400)  # Nobody hears it any more.

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        places = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'][1:]) or 'the request'}: {fault['msg']}"
            for fault in error.errors()
        )
        return JSONResponse({"error": f"The request was not understood: {places}."}, status_code=422)

    @app.exception_handler(UnicodeEncodeError)
    async def half_a_letter(request: Request, error: Exception) -> JSONResponse:
        # Told with its place: if it is not the request's, nobody else learns of it.
        log.warning("%s: text with half a letter in it.", request.url.path, exc_info=error)
        sentence = "The request has text with half a letter in it (U+D800 to U+DFFF alone). Send it as UTF-8."
        return JSONResponse({"error": sentence}, status_code=422)

    # Starlette's own kind, so that an unknown address is answered in the same shape.
    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return JSONResponse(
            {"error": str(error.detail)}, status_code=error.status_code, headers=error.headers
        )
