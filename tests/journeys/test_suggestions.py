"""A model's suggestions on the Label screen: ghosts that a person accepts, rejects and takes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from data import images, looks, models
from data.database import Database
from data.looks import Waiting
from data.records import Model
from tests.journeys.labelling import LabelProject, make_project, open_label, shows, stored
from tests.journeys.running_studio import RunningStudio

REASON = "The model is unsure of a box (0.20)"


@pytest.fixture
def suggested(studio: RunningStudio, request: pytest.FixtureRequest) -> LabelProject:
    """Three images, with three sure suggestions, two and one, and an unsure one on each."""
    project = make_project(studio, f"Ghosts {request.node.name[:40]}", 3)
    model = f"ghosts-{project.id}"
    nut = project.classes["nut"]
    database = Database.open(f"sqlite:///{studio.workspace / 'studio.db'}", studio.workspace)
    with database.write() as session:
        models.register(session, Model(model, project.id, None, "nuts 2", ("nut",), {}, datetime.now(UTC)))
        for image_id, sure in zip(project.images.values(), (3, 2, 1), strict=True):
            image = images.get(session, image_id)
            seen = Waiting(image_id, image.name, image.sha256, image.revision)
            found = [(nut, (20 + 90 * k, 40, 80 + 90 * k, 120), 0.9 - k / 10) for k in range(sure)]
            unsure = (nut, (20, 150, 80, 210), 0.2)
            looks.note(session, seen, model, 0.5, REASON, None, [*found, unsure])
    database.close()
    return project


def states_of(studio: RunningStudio, page: Any, image_id: int) -> list[str]:
    """What is stored of an image's suggestions, the surest first, once everything is saved."""
    expect(page.locator(".studio-label")).to_have_attribute("data-saved", "true")
    query = "SELECT state FROM suggestion WHERE image_id = ? ORDER BY score DESC"
    return [row[0] for row in stored(studio, query, image_id)]


def middle_of(shape: Any) -> tuple[float, float]:
    """Where a mouse or a finger has to go to be on it."""
    place = shape.bounding_box()
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def test_ghosts_are_accepted_rejected_taken_back_kept_over_a_reload_and_gone_through_by_enter_alone(
    page: Any, studio: RunningStudio, suggested: LabelProject
) -> None:
    def states() -> list[str]:
        return states_of(studio, page, suggested.images["part-1.jpg"])

    def point_at(number: int) -> None:
        page.mouse.move(*middle_of(ghosts.nth(number)))

    model = {"id": f"ghosts-{suggested.id}", "name": "nuts 2"}
    offer = {"offer": True, "new_labels": 12, "batch": 1, "since_model": model, "seconds": 178}
    page.route("**/retrain-offer", lambda asked: asked.fulfill(json=offer))
    editor = open_label(page, studio, suggested)
    ghosts = page.locator(".st-stage rect.ghost")
    boxes = page.locator(".st-stage rect.box:not(.ghost)")
    bar = page.get_by_role("region", name="Suggestions")
    expect(ghosts).to_have_count(3)
    expect(bar).to_contain_text("by nuts 2")
    expect(page.locator(".st-image-reason")).to_have_text(REASON)
    retrain = editor.locator(".st-retrain")
    expect(retrain).to_contain_text("12 new labels since nuts 2: training again takes about 3 min")

    point_at(1)
    page.keyboard.press("Delete")
    expect(ghosts).to_have_count(2)
    page.keyboard.press("Enter")
    expect(boxes).to_have_count(2)
    expect(bar).to_contain_text("None at score 0.50 or more; 1 below it.")
    assert states() == ["accepted", "rejected", "accepted", "open"]

    for _ in range(2):
        page.keyboard.press("Control+z")
    expect(ghosts).to_have_count(3)
    assert states() == ["open"] * 4

    point_at(0)
    page.mouse.down()
    page.mouse.up()
    expect(boxes).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    expect(ghosts).to_have_count(1)
    assert states() == ["accepted", "rejected", "open", "open"]
    open_label(page, studio, suggested)
    expect(ghosts).to_have_count(1)
    expect(boxes).to_have_count(1)

    page.evaluate("(id) => ssdStudio.setQueue(id, { suggested: true })", suggested.id)
    for name, number in (("part-2.jpg", 2), ("part-3.jpg", 1)):
        shows(page, name)
        page.keyboard.press("Enter")
        expect(boxes).to_have_count(number)
        expect(editor).to_have_attribute("data-saved", "true")
        page.keyboard.press("Enter")
    expect(page.get_by_text("No image matches the filter")).to_be_visible()

    begun: list[str] = []
    page.route("**/retrain", lambda asked: (begun.append(asked.request.method), asked.fulfill(json={})))
    retrain.get_by_role("button", name="Train again").click()
    expect(page.locator("#tab-train-button")).to_have_attribute("aria-selected", "true")
    assert begun == ["POST"]


def test_a_finger_accepts_and_rejects_with_a_bar_and_a_mouse_rejects_with_a_cross(
    page: Any, studio: RunningStudio, suggested: LabelProject
) -> None:
    open_label(page, studio, suggested)
    ghosts = page.locator(".st-stage rect.ghost")
    bar = page.get_by_role("group", name="Selected suggestion")
    expect(ghosts).to_have_count(3)
    page.mouse.move(*middle_of(ghosts.nth(1)))
    page.get_by_role("button", name="Reject this suggestion").click()
    expect(ghosts).to_have_count(2)

    wire = page.context.new_cdp_session(page)
    wire.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})

    def tap(shape: Any) -> None:
        x, y = middle_of(shape)
        wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    for choice, left in (("Reject", 1), ("Accept", 0)):
        tap(ghosts.nth(0))
        expect(ghosts).to_have_count(left + 1)
        tap(bar.get_by_role("button", name=choice))
        expect(ghosts).to_have_count(left)
        expect(bar).to_be_hidden()
    states = states_of(studio, page, suggested.images["part-1.jpg"])
    assert states == ["rejected", "rejected", "accepted", "open"]
    wire.detach()
