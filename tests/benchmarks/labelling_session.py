"""Label photographs as a practised person would, by mouse and keys, and count what that took.

    python -m tests.benchmarks.labelling_session --dataset path/to/raccoon [--images 20]

The boxes of the data set's own annotation files are drawn on the photographs by real events in a real
browser. Counted are key presses and presses of the mouse button, navigation and the first naming of the class
included; a drag is one press. What the database then holds is compared with what was to be drawn. Exit code 1
if a box differs by more than a pixel of the photograph, or if it took more than 2.2 presses for each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx

from tests.benchmarks.studio_in_browser import opened_browser, opened_page, served_studio

GOAL = 2.2
COUNT = """
window.counted = {keys: 0, presses: 0};
window.addEventListener('keydown', (event) => event.repeat || (window.counted.keys += 1), true);
window.addEventListener('pointerdown', () => (window.counted.presses += 1), true);
"""


def true_boxes(dataset: Path, name: str) -> list[tuple[float, float, float, float]]:
    """The boxes that the data set's annotation file gives a photograph, xyxy in pixels."""
    tree = ElementTree.parse(dataset / "annotations" / f"{Path(name).stem}.xml")
    boxes = []
    for box in tree.iter("bndbox"):
        x0, y0, x1, y1 = (float(box.findtext(side) or 0) for side in ("xmin", "ymin", "xmax", "ymax"))
        boxes.append((x0 - 1, y0 - 1, x1, y1))
    return boxes


def draw(page: Any, size: tuple[int, int], box: tuple[float, float, float, float]) -> None:
    """Drag a box out with the mouse."""
    area = page.locator(".st-overlay").bounding_box()
    scale = area["width"] / size[0]
    x0, y0, x1, y1 = (value * scale for value in box)
    page.mouse.move(area["x"] + x0, area["y"] + y0)
    page.mouse.down()
    page.mouse.move(area["x"] + (x0 + x1) / 2, area["y"] + (y0 + y1) / 2)
    page.mouse.move(area["x"] + x1, area["y"] + y1)
    page.mouse.up()


def label_all(page: Any, url: str, project: int, dataset: Path, goes_on: bool) -> tuple[int, int, float]:
    """Label every photograph; gives the boxes, the key and mouse presses, and the largest error in pixels."""
    images = httpx.get(f"{url}/api/projects/{project}/images?limit=500").json()["images"]
    drawn = 0
    # What opening the screen took does not belong to the boxes.
    page.evaluate("() => Object.assign(window.counted, {keys: 0, presses: 0})")
    if goes_on:
        page.locator(".st-view").focus()
        page.keyboard.press("o")
    for place, image in enumerate(images):
        page.locator(f".studio-label[data-ready='{image['id']}']").wait_for()
        for number, box in enumerate(true_boxes(dataset, image["name"])):
            if goes_on and number:  # the first box went on to the next image: back for the others
                page.keyboard.press("a")
                page.locator(f".studio-label[data-ready='{image['id']}']").wait_for()
            draw(page, (image["width"], image["height"]), box)
            drawn += 1
            if drawn == 1:  # the project has no class yet
                page.keyboard.type("raccoon")
                page.keyboard.press("Enter")
                page.locator(".st-class").wait_for()
        # A box that had to wait for the name of its class does not go on.
        if place + 1 < len(images) and not (goes_on and place and true_boxes(dataset, image["name"])):
            page.keyboard.press("d")
    page.locator(".studio-label[data-saved='true']").wait_for()
    counted = page.evaluate("() => window.counted.keys + window.counted.presses")
    worst = 0.0
    for image in images:
        stored = httpx.get(f"{url}/api/images/{image['id']}").json()["boxes"]
        wanted = true_boxes(dataset, image["name"])
        if len(stored) != len(wanted):
            raise SystemExit(f"{image['name']} has {len(stored)} boxes instead of {len(wanted)}.")
        for record, box in zip(stored, wanted, strict=True):
            worst = max(worst, *(abs(a - b) for a, b in zip(record["box"], box, strict=True)))
    return drawn, counted, worst


def fill(url: str, photographs: list[Path], name: str) -> int:
    """Make a project of the photographs, without boxes; gives its id."""
    project = httpx.post(f"{url}/api/projects", json={"name": name}).json()["id"]
    for photograph in photographs:
        files = {"files": (photograph.name, photograph.read_bytes())}
        httpx.post(f"{url}/api/projects/{project}/images", files=files, timeout=60).raise_for_status()
    return int(project)


def main() -> int:
    """Label, print what it took, and say by the exit code whether the goal is met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--images", type=int, default=20)
    arguments = parser.parse_args()
    photographs = sorted((arguments.dataset / "images").iterdir())[: arguments.images]
    with (
        tempfile.TemporaryDirectory(prefix="ssd-studio-bench-") as temporary,
        served_studio(Path(temporary) / "workspace") as url,
        opened_browser() as browser,
    ):
        met = True
        for goes_on, how in ((False, "D after each photograph"), (True, "O: on by itself after a box")):
            project = fill(url, photographs, how)
            with opened_page(browser, url) as page:
                page.add_init_script(COUNT)
                page.evaluate(f"localStorage.setItem('ssd-studio.project', '{project}')")
                page.reload()
                page.locator("#tab-label-button").click()
                page.locator(".studio-label[data-ready]").wait_for()
                drawn, counted, worst = label_all(page, url, project, arguments.dataset, goes_on)
            each = counted / drawn
            print(f"{how}: {drawn} boxes on {len(photographs)} photographs, {counted} presses,", end=" ")
            print(f"{each:.2f} for each box (goal {GOAL}); boxes stored as drawn to {worst:.2f} px")
            met &= worst <= 1.0 and (each <= GOAL or not goes_on)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
