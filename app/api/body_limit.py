"""A ceiling for request bodies: what is larger is refused while it arrives, before it fills the disk."""

from __future__ import annotations

import re

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The page sends eight photographs at a time; a folder of any size fits, eight by eight.
MAX_BODY_BYTES = 2 * 1024**3


class BodyTooLarge(Exception):
    """More bytes arrived than a request may have."""


class BodyLimit:
    """ASGI middleware that ends a request whose body is too large with 413.

    Args:
        app: the application behind it.
        max_bytes: the most bytes of one body.
        unlimited: paths whose routes bound what they take themselves; None for none.
    """

    def __init__(
        self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES, unlimited: re.Pattern[str] | None = None
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._unlimited = unlimited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what arrives."""
        if scope["type"] != "http" or (self._unlimited and self._unlimited.fullmatch(scope["path"])):
            await self._app(scope, receive, send)
            return
        arrived, started = 0, False

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._max_bytes:
                raise BodyTooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except BodyTooLarge:
            if started:
                raise
            sentence = f"The request is larger than {self._max_bytes / 1024**3:.3g} GB."
            answer = JSONResponse(
                {"error": sentence, "remedy": "Send fewer files at a time."}, status_code=413
            )
            await answer(scope, receive, send)
