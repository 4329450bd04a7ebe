"""The Label screen as a person's hands use it: places in the photograph's pixels, real mouse and keys."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.journeys.running_studio import RunningStudio

Place = tuple[float, float]
Corners = tuple[float, float, float, float]
GROUND, PATCH = (40, 60, 50), (250, 30, 200)


def picture(size: tuple[int, int], patch: Corners | None = None, orientation: int = 1) -> bytes:
    """A plain JPEG with a pink patch, written so that EXIF `orientation` turns it upright to `size`."""
    upright = Image.new("RGB", size, GROUND)
    if patch is not None:
        x0, y0, x1, y1 = patch
        ImageDraw.Draw(upright).rectangle((x0, y0, x1 - 1, y1 - 1), fill=PATCH)
    undo = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    for turn in undo.get(orientation, []):
        upright = upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    upright.save(stream, "JPEG", quality=95, exif=exif)
    return stream.getvalue()


#: Where the photograph lies after the next frame.
NEXT_FRAME = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
  done(document.querySelector(".st-overlay").getBoundingClientRect().toJSON()))))"""
#: Whether the photograph has lain still for ten frames: strips around it arrive after it.
AT_REST = """() => {
  const { x, y, width, height } = document.querySelector(".st-overlay").getBoundingClientRect();
  const [place, before] = [[x, y, width, height].join(), window.lastPlace];
  window.framesAtRest = width > 0 && place === before ? (window.framesAtRest ?? 0) + 1 : 0;
  window.lastPlace = place;
  return window.framesAtRest >= 10;
}"""


@dataclass(frozen=True)
class DrawingDesk:
    """One project with its photographs open in the page."""

    page: Any
    studio: RunningStudio
    project: int
    images: dict[str, int]

    @classmethod
    def with_pictures(
        cls, page: Any, studio: RunningStudio, name: str, pictures: dict[str, bytes], classes: list[str]
    ) -> DrawingDesk:
        """Make a project, upload the pictures and open the first."""
        with httpx.Client(base_url=f"{studio.url}/api", timeout=60) as client:
            project = client.post("/projects", json={"name": name}).raise_for_status().json()["id"]
            files = [("files", (file, content)) for file, content in pictures.items()]
            client.post(f"/projects/{project}/images", files=files).raise_for_status()
            for label in classes:
                client.post(f"/projects/{project}/classes", json={"name": label}).raise_for_status()
            listed = client.get(f"/projects/{project}/images").raise_for_status().json()["images"]
        desk = cls(page, studio, project, {image["name"]: image["id"] for image in listed})
        desk.open(next(iter(pictures)))
        return desk

    @property
    def editor(self) -> Any:
        return self.page.locator(".studio-label")

    def open(self, name: str) -> None:
        """Show a photograph on the Label screen."""
        self.page.wait_for_function("window.ssdStudio && document.querySelector('#tab-label-button')")
        self.page.evaluate(
            "([project, id]) => { ssdStudio.setProject(project); ssdStudio.openImage(id); }",
            [self.project, self.images[name]],
        )
        self.page.locator("#tab-label-button").click()
        expect(self.editor).to_have_attribute("data-ready", str(self.images[name]))
        self.at_rest()

    def at_rest(self) -> None:
        """Wait until the photograph lies still on the screen."""
        self.page.wait_for_function(AT_REST)

    def size(self) -> tuple[float, float]:
        """Width and height of the photograph shown, as the server has them."""
        ready = self.editor.get_attribute("data-ready")
        image = self.studio.get(f"/api/images/{ready}")["image"]
        return image["width"], image["height"]

    def zoom(self) -> float:
        return float(self.area()["width"] / self.size()[0])

    def area(self) -> dict[str, float]:
        """Where the photograph lies on the screen, once what was asked for is drawn."""
        return dict(self.page.evaluate(NEXT_FRAME))

    def on_screen(self, x: float, y: float) -> Place:
        """Where a pixel of the photograph is on the screen, to a whole screen pixel."""
        area = self.area()
        width, height = self.size()
        return round(area["x"] + x * area["width"] / width), round(area["y"] + y * area["height"] / height)

    def in_picture(self, left: float, top: float) -> Place:
        """The place of the photograph under a place on the screen."""
        area = self.area()
        width, height = self.size()
        return (left - area["x"]) * width / area["width"], (top - area["y"]) * height / area["height"]

    def exact(self, *places: Place) -> list[Place]:
        """Places as the mouse can reach them."""
        return [self.in_picture(*self.on_screen(*place)) for place in places]

    def point(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.on_screen(x, y))

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.on_screen(x, y))

    def drag(self, start: Place, end: Place, button: str = "left") -> None:
        """Press at one pixel of the photograph, move, and let go at another."""
        # The view may move under the pointer, as when panning: both places are taken beforehand.
        spots = self.on_screen(*start), self.on_screen(*end)
        self.page.mouse.move(*spots[0])
        self.page.mouse.down(button=button)
        self.page.mouse.move(*spots[1], steps=4)
        self.page.mouse.up(button=button)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def selected(self) -> Any:
        return self.page.locator("rect.box.selected")

    def saved(self) -> None:
        expect(self.editor).to_have_attribute("data-saved", "true")

    def stored(self, name: str) -> list[Corners]:
        """The boxes of a photograph as SQLite holds them once the page says saved, by their left side."""
        return [row[1:] for row in self.stored_with_class(name)]

    def stored_with_class(self, name: str) -> list[tuple[str, float, float, float, float]]:
        """As `stored`, with the class's name before the corners."""
        self.saved()
        query = (
            "SELECT label_class.name, box.x0, box.y0, box.x1, box.y1 FROM box "
            "JOIN label_class ON label_class.id = box.class_id WHERE box.image_id = ? ORDER BY box.x0, box.y0"
        )
        database = sqlite3.connect(f"file:{self.studio.workspace / 'studio.db'}?mode=ro", uri=True)
        try:
            return database.execute(query, (self.images[name],)).fetchall()
        finally:
            database.close()

    def patch_on_screen(self) -> Corners:
        """Where the screen shows the pink patch, found in a screenshot."""
        view = self.page.locator(".st-view").bounding_box()
        shot = Image.open(io.BytesIO(self.page.screenshot(clip=view))).convert("RGB")
        is_pink = [band.point(pink) for band, pink in zip(shot.split(), PINK_BANDS, strict=True)]
        box = (
            Image.merge("RGB", is_pink).convert("L").point(lambda value: 255 if value > 250 else 0).getbbox()
        )
        assert box is not None, "no patch to be seen"
        left, top = view["x"], view["y"]
        return left + box[0], top + box[1], left + box[2], top + box[3]


PINK_BANDS = (
    [255 if value > 200 else 0 for value in range(256)],
    [255 if value < 100 else 0 for value in range(256)],
    [255 if value > 150 else 0 for value in range(256)],
)


def close_to(*boxes: Corners, within: float = 0.02) -> Any:
    """Boxes equal to these, to a fiftieth of a pixel unless said otherwise."""
    return [pytest.approx(corners, abs=within) for corners in boxes]
