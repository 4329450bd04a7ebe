"""``ssd-studio serve``: the browser pages and the REST API, with a worker beside them."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

from app.commands.console import complain, note, say
from app.commands.opening import open_for
from app.services.daily import Daily

if TYPE_CHECKING:
    from app.bootstrap import Studio

SECONDS_TO_FINISH_REQUESTS = 2


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "serve",
        help="open the studio in the browser",
        description="Serve the pages and the REST API, and keep a worker for training. Ctrl-C ends it; "
        "a training that runs goes on in the background.",
    )
    add_address(parser)
    return parser


def add_address(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where to serve."""
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 7860; 0 takes a free one)")
    parser.add_argument("--device", metavar="N", help="GPU to train on, or cpu (default: 0)")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    with open_for(arguments, trains=True) as studio:
        return serve(studio)


def serve(studio: Studio) -> int:
    """Serve an open studio until Ctrl-C or SIGTERM, with a worker kept beside it."""
    settings = studio.settings
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        reason = error.strerror or str(error)
        complain(
            f"port {settings.port} of {settings.host} cannot be used ({reason}). Choose another with --port."
        )
        return 1
    # Uvicorn ends tidily on SIGTERM and then sends it again: let that one unwind this stack too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with listener, studio.workers.keep(), Daily(studio.labelling.empty_old_bins):
        try:
            _run_server(studio, listener)
        except KeyboardInterrupt:
            note("")
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Connections wait from here on, so the address works as soon as it is printed.
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


def _run_server(studio: Studio, listener: socket.socket) -> None:
    import uvicorn

    from app.server import create_app

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(studio),
            log_level="warning",
            timeout_graceful_shutdown=SECONDS_TO_FINISH_REQUESTS,
        )
    )
    port = listener.getsockname()[1]
    host = studio.settings.host
    everywhere = host in ("0.0.0.0", "::")
    shown = "localhost" if everywhere else f"[{host}]" if ":" in host else host
    say(f"SSD Studio is ready: http://{shown}:{port}")
    if everywhere:
        note(
            "Everyone who reaches this machine can use it: there is no password. "
            "Serve on 127.0.0.1 to be alone."
        )
    server.run(sockets=[listener])
