"""Whether anything grows while the Live screen streams: memory of server and page, open handles, disk.

    make bench-live-growth [MINUTES=60]
    python -m tests.benchmarks.live_growth [--minutes 5]

Everything is measured after a warm-up and again at even intervals; the slope of a line through the later half
says what an hour would add. The page's heap is measured after a garbage collection. Exit code 1 if a slope is
too steep.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.live_page import CAMERA, camera_frame, live_page, start_camera, stream
from tests.benchmarks.live_workspace import make_live_workspace
from tests.benchmarks.studio_in_browser import opened_browser, served_studio
from tests.journeys.running_studio import processes_of

WARM_UP_SECONDS = 45.0
SAMPLES = 16


@dataclass(frozen=True)
class Watched:
    """Something that must not grow.

    Args:
        name: what it is.
        unit: what it is counted in.
        look: gives how much there is now.
        most: what an hour may add: a leak of a byte a frame is far below it, one of a frame an hour is not.
    """

    name: str
    unit: str
    look: Callable[[], float]
    most: float


def watched(page: Any, workspace: Path, temporary: Path) -> list[Watched]:
    """All that is looked at, for a page that streams."""
    (server,) = [each for each in processes_of(workspace) if "serve" in each.cmdline()]
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")

    def heap() -> float:
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 2**20

    def nodes() -> float:
        return float(session.send("Memory.getDOMCounters")["nodes"])

    return [
        Watched("server, memory", "MB", lambda: server.memory_info().rss / 2**20, 40.0),
        Watched("server, open files and sockets", "", lambda: float(server.num_fds()), 4.0),
        Watched("server, threads", "", lambda: float(server.num_threads()), 2.0),
        Watched("page, heap", "MB", heap, 4.0),
        Watched("page, nodes", "", nodes, 200.0),
        Watched("browser, memory", "MB", lambda: browser_megabytes(), 200.0),
        Watched("workspace, disk", "MB", lambda: megabytes_in(workspace), 1.0),
        Watched("temporary files, disk", "MB", lambda: megabytes_in(temporary), 1.0),
    ]


def browser_megabytes() -> float:
    """Memory of the browser and all its processes, without what they share."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                total += process.memory_info().rss - process.memory_info().shared
        except psutil.Error:
            continue
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
    with opened_browser(*CAMERA) as browser:
        workspace = made or home / "workspace"
        frame = camera_frame(browser, home / "frame.jpg")
        project = 1 if made else make_live_workspace(workspace, frame, "int8")
        with served_studio(workspace) as url, live_page(browser, url, project, "m-first") as page:
            start_camera(page)
            page.wait_for_timeout(WARM_UP_SECONDS * 1000)
            things = watched(page, workspace, temporary)
            at: list[float] = []
            seen: dict[str, list[float]] = {each.name: [] for each in things}
            frames = 0.0
            for number in range(SAMPLES):
                if number:
                    pause = minutes * 60 / (SAMPLES - 1)
                    frames += stream(page, pause).delivered * pause
                at.append(time.monotonic() / 3600)
                for each in things:
                    seen[each.name].append(each.look())
    return report(things, at, seen, minutes, frames)


def report(
    things: list[Watched], at: list[float], seen: dict[str, list[float]], minutes: float, frames: float
) -> bool:
    """Print a line per thing; gives whether none grew."""
    flat = True
    print(f"{minutes:g} minutes, {frames:.0f} frames, after {WARM_UP_SECONDS:.0f} s of warm-up")
    print(f"{'':<32}{'begin':>10}{'end':>10}{'an hour adds':>16}{'may':>8}")
    for each in things:
        values = seen[each.name]
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
