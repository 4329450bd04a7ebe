"""The studio on a telephone's screen."""

from __future__ import annotations

import re
import time
from typing import Any

from playwright.sync_api import expect

from tests.journeys.running_studio import RunningStudio

SCREENS = ("Home", "Images", "Label", "Review", "Train", "Evaluate", "Models", "Live")


def test_every_screen_is_one_tap_away_on_a_telephone_however_late_the_styles_come(
    browser: Any, studio: RunningStudio
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()

    def late(route: Any) -> None:
        time.sleep(1.0)
        route.continue_()

    page.route(re.compile(r"/ui/styles/"), late)
    page.goto(studio.url)
    for name in SCREENS:
        tab = page.get_by_role("tab", name=name, exact=True)
        tab.tap()
        expect(tab).to_have_attribute("aria-selected", "true")
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    context.close()
