"""A camera of the network that speaks RTSP, for tests: JPEG over RTP in one connection (RFC 2326, 2435)."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.app.served_camera import HEIGHT, WIDTH, Colour, ServedCamera, jpeg_of

_SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track\r\n"
_QUANTISATION, _SCAN = 0xDB, 0xDA


class RtspCamera(ServedCamera):
    """Serves pictures of one colour at ``url``, for as long as somebody plays them."""

    def __init__(self, colour: Colour) -> None:
        outer = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                try:
                    while request := list(iter(lambda: self.rfile.readline().decode().strip(), "")):
                        self.wfile.write(_answer(request))
                        if request[0].startswith("PLAY"):
                            self.play()
                except OSError:
                    return

            def play(self) -> None:
                for packet in _packets(jpeg_of(colour)):
                    self.wfile.write(packet)
                    if outer.over_after_a_picture():
                        return

        super().__init__(Handler, ThreadingTCPServer)
        self.url = f"rtsp://{self.address}/live"


def _answer(request: list[str]) -> bytes:
    number = next(line for line in request if line.startswith("CSeq:"))
    heads = ["RTSP/1.0 200 OK", number, "Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]
    body = _SDP if request[0].startswith("DESCRIBE") else ""
    heads += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
    return "".join(f"{head}\r\n" for head in (*heads, "")).encode() + body.encode()


def _packets(picture: bytes) -> Iterator[bytes]:
    """A packet for each frame: ``$``, the channel and the length, then the heads of RTP and JPEG."""
    tables, scan = _parts(picture)
    heads = struct.pack(">IBBBBHH", 0, 1, 255, WIDTH // 8, HEIGHT // 8, 0, len(tables))
    for number in itertools.count():
        frame = struct.pack(">BBHII", 0x80, 0x80 | 26, number, 1800 * number, 7) + heads + tables + scan
        yield struct.pack(">cBH", b"$", 0, len(frame)) + frame


def _parts(picture: bytes) -> tuple[bytes, bytes]:
    """The two quantisation tables of a JPEG, and what comes behind its heads."""
    tables, place = b"", 2
    while True:
        kind, length = picture[place + 1], int.from_bytes(picture[place + 2 : place + 4], "big")
        content = picture[place + 4 : place + 2 + length]
        place += 2 + length
        if kind == _QUANTISATION:
            tables += b"".join(content[at + 1 : at + 65] for at in range(0, len(content), 65))
        if kind == _SCAN:
            return tables, picture[place:-2]
