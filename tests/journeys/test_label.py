"""Import a folder in the page, draw a box with the mouse, and find it wherever it must be."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.dataset import HOSTILE_NAMES, add_faults, write_voc_folder
from tests.journeys.importing import close_import, import_in_page
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser


def open_project(page: Any, name: str) -> None:
    page.locator("#project-select").select_option(label=name)


def open_image(page: Any, name: str) -> Any:
    """Open an image from the grid; returns the editor's root once the image is shown."""
    page.locator("#tab-images-button").click()
    page.get_by_role("button", name=f"Label {name}:").click()
    editor = page.locator(".studio-label")
    expect(page.locator(".st-image-name")).to_have_text(name)
    expect(editor).to_have_attribute("data-ready", re.compile(r"\d+"))
    return editor


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over the picture; points are fractions of its width and height."""
    area = page.locator(".st-overlay").bounding_box()
    spot = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in (start, end)]
    page.mouse.move(*spot[0])
    page.mouse.down()
    page.mouse.move(*spot[1], steps=5)
    page.mouse.up()


def stored_boxes(studio: RunningStudio, project: str, image_name: str) -> list[tuple[float, ...]]:
    """The boxes of a project's image as SQLite holds them, read past the program."""
    with sqlite3.connect(f"file:{studio.workspace / 'studio.db'}?mode=ro", uri=True) as database:
        query = (
            "SELECT box.x0, box.y0, box.x1, box.y1 FROM box JOIN image ON image.id = box.image_id "
            "JOIN project ON project.id = image.project_id "
            "WHERE project.name = ? AND image.name LIKE ? ORDER BY box.x0"
        )
        rows = database.execute(query, (project, f"%{image_name}")).fetchall()
    database.close()
    return rows


def test_a_box_drawn_with_the_mouse_is_in_the_database_and_still_there_after_a_reload(
    page: Any, studio: RunningStudio, tmp_path: Path
) -> None:
    folder = write_voc_folder(tmp_path / "parts", images=3)
    for annotation in (folder / "annotations").glob("*.xml"):
        annotation.unlink()
    import_in_page(page, folder, "hand drawn")
    close_import(page)
    open_project(page, "hand drawn")
    editor = open_image(page, "images/part-1.jpg")

    drag(page, (0.25, 0.25), (0.5, 0.75))
    page.get_by_placeholder(re.compile("class", re.IGNORECASE)).last.fill("nut")
    page.keyboard.press("Enter")
    expect(page.locator("rect.box, [data-box-id]").first).to_be_visible()
    expect(editor).to_have_attribute("data-saved", "true")

    (stored,) = stored_boxes(studio, "hand drawn", "part-1.jpg")
    assert stored == pytest.approx((80, 60, 160, 180), abs=1.5)

    page.reload()
    page.locator("#tab-label-button").click()
    expect(page.locator(".st-image-name")).to_have_text("images/part-1.jpg")
    expect(page.locator("[data-box-id]")).to_have_count(1)
    assert stored_boxes(studio, "hand drawn", "part-1.jpg") == [stored]


def test_bad_files_are_named_the_rest_is_in_and_no_name_is_executed(
    page: Any, studio: RunningStudio, tmp_path: Path
) -> None:
    folder = write_voc_folder(tmp_path / "mixed", images=2)
    add_faults(folder)

    said = import_in_page(page, folder, "mixed")

    problems = page.get_by_role("region", name="Problems")
    for file in ("truncated.jpg", "backwards.xml", "nowhere.xml"):
        expect(problems.get_by_role("cell", name=re.compile(re.escape(file))).first).to_be_visible()
    assert "4 images added" in said
    close_import(page)
    open_project(page, "mixed")
    open_image(page, "images/hostile.jpg")
    for name in HOSTILE_NAMES:
        expect(page.locator(".st-classes").get_by_text(name, exact=True)).to_be_visible()
    assert len(stored_boxes(studio, "mixed", "hostile.jpg")) == len(HOSTILE_NAMES)
    assert len(stored_boxes(studio, "mixed", "backwards.jpg")) == 1
