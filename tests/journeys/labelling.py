"""A project to label on, made over the API, and the Label screen's handles."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import expect

from data.samples import render
from tests.journeys.running_studio import RunningStudio


@dataclass(frozen=True)
class LabelProject:
    """A project of unlabelled images with classes: its id, its images' ids by name, its classes' ids."""

    id: int
    images: dict[str, int]
    classes: dict[str, int]


def make_project(
    studio: RunningStudio, name: str, images: int, classes: tuple[str, ...] = ("nut",)
) -> LabelProject:
    """Make a project with rendered pictures of 320 × 240 pixels called ``part-1.jpg`` and so on."""
    with httpx.Client(base_url=f"{studio.url}/api", timeout=60) as client:
        project = client.post("/projects", json={"name": name}).raise_for_status().json()["id"]
        files = [
            ("files", (f"part-{number}.jpg", render(number, seed=5, size=(320, 240))[0], "image/jpeg"))
            for number in range(1, images + 1)
        ]
        client.post(f"/projects/{project}/images", files=files).raise_for_status()
        made = {}
        for each in classes:
            answer = client.post(f"/projects/{project}/classes", json={"name": each}).raise_for_status()
            made[each] = answer.json()["id"]
        page = client.get(f"/projects/{project}/images?limit=500").raise_for_status().json()
    return LabelProject(project, {image["name"]: image["id"] for image in page["images"]}, made)


def open_label(page: Any, studio: RunningStudio, project: LabelProject) -> Any:
    """Open the Label screen on a project; returns its root once an image is shown."""
    if not page.url.startswith(studio.url):
        page.goto(studio.url)
    page.evaluate("(id) => localStorage.setItem('ssd-studio.project', String(id))", project.id)
    page.goto(studio.url)
    page.locator("#tab-label-button").click()
    editor = page.locator(".studio-label")
    expect(editor).to_have_attribute("data-ready", re.compile(r"\d+"), timeout=30_000)
    return editor


def shows(page: Any, name: str) -> None:
    """Wait until the Label screen shows the image of this name."""
    expect(page.locator(".st-image-name")).to_have_text(name)


def draw(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a box with the mouse; points are fractions of the picture's width and height."""
    area = page.locator(".st-overlay").bounding_box()
    spots = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in (start, end)]
    page.mouse.move(*spots[0])
    page.mouse.down()
    page.mouse.move(*spots[1], steps=3)
    page.mouse.up()


def stored(studio: RunningStudio, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows as SQLite holds them, read past the program."""
    database = sqlite3.connect(f"file:{studio.workspace / 'studio.db'}?mode=ro", uri=True)
    try:
        return database.execute(query, values).fetchall()
    finally:
        database.close()


def box_ids(studio: RunningStudio, image_id: int) -> set[str]:
    """The ids of an image's boxes in the database."""
    return {row[0] for row in stored(studio, "SELECT id FROM box WHERE image_id = ?", image_id)}
