"""A camera of the network for tests: pictures over HTTP as such cameras send them, as many as are wanted."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

Colour = tuple[int, int, int]


class MjpegCamera:
    """Serves pictures at ``url``: at each connection the next list of colours, then it hangs up."""

    def __init__(self, *connections: list[Colour]) -> None:
        self.connections = list(connections)
        self.connected = 0
        self.pause = 0.02
        self._stop = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not outer.connections:
                    self.send_error(503)
                    return
                colours = outer.connections.pop(0)
                outer.connected += 1
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                try:
                    for colour in colours:
                        self.wfile.write(_part(colour))
                        if outer._stop.wait(outer.pause):
                            return
                except OSError:
                    return

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/video"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> MjpegCamera:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _part(colour: Colour) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(stream, "JPEG", quality=95)
    picture = stream.getvalue()
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"
