"""Names of ill will on every screen: they are text, they run nothing, and they break no layout."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.journeys.known_project import jpeg, patch, post
from tests.journeys.planted import ALARM, PLANTED_NAMES, write_planted_folder
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser

PROJECT = PLANTED_NAMES[0]
NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_planted_folder(tmp_path_factory.mktemp("hostile") / "planted")


@pytest.fixture(scope="module")
def project(studio: RunningStudio, folder: Path) -> int:
    """The id of a project in which everything that has a name has one of these; each names a project too."""
    staged = post(studio, "imports", {"path": str(folder)})["id"]
    post(studio, f"imports/{staged}/run", {"project": PROJECT, "format": "voc"})
    deadline = time.monotonic() + 60
    while (state := studio.get(f"/api/imports/{staged}"))["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert state["state"] == "done", state
    for name in PLANTED_NAMES[2:]:
        post(studio, "projects", {"name": name})
    made = int(state["project_id"])
    for image, note in zip(images_of(studio, made), PLANTED_NAMES, strict=True):
        patch(studio, f"images/{image['id']}", {"note": note, "flag": True})
    return made


def images_of(studio: RunningStudio, project: int) -> list[dict[str, Any]]:
    return list(studio.get(f"/api/projects/{project}/images")["images"])


@pytest.fixture
def armed(page: Any) -> Iterator[Any]:
    """A page in which a name that is executed raises the alarm: the console's error fails the test."""
    page.add_init_script(ALARM)
    page.reload()
    yield page
    assert page.locator("[data-planted], [src*='planted-picture'], [href*='planted()']").count() == 0


def is_harmless(page: Any) -> None:
    """Nothing was built of a name, and no name widens the page, on a desk or on a phone."""
    assert page.locator("[data-planted]").count() == 0
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{over} px too wide at {size['width']} px"


def show(page: Any, screen: str) -> None:
    page.locator(f"#tab-{screen}-button").click()


def open_project(page: Any, project: int) -> None:
    """Open it by its card, which shows its images."""
    page.locator(f'.st-project[data-project-id="{project}"]').click()
    expect(page.locator(".studio-images")).to_have_attribute("data-ready", "true")


def show_view(page: Any, view: str) -> Any:
    page.locator(f'.studio-images [role="tab"][data-view="{view}"]').click()
    return page.locator(f".st-view-{view}")


def test_no_name_is_executed_by_an_import(armed: Any, project: int, folder: Path) -> None:
    page = armed
    page.get_by_role("button", name="Import a data set").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(str(folder))
    dialog.get_by_role("button", name="Read it").click()
    dialog.get_by_label("Into project").fill(PLANTED_NAMES[1])
    for name in PLANTED_NAMES:
        expect(dialog.get_by_role("cell", name=name, exact=True).first).to_be_visible()
    is_harmless(page)
    go = dialog.get_by_role("button", name="Import", exact=True)
    expect(go).to_be_enabled()
    go.click()
    expect(dialog.locator(".st-import-result")).to_be_visible()
    expect(dialog.locator(".st-problems")).to_contain_text("${planted()} broken.jpg")
    is_harmless(page)
    dialog.get_by_role("button", name="Show the images").click()
    expect(page).to_have_title(f"{PLANTED_NAMES[1]} – SSD Studio")


def test_no_name_of_a_project_is_executed(armed: Any, project: int) -> None:
    page = armed
    for name in PLANTED_NAMES[2:]:
        expect(page.locator(".st-project-name").get_by_text(name, exact=True)).to_have_count(1)
    is_harmless(page)
    more = page.locator(f'.st-project-card[data-project-id="{project}"] [data-symbol="more"]')
    for item in ("Rename…", "Delete…", "Export…"):
        more.click()
        page.get_by_role("menuitem", name=item).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        is_harmless(page)
        page.keyboard.press("Escape")
    open_project(page, project)
    expect(page).to_have_title(f"{PROJECT} – SSD Studio")
    expect(page.locator("#project-select option:checked")).to_have_text(PROJECT)
    is_harmless(page)


def test_no_name_of_a_file_or_class_is_executed_among_the_images(
    armed: Any, studio: RunningStudio, project: int
) -> None:
    page = armed
    open_project(page, project)
    expect(page.locator(".st-card")).to_have_count(len(PLANTED_NAMES))
    is_harmless(page)
    sent = [
        {"name": f"{name[:190]} sent.jpg", "mimeType": "image/jpeg", "buffer": b"nothing"}
        for name in PLANTED_NAMES
    ]
    page.locator(".st-choose-files").set_input_files(sent)
    expect(page.locator(".st-report")).to_contain_text("${planted()} sent.jpg")
    is_harmless(page)

    classes = show_view(page, "classes")
    for name in PLANTED_NAMES:
        expect(classes.get_by_label(f"Name of {name}", exact=True)).to_have_value(name)
    is_harmless(page)
    first, second = PLANTED_NAMES[:2]
    classes.get_by_label(f"Name of {second}", exact=True).fill(first)
    page.keyboard.press("Enter")
    classes.get_by_role("button", name="Merge the two…").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"of “{first}”")
    is_harmless(page)
    page.keyboard.press("Escape")

    numbers = show_view(page, "statistics")
    expect(numbers.locator(".st-class-bars li")).to_have_count(len(PLANTED_NAMES))
    expect(numbers.locator(".st-faults, .st-no-faults")).to_be_visible()
    for fault in numbers.locator(".st-faults summary").all():
        fault.click()
    is_harmless(page)

    gone = images_of(studio, project)[-1]
    httpx.delete(f"{studio.url}/api/images/{gone['id']}", timeout=30).raise_for_status()
    expect(show_view(page, "bin")).to_contain_text(gone["name"])
    is_harmless(page)
    post(
        studio, f"projects/{project}/images/bulk", {"action": "put_back", "value": None, "ids": [gone["id"]]}
    )


def test_no_name_is_executed_where_boxes_are_drawn(armed: Any, studio: RunningStudio, project: int) -> None:
    page = armed
    open_project(page, project)
    page.locator(".st-card-open").first.click()
    for image in images_of(studio, project):
        expect(page.locator(".st-image-name")).to_have_text(image["name"])
        expect(page.locator("[data-box-id]").first).to_be_visible()
        is_harmless(page)
        page.keyboard.press("d")
    for name in PLANTED_NAMES:
        expect(page.locator(".st-classes").get_by_text(name, exact=True)).to_have_count(1)
    page.locator(".st-boxes .st-box").first.click()
    for key in ("m", "Escape", "j", "Escape", "c", "Escape"):
        page.keyboard.press(key)
        is_harmless(page)


def answer_with(answer: Any, route: Any) -> None:
    route.fulfill(json=answer)


def test_no_name_is_executed_where_models_are_made_and_used(armed: Any, project: int) -> None:
    """A run and a model with such names, answered in the server's place: training one would take a minute."""
    page = armed
    names = list(PLANTED_NAMES)
    moment = "2025-01-01T00:00:00+00:00"
    run = {
        "id": "m-1", "project_id": project, "status": "failed", "phase": names[0], "params": {},
        "step": 3, "total_steps": 9, "epoch": 1, "total_epochs": 3, "seconds_left": None, "metrics": {},
        "error": " ".join(names), "model_id": None, "attempts": 1, "created": moment, "started": moment,
        "finished": moment, "hints": [], "warnings": names, "note": names[0],
    }  # fmt: skip
    model = {
        "id": "m-1", "project_id": project, "run_id": "m-1", "name": names[0], "classes": names,
        "colours": ["#3b82f6"] * len(names), "metrics": {"AP50": 0.5}, "created": moment,
        "thresholds": {"score": 0.3, "iou": 0.45},
    }  # fmt: skip
    found = [[10 + 25 * place, 40, 60 + 25 * place, 120, 0.9, place] for place in range(len(names))]
    answers = {
        r"/api/projects/\d+/runs$": [run],
        r"/api/runs/m-1\?.*": {"run": run, "points": []},
        r"/api/models\?.*": [model],
        r"/api/models/m-1/candidates.*": {
            "width": 320,
            "height": 240,
            "candidates": found,
            "milliseconds": {},
        },
    }
    for path, answer in answers.items():
        page.route(re.compile(path), partial(answer_with, answer))
    open_project(page, project)

    show(page, "train")
    expect(page.locator(".studio-train")).to_contain_text("${planted()}")
    is_harmless(page)

    show(page, "live")
    expect(page.locator("#st-live-model option")).to_have_text(PROJECT)
    page.locator(".st-live-file").set_input_files(
        {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": jpeg((9, 9, 9), (320, 240))}
    )
    for name in names:
        expect(page.locator(".st-found").get_by_text(name, exact=True)).to_have_count(1)
    is_harmless(page)
