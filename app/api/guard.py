"""Keep other web pages out: a page of another origin must not be able to read or change anything here.

A server on the loopback address is within reach of every page that its user's browser shows. Two checks close
that door: the Host header must be a name we were started under (DNS rebinding), and a request that changes
something must not carry a foreign Origin (cross-site request forgery).
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: ``testserver`` is the name under which Starlette's own test client calls.
LOCAL_NAMES = frozenset({"localhost", "testserver"})


def host_name(netloc: str) -> str:
    """The host of a ``Host`` header or network location, without port and brackets, in lower case."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "").lower()
    except ValueError:  # such as an unclosed bracket
        return ""


def is_trusted_host(netloc: str, allowed: frozenset[str]) -> bool:
    """Tell whether a Host header names this server: a literal address, a local name or one allowed."""
    name = host_name(netloc)
    if name in LOCAL_NAMES or name in allowed:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """ASGI middleware that refuses foreign hosts and foreign origins.

    Args:
        app: the application behind it.
        allowed_hosts: further host names under which the server is reached, in lower case.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: frozenset[str]) -> None:
        self._app = app
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a refusal."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope.get("method", "GET"), Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, method: str, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        if not is_trusted_host(host, self._allowed_hosts):
            return JSONResponse(
                {
                    "error": f"This server does not answer under the name {host_name(host)!r}.",
                    "remedy": "Open it by its address, or name the host in SSD_STUDIO_ALLOWED_HOSTS.",
                },
                status_code=421,
            )
        origin = headers.get("origin")
        if method not in SAFE_METHODS and origin and origin.lower().partition("://")[2] != host.lower():
            return JSONResponse(
                {
                    "error": f"A page of {origin} may not change anything here.",
                    "remedy": "Use SSD Studio's own page.",
                },
                status_code=403,
            )
        return None
