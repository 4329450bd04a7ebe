"""Files dragged into the page from outside."""

from __future__ import annotations

import base64
from typing import Any

#: Sends a drag event of files, given as name, type and base64, to the middle of what a selector names.
DRAG = """([type, files, onto]) => {
    const transfer = new DataTransfer();
    for (const [name, kind, bytes] of files) {
        const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([raw], name, {type: kind}));
    }
    const event = new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true});
    document.querySelector(onto).dispatchEvent(event);
}"""


def drag_in(page: Any, kind: str, *files: tuple[str, str, bytes], onto: str = "main") -> None:
    """Send a drag event (``dragover``, ``drop`` …) of files, each given as name, MIME type and bytes."""
    told = [(name, mime, base64.b64encode(raw).decode()) for name, mime, raw in files]
    page.evaluate(DRAG, [kind, told, onto])
