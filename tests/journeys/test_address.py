"""The page's address: what is shown comes back after a reload, by Back, and in a second window."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.labelling import make_project, open_label, shows
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser


def test_the_address_says_what_is_shown_and_shows_what_it_says(page: Any, studio: RunningStudio) -> None:
    project = make_project(studio, "Addressed", 3)
    second = project.images["part-2.jpg"]
    open_label(page, studio, project)
    shows(page, "part-1.jpg")
    page.locator(".st-view").focus()
    page.keyboard.press("d")
    shows(page, "part-2.jpg")
    expect(page).to_have_url(f"{studio.url}/#label/{project.id}/{second}")

    page.get_by_role("tab", name="Train", exact=True).click()
    expect(page).to_have_url(f"{studio.url}/#train/{project.id}")
    page.go_back()
    expect(page.locator(".studio-label")).to_be_visible()
    shows(page, "part-2.jpg")
    page.reload()
    shows(page, "part-2.jpg")

    other = page.context.new_page()
    other.goto(f"{studio.url}/#label/{project.id}/{project.images['part-3.jpg']}")
    shows(other, "part-3.jpg")
    other.goto("about:blank")
    other.goto(f"{studio.url}/#train/999999")
    expect(other.get_by_text("No project is open")).to_be_visible()
    expect(other).to_have_url(re.compile(r"/#train$"))
    other.go_back()
    expect(other).to_have_url("about:blank")
    other.close()
