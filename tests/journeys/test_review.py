"""Decide in Review what a model and the labels disagree about, with the keyboard alone."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from app.jobs.evaluation import write_json
from app.services.review import LastLook
from data import findings, models
from data.database import Database
from data.findings import Doubt, LookedAt
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
        findings.put(session, "m-doubts", [LookedAt(first["id"], first["revision"], [missing])])
        unseen = Doubt("unseen_box", bolt, tuple(drawn["box"]), 0.5, None, drawn["id"])
        findings.put(session, "m-doubts", [LookedAt(second["id"], second["revision"], [unseen])])
    database.close()
    look = LastLook("m-doubts", "doubts 1", 4, 0, (), 0.1, recall=0.31, left_out=564)
    write_json(studio.workspace / "cache" / "review" / f"project-{project}.json", asdict(look))
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
    expect(review).to_contain_text("The worst doubts are listed, 564 lesser ones left out.")
    expect(review.get_by_role("note")).to_contain_text("finds 31 % of your boxes itself: many of its doubts")

    # A list that was read before a decision, and comes behind it, is not believed.
    listing = re.compile(r"/review\?$")
    before, held = studio.get(f"/api/projects/{project}/review"), []
    page.route(listing, lambda route: held.append(route), times=1)
    with page.expect_request(listing):
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.keyboard.press("Enter")
    expect(words).to_have_text("A box “bolt” is drawn here, and the model sees nothing like it.")
    with page.expect_request(listing):
        held[0].fulfill(json=before)
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
    expect(review.get_by_role("heading", name="All that was listed is decided")).to_be_visible()
    expect(review).to_contain_text("1 mended, 1 left as it was")
