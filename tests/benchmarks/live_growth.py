"""Whether anything grows while the Live screen streams: memory of server and page, open handles, disk.

    make bench-live-growth [MINUTES=60]
    python -m tests.benchmarks.live_growth [--minutes 5]

Everything is measured after a warm-up and again at even intervals; the slope of a line through the later half
says what an hour would add. The page's heap is measured after a garbage collection. Between two looks nothing
is attached to the browser: what drives it from outside keeps a record of every answer, and that record would
be seen to grow. Exit code 1 if a slope is too steep.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.live_page import CAMERA, camera_frame
from tests.benchmarks.live_workspace import make_live_workspace
from tests.benchmarks.studio_in_browser import free_browser, opened_browser, served_studio
from tests.journeys.running_studio import processes_of

WARM_UP_SECONDS = 45.0
SAMPLES = 16
SELDOM = 5
#: Holds nothing but a number: what follows frames more closely would grow itself.
COUNT_ANSWERS = """
window.answers = 0;
const ask = window.fetch;
window.fetch = async (address, options) => {
  const answer = await ask(address, options);
  if (/[?&]frame=\\d+/.test(String(address))) window.answers += 1;
  return answer;
};
"""

#: Attaches to the page for as long as the ``with`` lasts.
Attach = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Watched:
    """Something that must not grow.

    Args:
        name: what it is.
        unit: what it is counted in.
        look: gives how much there is now.
        most: what an hour may add: a leak of a byte a frame is far below it, one of a frame an hour is not.
        every: at each of so many intervals only.
    """

    name: str
    unit: str
    look: Callable[[], float]
    most: float
    every: int = 1


def watched(workspace: Path, temporary: Path, page: Inside, browser: psutil.Process) -> list[Watched]:
    """All that is looked at, for a page that streams."""
    (server,) = [each for each in processes_of(workspace) if "serve" in each.cmdline()]
    return [
        Watched("server, memory", "MB", lambda: server.memory_info().rss / 2**20, 40.0),
        Watched("server, open files and sockets", "", lambda: float(server.num_fds()), 4.0),
        Watched("server, threads", "", lambda: float(server.num_threads()), 2.0),
        # Before the page is looked into, which takes memory for as long as it lasts.
        Watched("browser, memory", "MB", lambda: megabytes_of(browser), 200.0),
        # Seldom: each time that something attaches to the page leaves a seventh of a megabyte in it.
        Watched("page, heap", "MB", lambda: page.look().heap, 4.0, every=SELDOM),
        Watched("page, nodes", "", lambda: page.last.nodes, 200.0, every=SELDOM),
        Watched("workspace, disk", "MB", lambda: megabytes_in(workspace), 1.0),
        Watched("temporary files, disk", "MB", lambda: megabytes_in(temporary), 1.0),
    ]


@dataclass(frozen=True)
class Look:
    """What is in a page.

    Args:
        heap: megabytes that its scripts hold, after a garbage collection.
        nodes: of its document, those that are only held by scripts included.
        frames: answers that it has had about frames.
    """

    heap: float
    nodes: float
    frames: int


class Inside:
    """Looks into the page of a browser and lets go of it again."""

    def __init__(self, attach: Attach) -> None:
        self._attach = attach
        self.last = Look(0, 0, 0)

    def look(self) -> Look:
        """Look, and keep what was seen as ``last``."""
        with self._attach() as page:
            session = page.context.new_cdp_session(page)
            session.send("HeapProfiler.enable")
            session.send("HeapProfiler.collectGarbage")
            heap = session.send("Runtime.getHeapUsage")["usedSize"] / 2**20
            nodes = session.send("Memory.getDOMCounters")["nodes"]
            self.last = Look(float(heap), float(nodes), int(page.evaluate("window.answers")))
        return self.last


def megabytes_of(browser: psutil.Process) -> float:
    """Memory of the browser and all its processes, without what they share."""
    total = 0
    for process in [browser, *browser.children(recursive=True)]:
        with suppress(psutil.Error):
            memory = process.memory_info()
            total += memory.rss - memory.shared
    return total / 2**20


def megabytes_in(folder: Path) -> float:
    """What the files below a folder take."""
    total = 0
    for home, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(Path(home) / name).st_size
    return total / 2**20


def main() -> int:
    """Stream, look, print, and say by the exit code whether anything grew."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--workspace", type=Path, default=None, help="one that was made before, to save time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ssd-studio-bench-") as home:
        # Of server and browser alone, so that what they leave behind can be told from what others do.
        os.environ["TMPDIR"] = str(temporary := Path(home) / "temporary")
        temporary.mkdir()
        flat = grown(Path(home), temporary, arguments.minutes, arguments.workspace)
    return 0 if flat else 1


def grown(home: Path, temporary: Path, minutes: float, made: Path | None) -> bool:
    """Stream and look; gives whether all stayed flat."""
    workspace, project = made or home / "workspace", 1
    if made is None:
        with opened_browser(*CAMERA) as browser:
            frame = camera_frame(browser, home / "frame.jpg")
        project = make_live_workspace(workspace, frame, "int8")
    with served_studio(workspace) as url, free_browser(url, home / "profile", *CAMERA) as (process, attach):
        with attach() as page:
            begin_to_stream(page, project)
        time.sleep(WARM_UP_SECONDS)
        inside = Inside(attach)
        things = watched(workspace, temporary, inside, psutil.Process(process.pid))
        seen: dict[str, list[tuple[float, float]]] = {each.name: [] for each in things}
        frames: list[int] = []
        begun = time.monotonic()
        for number in range(SAMPLES):
            if number:
                time.sleep(minutes * 60 / (SAMPLES - 1))
            hours = (time.monotonic() - begun) / 3600
            for each in things:
                if number % each.every == 0:
                    seen[each.name].append((hours, each.look()))
            if number % SELDOM == 0:
                frames.append(inside.last.frames)
    rested = [earlier for earlier, later in itertools.pairwise(frames) if later <= earlier]
    if rested:
        raise RuntimeError(f"The stream stood still after {rested[0]} frames, so nothing was measured.")
    return report(things, seen, hours * 60, frames[-1] - frames[0])


def begin_to_stream(page: Any, project: int) -> None:
    """Open Live, start the webcam, and have the page count its answers."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate(f"localStorage.setItem('ssd-studio.project', '{project}')")
    page.reload()
    page.evaluate(COUNT_ANSWERS)
    page.locator("#tab-live-button").click()
    page.get_by_label("Model", exact=True).select_option("m-first")
    page.get_by_role("button", name="Start webcam").click()
    page.wait_for_function("() => window.answers > 0")


def report(
    things: list[Watched], seen: dict[str, list[tuple[float, float]]], minutes: float, frames: int
) -> bool:
    """Print a line per thing; gives whether none grew."""
    flat = True
    print(f"{minutes:.0f} minutes, {frames} frames, after {WARM_UP_SECONDS:.0f} s of warm-up")
    print(f"{'':<32}{'begin':>10}{'end':>10}{'an hour adds':>16}{'may':>8}")
    for each in things:
        at, values = zip(*seen[each.name], strict=True)
        half = len(values) // 2
        slope = statistics.linear_regression(at[half:], values[half:]).slope
        # What goes up and down, as lists of boxes do, grows only if it never comes back to where it was.
        quarter = len(values) // 4
        grew = slope > each.most and min(values[-quarter:]) > max(values[quarter:half])
        flat &= not grew
        print(
            f"{each.name:<32}{values[0]:>10.1f}{values[-1]:>10.1f}{slope:>+13.1f} {each.unit:<2}"
            f"{each.most:>8.0f}{'  GREW' if grew else ''}"
        )
    return flat


if __name__ == "__main__":
    sys.exit(main())
