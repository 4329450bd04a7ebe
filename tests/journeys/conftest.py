"""A real server with its worker, and a real browser that forgives nothing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.journeys.running_studio import ROOT, RunningStudio, processes_of

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream=fps=20,device-count=2",
    "--use-fake-ui-for-media-stream",
]
#: A busy machine of two cores needs about 20 s to import Gradio and answer.
SERVER_DEADLINE = 120


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    workspace = tmp_path_factory.mktemp("workspace")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (workspace / "server.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--workspace", str(workspace), "--port", str(port)],
        cwd=ROOT,
        # A model that looks at images by itself would change what other journeys count.
        env={**os.environ, "SSD_STUDIO_LOOK_AHEAD": "false"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    running = RunningStudio(f"http://127.0.0.1:{port}", workspace)
    deadline = time.monotonic() + SERVER_DEADLINE
    while True:
        try:
            running.get("/api/projects")
            break
        except httpx.HTTPError:
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                pytest.fail("The server did not start:\n" + (workspace / "server.log").read_text())
            time.sleep(0.2)
    yield running
    server.terminate()
    server.wait(30)
    for process in processes_of(workspace):
        process.kill()
    log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if path is None:
        message = "NO CHROMIUM: the browser tests did not run."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, studio: RunningStudio) -> Iterator[Any]:
    """A fresh page; a console error, a failed or foreign request or a dialog fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["camera"])
    opened = context.new_page()
    faults: list[str] = []
    own = (studio.url, "data:", "blob:")
    opened.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    opened.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    opened.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    opened.on(
        "request",
        lambda sent: None if sent.url.startswith(own) else faults.append(f"request to {sent.url}"),
    )
    opened.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    opened.set_default_timeout(30_000)
    opened.goto(studio.url)
    yield opened
    context.close()
    assert faults == []
