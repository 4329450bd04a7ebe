"""Decide in Review what a model and the labels disagree about, with the keyboard alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from data import findings, models
from data.database import Database
from data.findings import Doubt
from data.records import Model
from tests.journeys.known_project import make_project
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser

MISSING = (140.0, 20.0, 180.0, 60.0)


def doubted_project(studio: RunningStudio) -> int:
    """A project in which a model misses a nut on one picture and does not see the bolt of another."""
    project = make_project(studio, "in doubt")
    nut, bolt = (each["id"] for each in studio.get(f"/api/projects/{project}/classes"))
    first, second, *_ = studio.get(f"/api/projects/{project}/images")["images"]
    (drawn,) = studio.get(f"/api/images/{second['id']}/boxes")["boxes"]
    database = Database.open(f"sqlite:///{studio.workspace / 'studio.db'}", studio.workspace)
    with database.write() as session:
        models.register(
            session, Model("m-doubts", project, None, "doubts 1", ("nut", "bolt"), {}, datetime.now(UTC))
        )
        missing = Doubt("missing_box", nut, MISSING, 0.9, 0.97)
        findings.put(session, first["id"], "m-doubts", first["revision"], [missing])
        unseen = Doubt("unseen_box", bolt, tuple(drawn["box"]), 0.5, None, drawn["id"])
        findings.put(session, second["id"], "m-doubts", second["revision"], [unseen])
    database.close()
    return project


def test_findings_are_decided_taken_back_and_opened_by_keys(page: Any, studio: RunningStudio) -> None:
    project = doubted_project(studio)
    first = studio.get(f"/api/projects/{project}/images")["images"][0]

    def drawn() -> list[Any]:
        boxes = studio.get(f"/api/images/{first['id']}/boxes")["boxes"]
        return [each["box"] for each in boxes if each["source"] == "model:m-doubts"]

    page.locator("#project-select").select_option(value=str(project))
    page.locator("#tab-review-button").click()
    review = page.locator(".studio-review")
    words = review.locator(".st-review-words")
    all_of_them = review.get_by_role("tab", name="All")
    expect(words).to_have_text("The model is 97 % sure of “nut” here, and no box is drawn.")
    expect(all_of_them).to_contain_text("2")
    expect(review.locator(".st-found-line").first).to_be_visible()

    page.keyboard.press("Enter")
    expect(words).to_have_text("A box “bolt” is drawn here, and the model sees nothing like it.")
    assert drawn() == [list(MISSING)]
    page.keyboard.press("u")
    expect(words).to_have_text("The model is 97 % sure of “nut” here, and no box is drawn.")
    expect(all_of_them).to_contain_text("2")
    assert drawn() == []

    page.keyboard.press("n")
    expect(all_of_them).to_contain_text("1")
    page.keyboard.press("o")
    expect(page.locator("#tab-label-button")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".studio-label")).to_contain_text("b.jpg")
    page.locator("#tab-review-button").click()
    expect(words).to_have_text("A box “bolt” is drawn here, and the model sees nothing like it.")
    review.get_by_role("button", name="Delete the box").click()
    expect(review.get_by_role("heading", name="All is decided")).to_be_visible()
    expect(review).to_contain_text("1 mended, 1 left as it was")
