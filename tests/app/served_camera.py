"""What the network cameras of tests have in common: a server in a thread of its own, and their pictures."""

from __future__ import annotations

import io
import threading
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Self

from PIL import Image

Colour = tuple[int, int, int]
WIDTH, HEIGHT = 64, 48
#: Seconds from one picture to the next.
PAUSE = 0.02


class ServedCamera:
    """Lets a handler answer each connection while inside ``with``."""

    def __init__(self, handler: type[BaseRequestHandler], kind: type[ThreadingTCPServer]) -> None:
        self._stop = threading.Event()
        self._server = kind(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def over_after_a_picture(self) -> bool:
        """Wait until the next picture is due; True if there is to be none."""
        return self._stop.wait(PAUSE)


def jpeg_of(colour: Colour) -> bytes:
    """A picture of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), colour).save(stream, "JPEG", quality=95, subsampling="4:2:0")
    return stream.getvalue()
