"""Take the pictures of every screen and state that ``docs/images`` holds, in a browser of its own.

    python -m tests.screenshots [--only label review] [--to docs/images]

A fresh workspace gets the sample project and an empty one for the other states. Every state is taken at
1440×900 and 390×844, light and dark; the command fails if a script fails, a request leaves the machine or a
page scrolls sideways.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from data.samples import render
from tests.app.videos import write_frames
from tests.benchmarks.studio_in_browser import opened_browser, served_studio

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
SCHEMES = ("light", "dark")
QUALITY = 70
MINUTES = 2
#: Rendered pictures that the sample has not: what the model is shown, and what waits for labels.
STRANGE_SEED = 7
SHOWN, WAITING, FILMED = range(8), range(8, 20), range(20, 50)


@dataclass(frozen=True)
class State:
    """A state of a screen: where it is, which project is open, and how it is reached from there."""

    name: str
    screen: str
    project: str | None
    reach: Callable[[Any], None]


def nothing(page: Any) -> None:
    """The screen as it opens."""
    page.wait_for_timeout(400)


def press(*keys: str) -> Callable[[Any], None]:
    """Press keys on the picture of the Label screen."""

    def reach(page: Any) -> None:
        page.locator(".studio-label[data-ready]").wait_for()
        page.locator(".st-view").focus()
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_timeout(400)

    return reach


def click(*names: str) -> Callable[[Any], None]:
    """Click buttons or tabs by their names, one after the other."""

    def reach(page: Any) -> None:
        for name in names:
            page.locator(
                f"button:visible:has-text('{name}'), [role=tab]:visible:has-text('{name}')"
            ).first.click()
            page.wait_for_timeout(300)

    return reach


def looked_at(page: Any) -> None:
    """Have the model look for label errors, if it has not yet, and wait for what it doubts."""
    if not page.locator(".st-review-stage").is_visible():
        click("Look")(page)
    page.locator(".st-review-stage").wait_for()
    page.wait_for_timeout(400)


def shown_to_the_model(*numbers: int) -> Callable[[Any], None]:
    """Choose rendered photographs on the Live screen, and wait for what is found in them."""

    def reach(page: Any) -> None:
        page.locator(".st-live-file").set_input_files([strange(number) for number in numbers])
        page.locator(".studio-live[data-ready='true'], .st-live-gallery[data-done='true']").first.wait_for()
        page.wait_for_timeout(600)

    return reach


def guessed(page: Any) -> None:
    """Go through the images by their use for the model, to the first with suggestions."""
    page.evaluate("() => ssdStudio.setQueue(Number(localStorage['ssd-studio.project']), { sort: 'useful' })")
    page.wait_for_timeout(900)
    page.locator(".st-view").focus()
    for _ in WAITING:
        if page.locator(".st-stage rect.ghost").count():
            break
        page.keyboard.press("d")
        page.wait_for_timeout(600)
    page.locator(".st-stage rect.ghost").first.wait_for()


def filmed(page: Any) -> None:
    """Process a video whole, and wait for it; the second time it is there already."""
    if not page.get_by_role("region", name="Whole videos").get_by_role("listitem").count():
        frames = [np.asarray(Image.open(io.BytesIO(render(number, STRANGE_SEED)[0]))) for number in FILMED]
        with tempfile.TemporaryDirectory() as home:
            clip = write_frames(Path(home) / "bench.webm", frames, rate=5)
            page.locator(".st-live-file").set_input_files(clip)
            page.get_by_role("button", name="Process whole video").click()
            page.get_by_role("button", name="Process", exact=True).click()
    page.get_by_role("button", name="Watch").wait_for(timeout=120_000)


def strange(number: int) -> dict[str, Any]:
    """A rendered picture as a file input takes it."""
    return {
        "name": f"bench-{number}.jpg",
        "mimeType": "image/jpeg",
        "buffer": render(number, STRANGE_SEED)[0],
    }


def look_ahead(url: str) -> None:
    """Add images without labels to the sample, and wait until the model has looked at them."""
    sample = project_ids(url)["Workshop parts"]
    files = [("files", (each["name"], each["buffer"], each["mimeType"])) for each in map(strange, WAITING)]
    httpx.post(f"{url}/api/projects/{sample}/images", files=files, timeout=120).raise_for_status()
    httpx.post(f"{url}/api/projects/{sample}/look-ahead", timeout=60).raise_for_status()
    while httpx.get(f"{url}/api/projects/{sample}/look-ahead").json()["state"] == "working":
        time.sleep(1)


STATES = (
    State("home-empty", "home", None, nothing),
    State("home", "home", "Workshop parts", nothing),
    State("images-empty", "images", "Nothing yet", nothing),
    State("images", "images", "Workshop parts", nothing),
    State("images-classes", "images", "Workshop parts", click("Classes")),
    State("images-statistics", "images", "Workshop parts", click("Statistics")),
    State("images-bin", "images", "Workshop parts", click("Bin")),
    State("label-empty", "label", "Nothing yet", nothing),
    State("label", "label", "Workshop parts", press("d", "Tab")),
    State("label-keys", "label", "Workshop parts", press("?")),
    State("label-class-search", "label", "Workshop parts", press("Tab", "c")),
    State("review-empty", "review", "Nothing yet", nothing),
    State("train", "train", "Workshop parts", nothing),
    State("train-empty", "train", "Nothing yet", nothing),
    State("evaluate-empty", "evaluate", "Nothing yet", nothing),
    State("models-empty", "models", "Nothing yet", nothing),
    State("live-empty", "live", "Nothing yet", nothing),
)
#: Taken while a run trains, and after it.
RUNNING = (State("train-running", "train", "Workshop parts", nothing),)
TRAINED = (
    State("review", "review", "Workshop parts", looked_at),
    State("train-done", "train", "Workshop parts", nothing),
    State("evaluate", "evaluate", "Workshop parts", nothing),
    State("models", "models", "Workshop parts", nothing),
    State("live", "live", "Workshop parts", shown_to_the_model(SHOWN[0])),
    State("live-gallery", "live", "Workshop parts", shown_to_the_model(*SHOWN)),
    State("live-video", "live", "Workshop parts", filmed),
    State("label-suggestions", "label", "Workshop parts", guessed),
)


def take(browser: Any, url: str, states: list[State], folder: Path) -> list[str]:
    """Take every state in every size and scheme; gives what was wrong."""
    faults: list[str] = []
    ids = project_ids(url)
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, permissions=["camera"]
            )
            page = context.new_page()
            page.set_default_timeout(20_000)
            _listen(page, url, faults)
            for state in states:
                name = f"{state.name}-{size}-{scheme}"
                try:
                    _open(page, url, state, ids)
                    state.reach(page)
                except Exception as error:  # noqa: BLE001 - one state that cannot be reached must not hide the others
                    faults.append(f"{name}: {str(error).splitlines()[0]}")
                picture = Image.open(io.BytesIO(page.screenshot()))
                picture.save(folder / f"{name}.webp", quality=QUALITY, method=6)
                wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
                if wide > 0:
                    faults.append(f"{name}: the page is {wide} px too wide")
            context.close()
    return faults


def _listen(page: Any, url: str, faults: list[str]) -> None:
    own = (url, "data:", "blob:")
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("request", lambda sent: sent.url.startswith(own) or faults.append(f"left: {sent.url}"))


def _open(page: Any, url: str, state: State, ids: dict[str, int]) -> None:
    page.goto(url)
    page.evaluate("() => localStorage.clear()")
    if state.project:
        page.evaluate(f"() => localStorage.setItem('ssd-studio.project', '{ids[state.project]}')")
    page.reload()
    page.locator(f"#tab-{state.screen}-button").wait_for(state="attached")
    page.evaluate(f"() => document.querySelector('#tab-{state.screen}-button').click()")
    page.wait_for_timeout(900)


def start_run(url: str) -> str:
    """Train a first model of the sample for some minutes; gives the run once it shows something."""
    sample = project_ids(url)["Workshop parts"]
    body = {"preset": "quick", "minutes": MINUTES}
    run = str(httpx.post(f"{url}/api/projects/{sample}/runs", json=body, timeout=120).json()["id"])
    wait_for(url, run, lambda now: now["step"] > 0)
    return run


def project_ids(url: str) -> dict[str, int]:
    """The ids of all projects, by name."""
    return {project["name"]: project["id"] for project in httpx.get(f"{url}/api/projects").json()}


def wait_for(url: str, run: str, condition: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until a run is so far."""
    while True:
        now = httpx.get(f"{url}/api/runs/{run}", timeout=60).json()
        if condition(now.get("run", now)):
            return
        if now.get("run", now)["status"] in ("failed", "cancelled"):
            raise SystemExit(f"The run ended: {now}")
        time.sleep(1)


def main() -> int:
    """Make the workspace, take the pictures, and say what was wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=[""], help="states whose names begin with one of these")
    parser.add_argument("--to", type=Path, default=Path(__file__).parents[1] / "docs/images")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="ssd-studio-screens-") as temporary,
        served_studio(Path(temporary) / "workspace") as url,
        opened_browser() as browser,
    ):
        beginnings = tuple(arguments.only)
        wanted = [state for state in STATES if state.name.startswith(beginnings)]
        first = [state for state in wanted if state.name == "home-empty"]
        faults = take(browser, url, first, arguments.to)
        httpx.post(f"{url}/api/samples", timeout=120).raise_for_status()
        httpx.post(f"{url}/api/projects", json={"name": "Nothing yet"}).raise_for_status()
        faults += take(browser, url, [state for state in wanted if state not in first], arguments.to)
        running = [state for state in RUNNING if state.name.startswith(beginnings)]
        trained = [state for state in TRAINED if state.name.startswith(beginnings)]
        if running or trained:
            run = start_run(url)
            faults += take(browser, url, running, arguments.to)
            wait_for(url, run, lambda now: now["status"] == "done")
            look_ahead(url)
            faults += take(browser, url, trained, arguments.to)
    print("\n".join(faults) or "Every state was taken, and nothing was wrong.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
