"""Addresses of the web as a request names them."""

from __future__ import annotations

from urllib.parse import SplitResult, quote

#: What stands in an address as it is; all else is written in percent.
_AS_IT_IS = "%/:=&?~+!$,;'@()*[]"


def request_target(parts: SplitResult) -> str:
    """Path and query of an address, in ASCII, as a request's first line has them."""
    return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_AS_IT_IS)
