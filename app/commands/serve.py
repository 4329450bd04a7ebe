"""``ssd-studio serve``: the browser pages and the REST API, with a worker beside them."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.console import complain, note, say
from app.commands.opening import open_for
from app.services.certificates import (
    Certificate,
    given_certificate,
    names_of_this_machine,
    own_certificate,
)
from app.services.daily import Daily

if TYPE_CHECKING:
    from app.bootstrap import Studio
    from app.settings import Settings

SECONDS_TO_FINISH_REQUESTS = 2


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "serve",
        help="serve the studio to your browser",
        description="Serve the pages and the REST API, and keep a worker for training. Ctrl-C ends it; "
        "a training that runs goes on in the background.",
    )
    add_address(parser)
    return parser


def add_address(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where to serve."""
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 7860; 0 takes a free one)")
    parser.add_argument(
        "--https",
        action="store_true",
        default=None,
        help="serve on https, so that browsers of other machines open a camera; browsers ask once about the "
        "studio's own certificate",
    )
    parser.add_argument("--https-cert", type=Path, metavar="PEM", help="serve on https with this certificate")
    parser.add_argument("--https-key", type=Path, metavar="PEM", help="its key, where it is another file")
    parser.add_argument("--device", metavar="N", help="GPU to train on, or cpu (default: 0)")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    with open_for(arguments, trains=True) as studio:
        return serve(studio)


def serve(studio: Studio) -> int:
    """Serve an open studio until Ctrl-C or SIGTERM, with a worker kept beside it."""
    settings = studio.settings
    if settings.https_key is not None and settings.https_cert is None:
        complain("--https-key is the key of a certificate: give that too, with --https-cert.")
        return 2
    certificate = _certificate(settings, studio.workspace.https) if settings.serves_https else None
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        reason = error.strerror or str(error)
        complain(
            f"port {settings.port} of {settings.host} cannot be used ({reason}). Choose another with --port "
            "or SSD_STUDIO_PORT, or another address with --host."
        )
        return 1
    # Uvicorn ends tidily on SIGTERM and then sends it again: let that one unwind this stack too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    studio.videos.begin_again()
    ahead = Daily(studio.looking_ahead.glance, seconds=studio.looking_ahead.seconds_between_glances)
    with listener, studio.workers.keep(), Daily(studio.labelling.empty_old_bins), ahead:
        try:
            _run_server(studio, listener, certificate)
        except KeyboardInterrupt:
            note("")
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        # On Windows it would let a second server take the port of one that runs.
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Connections wait from here on, so the address works as soon as it is printed.
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


def _certificate(settings: Settings, folder: Path) -> Certificate:
    if settings.https_cert is not None:
        return given_certificate(settings.https_cert, settings.https_key)
    return own_certificate(folder, (*names_of_this_machine(), *sorted(settings.allowed_host_names)))


def _run_server(studio: Studio, listener: socket.socket, certificate: Certificate | None) -> None:
    import uvicorn

    from app.server import create_app

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(studio),
            # What it says goes to our own logs. Its configuration would close the streams of others.
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=SECONDS_TO_FINISH_REQUESTS,
            ssl_certfile=certificate.certificate if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
    )
    _say_address(studio.settings.host, listener.getsockname()[1], certificate)
    server.run(sockets=[listener])


def _say_address(host: str, port: int, certificate: Certificate | None) -> None:
    everywhere = host in ("0.0.0.0", "::")
    shown = "localhost" if everywhere else f"[{host}]" if ":" in host else host
    say(f"SSD Studio is ready: {'https' if certificate else 'http'}://{shown}:{port}")
    if everywhere:
        if certificate:
            note(f"From other machines: https://{socket.gethostname()}:{port}, or this machine's address.")
        note(
            "Everyone who reaches this machine can use it: there is no password. "
            "Serve on 127.0.0.1 to be alone."
        )
    if certificate and certificate.own:
        note(
            "The browser will say that the connection is not private, because the certificate is this "
            "studio's own: choose Advanced, then go on. It asks once, and again when the certificate is "
            f"renewed. The certificate's SHA-256 fingerprint is {certificate.fingerprint}"
        )
