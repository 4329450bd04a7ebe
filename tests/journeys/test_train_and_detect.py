"""Click Train, watch it finish, open Live, and move the sliders."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from data.samples import render
from tests.journeys.dataset import write_voc_folder
from tests.journeys.running_studio import RunningStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

#: A trainer starts TensorFlow, builds and exports a network: a minute on two busy cores.
TRAINING_DEADLINE = 400_000


@pytest.fixture(scope="module")
def project(studio: RunningStudio) -> str:
    with tempfile.TemporaryDirectory() as folder:
        write_voc_folder(Path(folder) / "parts", images=8)
        studio.command("import", f"{folder}/parts", "--project", "parts")
    return "parts"


@pytest.fixture
def model(studio: RunningStudio, project: str) -> dict[str, Any]:
    """A model of the project: one that is there, else one trained now."""
    mine = next(entry["id"] for entry in studio.get("/api/projects") if entry["name"] == project)
    if not studio.get(f"/api/models?project_id={mine}"):
        studio.command("train", "--project", project, "--steps", "3", "--wait")
    newest: dict[str, Any] = studio.get(f"/api/models?project_id={mine}")[0]
    return newest


def open_project(page: Any, name: str) -> None:
    page.locator("#project-select").select_option(label=name)


def set_slider(page: Any, name: str, value: float) -> None:
    """Move a slider as a hand does: a value, and an input event."""
    page.get_by_label(name, exact=True).fill(str(value))


def shown_boxes(page: Any) -> int:
    return int(page.locator(".studio-live").get_attribute("data-boxes"))


def test_a_click_trains_in_the_background_and_the_model_detects_with_sliders_that_ask_nobody(
    page: Any, studio: RunningStudio, project: str, tmp_path: Path
) -> None:
    open_project(page, project)
    page.locator("#tab-train-button").click()
    page.get_by_text("Advanced").click()
    page.get_by_label("Length", exact=True).select_option("steps")
    page.get_by_label("Steps").fill("3")
    page.get_by_role("button", name="Train", exact=True).click()
    view = page.locator(".studio-train")
    expect(view).to_have_attribute("data-status", re.compile("queued|running"))
    run = view.get_attribute("data-run")

    page.reload()  # the page forgets, the server does not
    page.locator("#tab-train-button").click()
    expect(view).to_have_attribute("data-run", run)
    expect(view).to_have_attribute("data-status", "done", timeout=TRAINING_DEADLINE)

    answer = studio.get(f"/api/runs/{run}")
    assert answer["run"]["step"] == answer["run"]["total_steps"] == 3
    assert "loss" in {point["name"] for point in answer["points"]}
    assert "AP50" in answer["run"]["metrics"]

    page.get_by_role("button", name="Try it live").click()
    live = page.locator(".studio-live")
    photograph = tmp_path / "bench.jpg"
    photograph.write_bytes(render(40, seed=9, size=(640, 480))[0])
    page.locator(".st-live-file").set_input_files(photograph)
    expect(live).to_have_attribute("data-ready", "true")

    requests: list[str] = []
    page.on("request", lambda sent: requests.append(sent.url))
    set_slider(page, "Score", 0.05)
    set_slider(page, "IoU", 0.9)
    many = shown_boxes(page)
    set_slider(page, "IoU", 0.1)
    fewer = shown_boxes(page)
    set_slider(page, "Score", 1)
    none = shown_boxes(page)
    set_slider(page, "Score", 0.05)
    again = shown_boxes(page)
    assert many > fewer > none == 0
    assert again == fewer
    assert requests == []


def test_the_webcam_is_detected_in_frame_by_frame(page: Any, project: str, model: dict[str, Any]) -> None:
    open_project(page, project)
    page.locator("#tab-live-button").click()
    answers: list[int] = []
    page.on("response", lambda got: answers.append(got.status) if "/candidates" in got.url else None)
    page.get_by_role("button", name="Start webcam").click()
    expect(page.locator(".studio-live")).to_have_attribute("data-ready", "true")
    page.wait_for_function("() => document.querySelector('.st-pace').textContent.includes('frames a second')")
    page.get_by_role("button", name="Stop webcam").click()
    assert set(answers) == {200}
    assert len(answers) >= 2


def test_the_same_model_answers_the_command_line(
    studio: RunningStudio, model: dict[str, Any], tmp_path: Path
) -> None:
    photograph = tmp_path / "bench.jpg"
    photograph.write_bytes(render(41, seed=9, size=(640, 480))[0])
    (answer,) = json.loads(
        studio.command("detect", model["id"], str(photograph), "--json", "--score", "0.05")
    )
    assert (answer["image"], answer["width"], answer["height"]) == (str(photograph), 640, 480)
    assert len(answer["detections"]) > 0
    for found in answer["detections"]:
        assert set(found) == {"class", "score", "box"}
        x0, y0, x1, y1 = found["box"]
        assert 0 <= x0 <= x1 <= 640
        assert 0 <= y0 <= y1 <= 480
