"""Text inside XML that we write."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

# XML 1.0 has no way to write these, not even as numbers.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(text: str) -> str:
    """Escape a text for use between tags and, in double quotes, as an attribute."""
    kept = _IMPOSSIBLE.sub("\ufffd", text)
    return escape(kept, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
