"""Train on some photographs, let the model look at others, and count what accepting and correcting takes.

    make bench-suggest DATASET=path/to/raccoon
    python -m tests.benchmarks.suggestion_loop --dataset path/to/raccoon [--train 40 --ahead 40]

Quick is trained on the first photographs of the usual split and looks ahead at the next ones. On these a
script labels in a real browser as a practised person would: what a suggestion has right (IoU with the truth
of at least 0.7) is accepted, the rest rejected and drawn. Beside it the same photographs are drawn from
nothing.
Counted are key presses and presses of the mouse button; a drag is one press. Going on to the next photograph
by itself is switched on for both. Exit code 1 if a stored box misses the truth.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.labelling_session import COUNT, draw, fill, label_all, true_boxes
from tests.benchmarks.raccoon import split_folder, studio
from tests.benchmarks.studio_in_browser import opened_browser, opened_page, served_studio

RIGHT = 0.7
#: A box drawn over a suggestion takes its place from this IoU on.
SAME_OBJECT = 0.5
LOOK_SECONDS = 600.0
#: By it the photographs that were looked at are told from those trained on.
AHEAD = "ahead-"

COUNTED = "() => [window.counted.keys, window.counted.presses]"

Corners = tuple[float, float, float, float]


def iou(a: Corners, b: Corners) -> float:
    """Intersection over union of two xyxy boxes."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return width * height / (areas - width * height)


def pairs(truth: list[Corners], found: list[Corners], least: float) -> dict[int, int]:
    """The places in ``found`` of those that are right, each with a place in ``truth`` of its own."""
    ranked = sorted(
        ((iou(a, b), i, j) for i, a in enumerate(truth) for j, b in enumerate(found)), reverse=True
    )
    matched: dict[int, int] = {}
    for overlap, i, j in ranked:
        if overlap >= least and i not in matched.values() and j not in matched:
            matched[j] = i
    return matched


def look_ahead(url: str, project: int) -> None:
    """Let the project's model look at what is unlabelled, and wait for it."""
    address = f"{url}/api/projects/{project}/look-ahead"
    httpx.post(address, json={}).raise_for_status()
    deadline = time.monotonic() + LOOK_SECONDS
    while (state := httpx.get(address).json())["state"] != "done":
        if state["state"] == "failed" or time.monotonic() > deadline:
            raise SystemExit(f"The look ahead did not end well: {state}")
        time.sleep(0.5)


def correct(page: Any, url: str, image: dict[str, Any], dataset: Path) -> tuple[int, int, int]:
    """Label one image from its ghosts, and go on; gives boxes accepted and drawn, and wrong ghosts."""
    size = (image["width"], image["height"])
    page.locator(f".studio-label[data-ready='{image['id']}']").wait_for()
    shown = {ghost.get_attribute("data-box-id") for ghost in page.locator(".st-stage rect.ghost").all()}
    suggested = httpx.get(f"{url}/api/images/{image['id']}").json()["suggestions"]
    found: list[Corners] = [tuple(each["box"]) for each in suggested if f"suggestion-{each['id']}" in shown]
    truth = true_boxes(dataset, image["name"].removeprefix(AHEAD))
    right = pairs(truth, found, RIGHT)
    missing = [box for place, box in enumerate(truth) if place not in right.values()]
    wrong = [box for place, box in enumerate(found) if place not in right]
    poor = [box for box in wrong if any(iou(box, other) >= SAME_OBJECT for other in missing)]
    for box in wrong:
        if box not in poor:
            point_at(page, size, box)
            page.keyboard.press("Delete")
    went_on = False
    for box in missing:
        if went_on:
            page.locator(f".studio-label:not([data-ready='{image['id']}'])").wait_for()
            page.keyboard.press("a")
            page.locator(f".studio-label[data-ready='{image['id']}']").wait_for()
        draw(page, size, box)
        poor = [ghost for ghost in poor if iou(ghost, box) < SAME_OBJECT]
        went_on = not right and not poor
    if right:
        page.keyboard.press("Enter")
    return len(right), len(missing), len(wrong)


def point_at(page: Any, size: tuple[int, int], box: Corners) -> None:
    """Move the mouse to the middle of a box."""
    area = page.locator(".st-overlay").bounding_box()
    scale = area["width"] / size[0]
    page.mouse.move(area["x"] + (box[0] + box[2]) / 2 * scale, area["y"] + (box[1] + box[3]) / 2 * scale)


def check(url: str, images: list[dict[str, Any]], dataset: Path) -> None:
    """Stop unless every image holds one box for each true one, and no other."""
    for image in images:
        stored = [tuple(each["box"]) for each in httpx.get(f"{url}/api/images/{image['id']}").json()["boxes"]]
        truth = true_boxes(dataset, image["name"].removeprefix(AHEAD))
        if len(stored) != len(truth) or len(pairs(truth, stored, RIGHT)) != len(truth):
            raise SystemExit(f"{image['name']} was not labelled right: {stored} instead of {truth}.")


def open_label(page: Any, project: int) -> None:
    """Open the Label screen on a project, counting from there on."""
    page.add_init_script(COUNT)
    page.evaluate(f"localStorage.setItem('ssd-studio.project', '{project}')")
    page.reload()
    page.locator("#tab-label-button").click()
    page.locator(".studio-label[data-ready]").wait_for()


def main() -> int:
    """Train, look, correct, draw, and print what each took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--train", type=int, default=40)
    parser.add_argument("--ahead", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ssd-studio-bench-") as temporary:
        home = Path(temporary)
        whole = split_folder(arguments.dataset, home / "whole")["train"]
        names = sorted(path.stem for path in (whole / "annotations").glob("*.xml"))
        for name in names[arguments.train :]:
            (whole / "annotations" / f"{name}.xml").unlink()
        rest = [next((whole / "images").glob(f"{name}.*")) for name in names[arguments.train :]]
        (home / "ahead").mkdir()
        for photograph in rest:
            shutil.move(photograph, home / "ahead" / photograph.name)
        ahead = sorted((home / "ahead").iterdir())[: arguments.ahead]
        workspace = home / "workspace"
        studio(workspace, "import", str(whole), "--project", "raccoon")
        trained = studio(
            workspace, "train", "--project", "raccoon", "--preset", "quick", "--seed", "0", "--wait"
        )
        print(f"Quick on {arguments.train} photographs: {trained['model']}")
        with served_studio(workspace) as url, opened_browser() as browser:
            return compare(url, browser, ahead, arguments.dataset)


def compare(url: str, browser: Any, ahead: list[Path], dataset: Path) -> int:
    """Label the photographs from suggestions, and others like them from nothing; print both."""
    (project,) = (each["id"] for each in httpx.get(f"{url}/api/projects").json())
    for photograph in ahead:
        files = {"files": (AHEAD + photograph.name, photograph.read_bytes())}
        httpx.post(f"{url}/api/projects/{project}/images", files=files, timeout=60).raise_for_status()
    look_ahead(url, project)
    listed = f"{url}/api/projects/{project}/images?limit=500&text={AHEAD}"
    images = httpx.get(listed).json()["images"]
    totals = [0, 0, 0]
    with opened_page(browser, url) as page:
        open_label(page, project)
        page.evaluate("([id, text]) => ssdStudio.setQueue(id, { text })", [project, AHEAD])
        page.locator(f".studio-label[data-ready='{images[0]['id']}']").wait_for()
        page.evaluate("() => Object.assign(window.counted, {keys: 0, presses: 0})")
        page.locator(".st-view").focus()
        page.keyboard.press("o")
        for image in images:
            totals = [a + b for a, b in zip(totals, correct(page, url, image, dataset), strict=True)]
        page.locator(".studio-label[data-saved='true']").wait_for()
        taken = page.evaluate(COUNTED)
    check(url, images, dataset)
    accepted, drawn, rejected = totals
    boxes = accepted + drawn
    print(
        f"from suggestions: {boxes} boxes on {len(images)} photographs, {accepted} accepted, {drawn} drawn,",
        end=" ",
    )
    print(f"{rejected} suggestions wrong; {words(taken, boxes)}")
    empty = fill(url, ahead, "From nothing")
    with opened_page(browser, url) as page:
        open_label(page, empty)
        number, _, _ = label_all(page, url, empty, dataset, True)
        drawing = page.evaluate(COUNTED)
    print(f"from nothing: {number} boxes; {words(drawing, number)}")
    print(f"ratio {sum(taken) / boxes / (sum(drawing) / number):.2f}")
    return 0


def words(counted: list[int], boxes: int) -> str:
    """What was counted: keys, presses of the mouse, and both for each box."""
    keys, presses = counted
    return f"{keys} keys and {presses} clicks or drags, {sum(counted) / boxes:.2f} for each box"


if __name__ == "__main__":
    sys.exit(main())
