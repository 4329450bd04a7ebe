"""What a labelling person waits for, in a real browser on 10,000 images, beside Gradio's annotator component.

    python -m tests.benchmarks.label_latency [--images 10000] [--rounds 60] [--peer FOLDER]

Each time runs from the key or click until the frame that shows its result has been painted. FOLDER holds
``gradio_image_annotation`` (pip install --no-deps --target FOLDER gradio_image_annotation==0.5.6); the same
photographs and steps are then measured on it in the same run. Exit code 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.large_workspace import CLASS_NAMES, make_workspace, photographs
from tests.benchmarks.studio_in_browser import (
    free_port,
    opened_browser,
    opened_page,
    served,
    served_studio,
)

#: Milliseconds: median, 95th percentile.
GOALS = {"save + next": (50.0, 120.0), "grid page": (150.0, None), "class by typing": (50.0, None)}
FRAMES_GOAL = 50.0
DRAG_STEPS = 240

#: The peer draws its picture on a canvas; what it drew last tells when the next one is there.
WATCH_CANVAS = """
const draw = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (source, ...rest) {
  if (source instanceof HTMLImageElement) window.pictureDrawn = source.src;
  return draw.call(this, source, ...rest);
};
"""
#: Starts the clock with the next key or click, whichever comes; its own time stamp counts, not the handler's.
START = """
() => {
  window.started = null;
  const note = (event) => (window.started ??= event.timeStamp);
  for (const type of ['keydown', 'click']) window.addEventListener(type, note, {capture: true, once: true});
}
"""
COUNT_FRAMES = """
() => {
  window.frames_ = [];
  const note = (now) => { window.frames_.push(now); if (window.counting) requestAnimationFrame(note); };
  window.counting = true;
  requestAnimationFrame(note);
}
"""
FRAME_RATE = """
() => {
  window.counting = false;
  const all = window.frames_;
  return (all.length - 1) / (all.at(-1) - all[0]) * 1000;
}
"""


@dataclass(frozen=True)
class Timing:
    """Milliseconds of many rounds."""

    median: float
    p95: float

    @classmethod
    def of(cls, values: list[float]) -> Timing:
        """Summarise rounds."""
        return cls(statistics.median(values), sorted(values)[int(len(values) * 0.95)])


def measured(page: Any, act: Callable[[], object], condition: str) -> float:
    """Milliseconds from the key or click in ``act`` until a frame after the condition (JavaScript) holds."""
    page.evaluate(START)
    ended = page.evaluate_handle(f"({{done: untilPainted(() => {condition})}})")
    act()
    return float(page.evaluate("async (ended) => (await ended.done) - window.started", ended))


def frames_while_dragging(page: Any, start: tuple[float, float]) -> float:
    """Frames per second while a box is dragged about for some seconds."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 4, start[1] + 4)
    page.evaluate(COUNT_FRAMES)
    for step in range(DRAG_STEPS):
        page.mouse.move(start[0] + 4 + step % 80, start[1] + 4 + step % 50)
    rate = float(page.evaluate(FRAME_RATE))
    page.mouse.up()
    return rate


def measure_studio(browser: Any, url: str, project: int, rounds: int) -> tuple[dict[str, Timing], float]:
    """The steps on SSD Studio."""
    with opened_page(browser, url) as page:
        page.evaluate(f"localStorage.setItem('ssd-studio.project', '{project}')")
        page.reload()
        page.locator("#tab-label-button").click()
        page.locator(".studio-label[data-ready]").wait_for()
        frames = drag_crowd(page)
        saved = "document.querySelector('.studio-label').dataset.saved === 'true'"
        following = "document.querySelector('.studio-label').dataset.ready !== '{now}'"
        times: dict[str, list[float]] = {"save + next": [], "class by typing": [], "grid page": []}
        for number in range(rounds + 3):
            page.keyboard.press("d")
            now = page.locator(".studio-label").get_attribute("data-ready")
            page.wait_for_function(f"() => {following.format(now=now)} || {saved}")
            draw_box(page, 0.2 + number % 7 / 20)
            now = page.locator(".studio-label").get_attribute("data-ready")
            # The box was drawn this moment, so its saving is part of the step.
            condition = f"{following.format(now=now)} && {saved}"
            took = measured(page, lambda: page.keyboard.press("d"), condition)
            if number >= 3:
                times["save + next"].append(took)
        for number in range(rounds + 3):
            name = CLASS_NAMES[number % len(CLASS_NAMES)]
            draw_box(page, 0.3)
            page.keyboard.press("c")
            page.keyboard.type(name)
            condition = (
                f"document.querySelector('.st-class[aria-pressed=true] .st-name')?.textContent === '{name}'"
            )
            took = measured(page, lambda: page.keyboard.press("Enter"), condition)
            if number >= 3:
                times["class by typing"].append(took)
        times["grid page"] = grid_pages(page, rounds)
        return {name: Timing.of(values) for name, values in times.items()}, frames


def draw_box(page: Any, at: float) -> None:
    """Drag a box over the picture; ``at`` is where, as a part of its size."""
    area = page.locator(".st-overlay").bounding_box()
    x, y = area["x"] + at * area["width"], area["y"] + at * area["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 50)
    page.mouse.up()


def drag_crowd(page: Any) -> float:
    """Frames per second while one of the first image's 500 boxes is moved."""
    page.locator(".st-view").focus()
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    chosen = page.locator(".handles").bounding_box()
    return frames_while_dragging(
        page, (chosen["x"] + chosen["width"] / 2, chosen["y"] + chosen["height"] / 2)
    )


def grid_pages(page: Any, rounds: int) -> list[float]:
    """Times of turning the page of the grid until all its pictures in view are there."""
    page.locator("#tab-images-button").click()
    page.locator(".st-card img").first.wait_for()
    first = "document.querySelector('.st-card')?.dataset.imageId"
    shown = (
        "[...document.querySelectorAll('.st-card img')].filter((picture) => "
        "picture.getBoundingClientRect().top < innerHeight).every((picture) => picture.complete)"
    )
    times = []
    for _ in range(min(rounds, 40)):
        now = page.evaluate(f"() => {first}")
        button = page.get_by_role("button", name="Next page").first
        times.append(measured(page, button.click, f"{first} !== '{now}' && {shown}"))
    return times


def measure_peer(browser: Any, url: str, rounds: int) -> tuple[dict[str, Timing], float]:
    """The same steps on Gradio's annotator component."""
    with opened_page(browser, url) as page:
        page.add_init_script(WATCH_CANVAS)
        page.reload()
        page.locator(".canvas-annotator").wait_for()
        page.wait_for_function("() => window.pictureDrawn")
        page.wait_for_timeout(1000)
        area = page.locator(".canvas-annotator").bounding_box()
        scale = area["width"] / 1280
        # The crowd's first box, in the middle of its upper left.
        frames = frames_while_dragging(page, (area["x"] + 24 * scale, area["y"] + 36 * scale))
        steps = []
        for number in range(rounds + 3):
            x, y = area["x"] + (0.3 + number % 7 / 20) * area["width"], area["y"] + 0.4 * area["height"]
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 60, y + 50)
            page.mouse.up()
            file = f"/{(number + 1) % 60:02d}.jpg"
            took = measured(
                page, page.locator("#next").click, f"(window.pictureDrawn ?? '').endsWith('{file}')"
            )
            if number >= 3:
                steps.append(took)
        pages = []
        shown = "[...document.querySelectorAll('#gallery img')].slice(0, 40).every((one) => one.complete)"
        for _ in range(20):
            before = page.locator("#gallery .grid-wrap img").first.get_attribute("src")
            changed = f"document.querySelector('#gallery .grid-wrap img')?.getAttribute('src') !== '{before}'"
            pages.append(measured(page, page.locator("#page").click, f"{changed} && {shown}"))
        return {"save + next": Timing.of(steps), "grid page": Timing.of(pages)}, frames


def report(studio: tuple[dict[str, Timing], float], peer: tuple[dict[str, Timing], float] | None) -> bool:
    """Print a line per step; gives whether every goal is met."""
    times, frames = studio
    met = frames >= FRAMES_GOAL
    print(f"{'':<18}{'median':>10}{'p95':>10}{'goal':>14}{'peer median':>14}{'ratio':>8}")
    for name, timing in times.items():
        median_goal, p95_goal = GOALS[name]
        met &= timing.median <= median_goal and (p95_goal is None or timing.p95 <= p95_goal)
        goal = f"{median_goal:.0f}" + (f" / {p95_goal:.0f}" if p95_goal else "")
        line = f"{name:<18}{timing.median:>7.0f} ms{timing.p95:>7.0f} ms{goal:>11} ms"
        if peer and name in peer[0]:
            other = peer[0][name].median
            line += f"{other:>11.0f} ms{other / timing.median:>7.1f}×"
        print(line)
    line = f"{'drag, 500 boxes':<18}{frames:>7.0f} /s{'':>10}{FRAMES_GOAL:>11.0f} /s"
    print(line + (f"{peer[1]:>11.0f} /s{frames / peer[1]:>7.1f}×" if peer else ""))
    return met


def main() -> int:
    """Measure, print, and say by the exit code whether the goals are met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--peer", type=Path, default=None, metavar="FOLDER")
    parser.add_argument("--workspace", type=Path, default=None, help="one that was made before, to save time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ssd-studio-bench-") as temporary, opened_browser() as browser:
        workspace = arguments.workspace or Path(temporary) / "workspace"
        project = 1 if arguments.workspace else make_workspace(workspace, arguments.images)
        with served_studio(workspace) as url:
            studio = measure_studio(browser, url, project, arguments.rounds)
        peer = None
        if arguments.peer:
            peer = run_peer(browser, arguments.peer, Path(temporary), arguments.rounds)
    return 0 if report(studio, peer) else 1


def run_peer(browser: Any, package: Path, temporary: Path, rounds: int) -> tuple[dict[str, Timing], float]:
    """Serve the peer's page with the same photographs and measure it."""
    folder = temporary / "photographs"
    folder.mkdir()
    for number, jpeg in enumerate(photographs()):
        (folder / f"{number:02d}.jpg").write_bytes(jpeg)
    os.environ["PYTHONPATH"] = str(package)
    port = free_port()
    command = ["-m", "tests.benchmarks.annotator_peer", str(folder), str(port)]
    with served(command, f"http://127.0.0.1:{port}", temporary / "peer.log"):
        return measure_peer(browser, f"http://127.0.0.1:{port}", rounds)


if __name__ == "__main__":
    sys.exit(main())
