"""A served studio and a headless Chromium for benchmarks that measure what a person waits for."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.running_studio import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PATIENCE_SECONDS = 120.0

#: Gives the moment when a frame after a condition holds has been painted; it is looked at in each frame.
UNTIL_PAINTED = """
window.untilPainted = (condition) => new Promise((resolve) => {
  const look = () => {
    if (!condition()) return requestAnimationFrame(look);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve(performance.now());
      channel.port2.postMessage(null);
    });
  };
  look();
});
"""


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: Sequence[str], url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until it answers, and end it afterwards.

    Args:
        command: what starts it, after the interpreter.
        url: an address that answers once it is up.
        log: where its words go.
    """
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_it_answers(server, url)
        except RuntimeError as error:
            raise RuntimeError("The server did not start:\n" + log.read_text()[-2000:]) from error
        try:
            yield server
        finally:
            server.terminate()
            server.wait(30)


@contextmanager
def served_studio(workspace: Path) -> Iterator[str]:
    """Serve a workspace; gives the address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["-m", "app", "serve", "--workspace", str(workspace), "--port", str(port)]
    with served(command, f"{url}/api/projects", workspace.parent / "studio.log"):
        yield url


@contextmanager
def opened_browser(*arguments: str) -> Iterator[Any]:
    """Chromium with further arguments, by Playwright; the environment's CHROMIUM names another one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=[*ARGUMENTS, *arguments])
        yield browser
        browser.close()


@contextmanager
def free_browser(
    url: str, profile: Path, *arguments: str
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[], AbstractContextManager[Any]]]]:
    """Chromium that goes on by itself while nothing is attached; gives its process and what attaches.

    Args:
        url: what its only page shows.
        profile: a new folder.
        arguments: further ones of Chromium.
    """
    from playwright.sync_api import sync_playwright

    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = [f"--remote-debugging-port={port}", f"--user-data-dir={profile}", "--headless=new"]

    @contextmanager
    def attach() -> Iterator[Any]:
        with sync_playwright() as playwright:
            yield playwright.chromium.connect_over_cdp(address).contexts[0].pages[0]

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([_chromium(), *ARGUMENTS, *own, *arguments, url], **quiet) as process:
        try:
            _wait_until_it_answers(process, f"{address}/json/version")
            yield process, attach
        finally:
            process.terminate()


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            httpx.get(url, timeout=30).raise_for_status()
        except httpx.HTTPError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"Nothing answers at {url}.") from error
            time.sleep(0.2)
        else:
            return


def _chromium() -> str:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise SystemExit("NOT FOUND: Chromium. Install it (apt-get install chromium) or name it in CHROMIUM.")
    return path


@contextmanager
def opened_page(browser: Any, url: str, **context: Any) -> Iterator[Any]:
    """A page of its own, with ``untilPainted`` in it."""
    made = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **context})
    made.add_init_script(UNTIL_PAINTED)
    page = made.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    yield page
    made.close()
