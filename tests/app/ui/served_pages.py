"""A program that serves the pages of a workspace without a worker, and prints the port."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn

from app.bootstrap import open_studio
from app.server import create_app
from app.settings import Settings

if __name__ == "__main__":
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with open_studio(Settings(workspace=Path(sys.argv[1]))) as studio, made as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(studio), log_level="warning"))
        listener.listen()
        print(listener.getsockname()[1], flush=True)
        server.run(sockets=[listener])
