"""Files of any size that arrive as a request's body: written to the disk while they arrive."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool

from app.services.staging import IncomingFile

#: What arrives is written to the disk in pieces of so many bytes, whatever the network hands over.
PIECE_BYTES = 1024 * 1024
#: A sender that is gone without a word would hold its place for ever.
SECONDS_OF_SILENCE = 120.0
RAW_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "the file's bytes",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def announced_bytes(request: Request) -> int | None:
    """The length of a body as the request tells it, or None."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None


async def receive_file(request: Request, incoming: IncomingFile) -> None:
    """Write a request's body to the disk while it arrives; no more than a piece of it is in memory.

    Raises:
        ClientDisconnect: it was broken off; drop the file.
        DiskFull: there is no room for it.
        HTTPException: nothing has come for a while, so somebody else may have the place.
    """
    piece = bytearray()
    stream = aiter(request.stream())
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), SECONDS_OF_SILENCE)
        except StopAsyncIteration:
            break
        except TimeoutError as error:
            sentence = f"Nothing of the file came for {SECONDS_OF_SILENCE:.0f} seconds. Send it again."
            raise HTTPException(408, sentence) from error
        piece += chunk
        if len(piece) >= PIECE_BYTES:
            await run_in_threadpool(incoming.write, bytes(piece))
            piece.clear()
    await run_in_threadpool(incoming.write, bytes(piece))
    await run_in_threadpool(incoming.keep)
