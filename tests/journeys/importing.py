"""Importing a data set in the page, the way a person does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect


def import_in_page(page: Any, folder: Path, project: str) -> str:
    """Import a folder of this computer through the dialog; returns what the page says of it.

    The dialog stays open, so that its problems can be looked at; ``close_import`` leaves it.
    """
    page.locator("#tab-home-button").click()
    page.get_by_role("button", name="Import a data set").click()
    dialog = page.get_by_role("dialog", name="Import a data set")
    dialog.get_by_label("Path of a folder or zip").fill(str(folder))
    dialog.get_by_role("button", name="Read it").click()
    dialog.get_by_label("Into project").fill(project)
    run_import(dialog)
    return str(dialog.locator(".st-import-result").text_content())


def run_import(dialog: Any) -> None:
    """Import as the dialog says, once what will come in is shown, and wait for the end."""
    plan = dialog.locator(".st-import-plan:not([aria-busy])")
    expect(plan).to_be_visible(timeout=60_000)
    button = dialog.get_by_role("button", name="Import", exact=True)
    expect(button).to_be_enabled()
    button.click()
    expect(dialog.locator(".st-import-result")).to_be_visible(timeout=120_000)


def close_import(page: Any) -> None:
    """Leave the dialog after an import."""
    page.get_by_role("dialog", name="Import a data set").get_by_text("Close", exact=True).click()
