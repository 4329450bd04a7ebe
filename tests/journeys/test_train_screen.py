"""The Train screen with a trainer that acts: reload, a second tab, cancel, resume, compare, mend failures."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.jobs.locks import is_held
from app.jobs.pace import Pace
from app.workspace import Workspace
from tests.journeys.dataset import write_voc_folder
from tests.journeys.known_project import patch, post
from tests.journeys.running_studio import ROOT, RunningStudio
from tests.journeys.test_killed_server import Server

pytestmark = pytest.mark.browser

WORKER = Path(__file__).with_name("acting_worker.py")
DEADLINE = 60
#: What the trainer does within seconds would take this machine, so the page says, two minutes.
PACE = Pace(start=8.0, prepare_image=0.01, step=0.45, look_at_image=0.05, finish=10.0, finish_image=0.05)


@pytest.fixture(scope="module")
def studio() -> Iterator[RunningStudio]:
    """A server whose worker acts, with a project of 30 labelled images, of which some are for validation."""
    with tempfile.TemporaryDirectory(prefix="ssd-train-") as folder:
        root = Path(folder) / "workspace"
        workspace = Workspace(root).prepare()
        kind = f"{socket.gethostname()}|0|efficientnet_lite0|300|8"
        (workspace.cache / "paces.json").write_text(json.dumps({kind: asdict(PACE)}))
        environment = {**os.environ, "SSD_STUDIO_WORKSPACE": str(root), "PYTHONPATH": str(ROOT)}
        with (root / "worker.log").open("wb") as log:
            worker = subprocess.Popen([sys.executable, str(WORKER)], env=environment, stdout=log, stderr=log)
        # The server starts no other worker while this one holds the device.
        deadline = time.monotonic() + DEADLINE
        while not is_held(workspace.worker_lock("0")):
            if worker.poll() is not None or time.monotonic() > deadline:
                pytest.fail("The worker did not start:\n" + (root / "worker.log").read_text())
            time.sleep(0.1)
        server = Server(root)
        write_voc_folder(Path(folder) / "parts", images=30)
        server.studio.command("import", f"{folder}/parts", "--project", "parts")
        # A busy machine of two cores starts a trainer in ten seconds.
        expect.set_options(timeout=DEADLINE * 1000)
        yield server.studio
        expect.set_options(timeout=5000)
        server.end()
        worker.wait(30)


@pytest.fixture
def project(studio: RunningStudio) -> int:
    (found,) = (each for each in studio.get("/api/projects") if each["name"] == "parts")
    return int(found["id"])


def open_train(page: Any, project: str = "parts") -> Any:
    page.locator("#project-select").select_option(label=project)
    page.locator("#tab-train-button").click()
    return page.locator(".studio-train")


def hold_at(studio: RunningStudio, step: int) -> Path:
    """Let every training wait at a step until the file given is gone."""
    hold = studio.workspace / "hold"
    hold.write_text(str(step))
    return hold


def press(page: Any, name: str) -> None:
    page.locator(".st-run").get_by_role("button", name=name, exact=True).click()


def test_a_training_outlives_reloads_tabs_and_a_cancel_is_compared_and_comes_first_on_a_telephone(
    page: Any, studio: RunningStudio
) -> None:
    hold = hold_at(studio, 47)
    view = open_train(page)
    quick = view.locator('[data-preset="quick"]')
    expect(quick).to_contain_text("about 2 min")
    expect(quick).to_contain_text("measured on this machine")
    view.get_by_role("button", name="Train", exact=True).click()
    expect(view).to_have_attribute("data-status", "running")
    run = view.get_attribute("data-run")
    for _ in range(2):
        page.reload()
        page.locator("#tab-train-button").click()
        expect(view).to_have_attribute("data-run", run)
        words = re.compile(r"^epoch \d+ of \d+ · step 47 of 240 · .+ left$")
        expect(view.locator(".st-run-words")).to_have_text(words)
        expect(view.get_by_label("Progress of the training")).to_have_js_property("value", 47 / 240)
        expect(view.locator(".st-chart .curve.loss")).to_have_count(1)
        expect(view.locator(".st-numbers div", has_text="Images a second")).to_have_text(re.compile(r"\d$"))
        expect(view.locator(".st-numbers div", has_text="Memory")).to_have_text(re.compile(r"[MG]B$"))
    expect(view.locator(".st-run [role=status] .st-run-words")).to_have_count(0)  # no step is announced

    other_tab = page.context.new_page()
    other_tab.goto(studio.url)
    second = open_train(other_tab)
    expect(second).to_have_attribute("data-run", run)
    press(other_tab, "Cancel")
    other_tab.get_by_role("dialog").get_by_role("button", name="Cancel the training").click()
    expect(second).to_have_attribute("data-status", "cancelled")
    expect(view).to_have_attribute("data-status", "cancelled")

    hold.unlink()
    press(page, "Resume")
    expect(view).to_have_attribute("data-status", "done")
    expect(second).to_have_attribute("data-status", "done")
    expect(view.locator(".st-run-top")).to_contain_text("parts quick 1")
    answer = studio.get(f"/api/runs/{run}")["run"]
    assert (answer["step"], answer["attempts"]) == (240, 2)
    other_tab.close()

    view.get_by_text("Log and numbers").click()
    expect(view.get_by_label("Log of the training")).to_contain_text("Training.")
    table = page.request.get(view.get_by_role("link", name="Metrics as CSV").evaluate("link => link.href"))
    assert {"loss", "learning_rate", "val_AP50"} < set(table.text().splitlines()[0].split(","))

    photographs = view.get_by_label("Validation photographs")
    expect(photographs.locator(".st-seen")).not_to_have_count(0)
    last = photographs.locator(".st-seen").count()
    photographs.get_by_label("Validation", exact=True).fill("0")
    expect(photographs).to_contain_text("step 80")
    assert photographs.locator(".st-seen").count() < last

    view.get_by_text("Advanced").click()
    view.get_by_label("Batch").fill("1000")
    expect(view.locator(".st-train-foot")).to_contain_text(
        "Batch: give a whole number from 1 to 512, or none."
    )
    expect(view.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    view.get_by_label("Batch").fill("4")
    view.get_by_role("button", name="Train", exact=True).click()
    expect(view.locator("tr[data-status=done]")).to_have_count(2)
    for number in (1, 2):
        view.get_by_label(f"Compare parts quick {number}").check()
    comparison = view.get_by_label("Comparison")
    expect(comparison.locator(".st-chart").first.locator("polyline")).to_have_count(2)
    expect(comparison.get_by_role("row", name="Batch")).to_have_text("Batch84")

    page.set_viewport_size({"width": 390, "height": 844})
    form = view.get_by_role("form", name="New training")
    expect(form).to_be_hidden()
    unfold = view.get_by_role("button", name="New training")
    unfold.click()
    expect(form).to_be_visible()
    unfold.click()
    expect(form).to_be_hidden()


def test_a_failure_is_explained_and_its_button_mends_it(page: Any, studio: RunningStudio) -> None:
    reason = studio.workspace / "fail"
    reason.write_text("OutOfMemory The memory did not suffice at step 30 for batches of 8.")
    view = open_train(page)
    view.get_by_role("button", name="Train", exact=True).click()
    card = page.get_by_role("alert").filter(has_text="There was not enough memory")
    expect(card).to_contain_text("did not suffice at step 30")
    assert "Failed" not in page.title()  # whoever looks at the page needs no news in its title
    reason.unlink()
    card.get_by_role("button", name="Retry with half the batch").click()
    expect(view).to_have_attribute("data-status", "done")
    run = studio.get(f"/api/runs/{view.get_attribute('data-run')}")["run"]
    assert run["params"]["train_config"]["batch_size"] == 4


def test_a_run_is_paused_resumed_and_stopped_with_its_best_as_the_detector(
    page: Any, studio: RunningStudio
) -> None:
    hold = hold_at(studio, 90)
    view = open_train(page)
    view.get_by_role("button", name="Train", exact=True).click()
    expect(view.locator(".st-run-words")).to_contain_text("step 90 of 240")
    press(page, "Pause")
    expect(view).to_have_attribute("data-status", "paused")
    run = view.get_attribute("data-run")
    assert studio.get(f"/api/runs/{run}")["run"]["failure"] is None
    press(page, "Resume")
    expect(view).to_have_attribute("data-status", "running")
    press(page, "Stop and keep the best")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("up to step 90")
    dialog.get_by_role("button", name="Stop and keep the best").click()
    expect(view).to_have_attribute("data-status", "done")
    hold.unlink()
    ended = studio.get(f"/api/runs/{run}")["run"]
    assert (ended["step"], ended["model_id"] is None) == (90, False)
    press(page, "Try it live")
    expect(page.locator(".studio-live")).to_be_visible()


def test_a_full_disk_lets_the_run_rest_until_there_is_room(page: Any, studio: RunningStudio) -> None:
    full = studio.workspace / "full"
    full.touch()
    view = open_train(page)
    view.get_by_role("button", name="Train", exact=True).click()
    card = page.get_by_role("alert").filter(has_text="The disk is full")
    expect(card).to_contain_text(re.compile(r"It goes on by itself when \d+ MB are free\."))
    expect(view).to_have_attribute("data-status", "paused")
    full.unlink()
    expect(view).to_have_attribute("data-status", "done")
    expect(card).to_have_count(0)


def test_a_run_whose_worker_is_silent_has_a_button_that_sees_to_one(
    page: Any, studio: RunningStudio, project: int
) -> None:
    """The silence is answered in the server's place: a true one lasts longer than a test should."""
    (run, *_) = studio.get(f"/api/projects/{project}/runs?limit=1")
    action = {"kind": "start_worker", "label": "Start a worker", "value": None}
    failure = {"kind": "worker_gone", "sentence": "The worker gives no sign of life.", "action": action}
    silent = {**run, "status": "stalled", "model_id": None, "failure": failure}
    page.route(re.compile(r"/api/projects/\d+/runs(\?.*)?$"), lambda route: route.fulfill(json=[silent]))
    page.route(
        re.compile(r"/api/runs/\w+\?"), lambda route: route.fulfill(json={"run": silent, "points": []})
    )
    page.reload()
    open_train(page)
    page.get_by_role("button", name="Start a worker").click()
    expect(page.locator(".st-toast")).to_contain_text("This machine has a worker for that device.")


def test_a_failure_because_of_an_image_opens_that_image(
    page: Any, studio: RunningStudio, project: int
) -> None:
    bad = studio.get(f"/api/projects/{project}/images?limit=5")["images"][3]
    reason = studio.workspace / "fail"
    reason.write_text(f"InvalidExample Image '{bad['name']}': box 0 has no area; redraw or remove it.")
    view = open_train(page)
    view.get_by_role("button", name="Train", exact=True).click()
    card = page.get_by_role("alert").filter(has_text="A photograph cannot be learnt from")
    expect(card).to_contain_text("redraw or remove it")
    reason.unlink()
    card.get_by_role("button", name="Open the image").click()
    expect(page.locator(".studio-label")).to_have_attribute("data-ready", str(bad["id"]))


def test_those_that_wait_are_put_in_order_and_the_screen_elsewhere_tells_of_an_end(
    page: Any, studio: RunningStudio, project: int
) -> None:
    hold = hold_at(studio, 20)
    view = open_train(page)
    view.get_by_role("button", name="Train", exact=True).click()
    expect(view).to_have_attribute("data-status", "running")
    waiting = [post(studio, f"projects/{project}/runs", {"preset": "quick", "steps": 20}) for _ in range(2)]
    entries = view.locator(".st-queue-entry")
    expect(entries).to_have_count(2)
    entries.nth(1).get_by_role("button", name="earlier").click()
    expect(entries.nth(0)).to_have_attribute("data-run", waiting[1]["id"])
    entries.nth(1).get_by_role("button", name="take out of the queue").click()
    expect(entries).to_have_count(1)
    expect(view.locator(f'tr[data-run="{waiting[0]["id"]}"]')).to_have_attribute("data-status", "cancelled")

    press(page, "Label on meanwhile")
    expect(page.locator(".studio-label")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\d+ % · parts"))
    page.locator("#tab-train-button").click()
    run = view.get_attribute("data-run")
    view.get_by_role("button", name="Pause").press("Enter")
    expect(view.locator(f'tr[data-run="{run}"]')).to_have_attribute("data-status", "paused")
    expect(view).to_have_attribute("data-run", run)  # though the next of the queue begins
    expect(view.locator(".st-run h3").first).to_be_focused()

    page.locator("#tab-label-button").click()
    news = page.locator(".st-toast").filter(has_text="Your detector is ready")
    news.get_by_role("button", name="Show").click()
    expect(view).to_have_attribute("data-run", waiting[1]["id"])
    hold.unlink()


#: Stands for the browser's notifications, which a window without a head never shows.
NOTES = """
window.asked = 0;
window.notes = [];
window.Notification = class extends EventTarget {
  static permission = "default";
  static async requestPermission() {
    window.asked += 1;
    return (Notification.permission = "granted");
  }
  constructor(title, options) {
    super();
    window.notes.push({ title, ...options });
  }
};
"""


def test_whoever_asked_for_it_is_told_of_an_end_while_away(page: Any, studio: RunningStudio) -> None:
    page.add_init_script(NOTES)
    page.reload()
    hold = hold_at(studio, 20)
    view = open_train(page)
    view.get_by_role("button", name="Train", exact=True).click()
    tell = view.get_by_role("button", name="Tell me when it ends")
    expect(tell).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("window.asked") == 0  # nobody is asked before they want something
    tell.click()
    expect(view.get_by_role("button", name="You will be told")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.asked") == 1
    page.evaluate("document.hasFocus = () => false")
    hold.unlink()
    expect(page).to_have_title(re.compile("^✓ Ready · parts"))
    (note,) = page.evaluate("window.notes")
    assert note["title"] == "Your detector is ready"
    assert re.fullmatch(r"parts quick \d+: AP50 0\.90", note["body"])
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page).to_have_title(re.compile("^parts"))

    # Another page, whose browser says no: there is nothing to press.
    page.add_init_script("Notification.permission = 'denied'")
    page.reload()
    hold = hold_at(studio, 20)
    open_train(page).get_by_role("button", name="Train", exact=True).click()
    expect(view.locator(".st-notify")).to_have_text("Your browser blocks notifications of this page.")
    press(page, "Cancel")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the training").click()
    expect(view).to_have_attribute("data-status", "cancelled")
    hold.unlink()


def test_what_stands_in_the_way_is_removed_by_a_button(
    page: Any, studio: RunningStudio, project: int
) -> None:
    images = studio.get(f"/api/projects/{project}/images?limit=500")["images"]
    for image in images:
        patch(studio, f"images/{image['id']}", {"split": "train"})
    view = open_train(page)
    check = view.locator('[data-check="validation"]')
    expect(check).to_have_attribute("data-state", "warn")
    expect(check).to_contain_text("given to training by hand")
    check.get_by_role("button", name="Keep some for validation").click()
    expect(page.locator(".st-toast")).to_contain_text("30 images freed")
    expect(check).not_to_contain_text("by hand")


def test_a_project_without_labels_says_what_is_missing(page: Any, studio: RunningStudio) -> None:
    post(studio, "projects", {"name": "bare"})
    page.reload()
    view = open_train(page, "bare")
    expect(view.locator(".st-no-run")).to_contain_text("label 2 of them")
    expect(view.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    view.get_by_role("button", name="Add photographs").click()  # there is nothing to label yet
    expect(page.locator(".studio-images")).to_be_visible()
