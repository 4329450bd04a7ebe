"""A server killed in a burst of edits: what was shown as saved is saved, the rest arrives by itself."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.journeys.labelling import make_project, open_label, stored
from tests.journeys.running_studio import ROOT, RunningStudio, processes_of

pytestmark = pytest.mark.browser

EDITS = 200
IMAGES = 4
#: A busy machine of two cores needs about 20 s to import Gradio and answer.
DEADLINE = 120

#: Keeps the ids of all boxes that were on the screen whenever the page said that everything is saved.
WATCH = """
() => {
  const root = document.querySelector('.studio-label');
  window.shownAsSaved = new Set();
  const look = () => {
    if (root.dataset.saved !== 'true') return;
    for (const box of root.querySelectorAll('[data-box-id]')) window.shownAsSaved.add(box.dataset.boxId);
  };
  new MutationObserver(look).observe(root, { attributes: true, subtree: true, childList: true });
}
"""


class Server:
    """A server of its own, which can be killed and started again at the same address."""

    def __init__(self, workspace: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.studio = RunningStudio(f"http://127.0.0.1:{self.port}", workspace)
        self.log = (workspace / "server.log").open("wb")
        self.start()

    def start(self) -> None:
        workspace = str(self.studio.workspace)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--workspace", workspace, "--port", str(self.port)],
            cwd=ROOT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + DEADLINE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("It did not start:\n" + (self.studio.workspace / "server.log").read_text())
            time.sleep(0.2)

    def answers(self) -> bool:
        try:
            self.studio.get("/api/projects")
        except httpx.HTTPError:
            return False
        return True

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        for process in processes_of(self.studio.workspace):
            process.kill()
        self.log.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path)
    yield running
    running.end()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def ids_in(studio: RunningStudio) -> set[str]:
    return {row[0] for row in stored(studio, "SELECT id FROM box")}


def test_a_server_killed_in_the_middle_of_200_edits_loses_none_of_them(server: Server, tab: Any) -> None:
    studio = server.studio
    project = make_project(studio, "burst", images=IMAGES)
    editor = open_label(tab, studio, project)
    tab.evaluate(WATCH)

    drawn: set[str] = set()
    for edit in range(EDITS):
        if edit == EDITS // 2:
            server.kill()
            shown = set(tab.evaluate("[...window.shownAsSaved]"))
            assert shown <= ids_in(studio)
            assert shown, "nothing was ever shown as saved, so this proved nothing"
        elif edit % 10 == 0 and edit < EDITS // 2:
            expect(editor).to_have_attribute("data-saved", "true")  # a person looks up now and then
        if edit and edit % (EDITS // 8) == 0:
            tab.keyboard.press("d" if edit // (EDITS // 8) < IMAGES else "a")
        tab.keyboard.press("n")  # a new box in the middle of the view
        selected = tab.locator(".box.selected, .mark.selected [data-box-id]").first
        drawn.add(selected.get_attribute("data-box-id"))
    assert len(drawn) == EDITS
    expect(tab.locator(".st-saving-words")).to_have_text(re.compile(r"^Offline: \d+ edits kept here$"))
    expect(editor).to_have_attribute("data-saved", "false")

    server.start()
    expect(editor).to_have_attribute("data-saved", "true", timeout=60_000)
    assert ids_in(studio) == drawn
