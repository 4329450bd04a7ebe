"""A camera of the network for tests: pictures over HTTP as such cameras send them, as many as are wanted."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.app.served_camera import Colour, ServedCamera, jpeg_of


class MjpegCamera(ServedCamera):
    """Serves pictures at ``url``: at each connection the next list of colours, then it hangs up."""

    def __init__(self, *connections: list[Colour]) -> None:
        self.connections = list(connections)
        self.connected = 0
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
                        if outer.over_after_a_picture():
                            return
                except OSError:
                    return

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(Handler, ThreadingHTTPServer)
        self.url = f"http://{self.address}/video"


def _part(colour: Colour) -> bytes:
    picture = jpeg_of(colour)
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"
