"""The Images screen: everything by which photographs come in, are found, changed, deleted and put back."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.dataset import write_voc_folder
from tests.journeys.dragging import drag_in
from tests.journeys.importing import run_import
from tests.journeys.known_project import jpeg, make_project, post
from tests.journeys.recorded_video import record_video
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser


def open_images(page: Any, studio: RunningStudio, project: int) -> Any:
    """Open the Images screen on a project; returns its root."""
    page.evaluate("(id) => localStorage.setItem('ssd-studio.project', String(id))", project)
    page.goto(studio.url)
    page.locator("#tab-images-button").click()
    screen = page.locator(".studio-images")
    expect(screen).to_have_attribute("data-ready", "true")
    return screen


def card(page: Any, name: str) -> Any:
    return page.locator(".st-view-photographs .st-card").filter(has_text=name)


def select(page: Any, name: str, *modifiers: str) -> None:
    card(page, name).hover()
    card(page, name).get_by_role("checkbox").click(modifiers=list(modifiers))


def shown_names(page: Any) -> list[str]:
    return list(page.locator(".st-view-photographs .st-card .st-name").all_text_contents())


def listed(studio: RunningStudio, project: int) -> dict[str, dict[str, Any]]:
    """The project's images by name, as the API tells."""
    images = studio.get(f"/api/projects/{project}/images?limit=500")["images"]
    return {image["name"]: image for image in images}


def test_pictures_dropped_anywhere_are_added_and_what_is_refused_is_named(
    page: Any, studio: RunningStudio
) -> None:
    project = post(studio, "projects", {"name": "dropped"})["id"]
    open_images(page, studio, project)
    expect(page.get_by_role("heading", name="Drop photographs, a folder or a zip")).to_be_visible()

    page.locator("#tab-home-button").click()
    red, blue = jpeg((200, 30, 30)), jpeg((30, 30, 200))
    drag_in(page, "dragover", ("red.jpg", "image/jpeg", red), ("blue.jpg", "image/jpeg", blue))
    expect(page.locator(".st-drop-overlay")).to_contain_text("Drop to add 2 photographs")
    drag_in(page, "drop", ("red.jpg", "image/jpeg", red), ("blue.jpg", "image/jpeg", blue))
    expect(page.locator(".st-drop-overlay")).to_be_hidden()
    expect(page.locator(".st-toast")).to_contain_text("2 photographs added.")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(card(page, "red.jpg")).to_be_visible()

    # The second drop comes while the first is under way, and waits.
    drag_in(page, "drop", ("letter.jpg", "image/jpeg", b"not a picture"))
    drag_in(page, "drop", ("green.jpg", "image/jpeg", jpeg((30, 200, 30))), ("red.jpg", "image/jpeg", red))
    expect(page.get_by_role("region", name="Refused files")).to_contain_text("letter.jpg")
    expect(card(page, "green.jpg")).to_be_visible()
    assert set(listed(studio, project)) == {"red.jpg", "blue.jpg", "green.jpg"}


def test_of_a_drop_pictures_come_in_at_once_and_each_zip_is_asked_about_in_turn(
    page: Any, studio: RunningStudio, tmp_path: Path
) -> None:
    archives = []
    for name, size in (("first", 2), ("second", 3)):
        folder = write_voc_folder(tmp_path / name, images=size)
        archives.append(Path(shutil.make_archive(str(tmp_path / name), "zip", folder)))
    project = post(studio, "projects", {"name": "several"})["id"]
    open_images(page, studio, project)
    zips = [(archive.name, "application/zip", archive.read_bytes()) for archive in archives]
    drag_in(page, "drop", zips[0], ("red.jpg", "image/jpeg", jpeg((200, 30, 30))), zips[1])
    dialog = page.get_by_role("dialog", name="Import a data set")
    for images in ("2", "3"):
        expect(dialog.locator("[data-fact=images] dd").first).to_have_text(images)
        # Where no corner makes it doubtful, nobody is asked what coordinates count from.
        expect(dialog.get_by_label("Pascal VOC's corners")).to_be_hidden()
        dialog.get_by_text("Cancel", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(card(page, "red.jpg")).to_be_visible()
    assert set(listed(studio, project)) == {"red.jpg"}


def test_tab_reaches_the_controls_of_one_card_only(page: Any, studio: RunningStudio) -> None:
    project = post(studio, "projects", {"name": "by tab"})["id"]
    open_images(page, studio, project)
    pictures = [(f"{shade}.jpg", "image/jpeg", jpeg((shade, 90, 90))) for shade in (10, 120, 230)]
    drag_in(page, "drop", *pictures)
    expect(page.locator(".st-view-photographs .st-card")).to_have_count(3)
    reachable = ".st-view-photographs .st-card :is(button, input):not([tabindex='-1'])"
    expect(page.locator(reachable)).to_have_count(3)  # the picture, its tick and its delete button
    card(page, "120.jpg").get_by_role("button", name=re.compile("^Label")).focus()
    expect(page.locator(reachable)).to_have_count(3)
    expect(card(page, "120.jpg").locator(":is(button, input):not([tabindex='-1'])")).to_have_count(3)


def test_a_zip_is_looked_at_before_it_comes_in_under_other_names(
    page: Any, studio: RunningStudio, tmp_path: Path
) -> None:
    folder = write_voc_folder(tmp_path / "parts", images=3)
    for file in [*folder.rglob("part-*")]:
        file.rename(file.with_stem(file.stem.replace("part", "zipped")))
    archive = Path(shutil.make_archive(str(tmp_path / "small parts"), "zip", folder))
    project = post(studio, "projects", {"name": "zipped"})["id"]
    post(studio, f"projects/{project}/classes", {"name": "Nuts"})
    open_images(page, studio, project)

    drag_in(page, "drop", ("small parts.zip", "application/zip", archive.read_bytes()))
    dialog = page.get_by_role("dialog", name="Import a data set")
    expect(dialog.get_by_label("Into project")).to_have_value("zipped")
    expect(dialog.locator("[data-fact=images]")).to_contain_text("3")
    expect(dialog.get_by_label("Format").locator("option:checked")).to_contain_text("Pascal VOC")
    dialog.get_by_label("Name for nut").fill("Nuts")
    dialog.get_by_label("Take washer").uncheck()
    expect(dialog.get_by_text("Class of the project")).to_be_visible()
    run_import(dialog)
    dialog.get_by_role("button", name="Show the images").click()

    expect(page.locator(".st-view-photographs .st-card")).to_have_count(3)
    classes = {each["name"]: each["boxes"] for each in studio.get(f"/api/projects/{project}/classes")}
    assert set(classes) == {"Nuts", "bolt"}
    drawn = page.locator(".st-view-photographs .st-card-boxes rect")
    assert drawn.count() == sum(classes.values()) > 0


def test_many_are_changed_at_once_taken_back_deleted_and_put_back(page: Any, studio: RunningStudio) -> None:
    project = make_project(studio, "many at once")
    open_images(page, studio, project)

    select(page, "a.jpg")
    select(page, "c.jpg", "Shift")
    bar = page.get_by_role("toolbar", name="Selected images")
    expect(bar).to_contain_text("3 selected")
    bar.get_by_role("button", name="Split").click()
    page.get_by_role("menuitem", name="Validation").click()
    expect(card(page, "b.jpg")).to_contain_text("Val")
    assert [image["split"] for image in listed(studio, project).values()] == ["val", "val", "val", None]
    page.get_by_role("button", name="Undo").click()
    expect(card(page, "b.jpg")).not_to_contain_text("Val")
    assert {image["split"] for image in listed(studio, project).values()} == {None}

    page.keyboard.press("Control+a")
    expect(bar).to_contain_text("4 selected")
    bar.get_by_role("button", name="Mark").click()
    page.get_by_role("menuitem", name="Without objects").click()
    expect(page.locator(".st-toast").last).to_contain_text("left as they are")  # those with boxes
    expect(card(page, "d.jpg")).to_contain_text("No objects")

    select(page, "a.jpg")
    bar.get_by_role("button", name="Delete").click()
    card(page, "b.jpg").hover()
    page.get_by_role("button", name="Delete b.jpg").click()
    expect(page.locator(".st-view-photographs .st-card")).to_have_count(2)
    page.get_by_role("tab", name="Bin").click()
    expect(page.locator(".st-binned")).to_have_count(2)
    expect(page.locator(".st-bin-head")).to_contain_text("30 days")
    page.get_by_role("button", name="Put a.jpg back").click()
    expect(page.locator(".st-binned")).to_have_count(1)
    assert listed(studio, project)["a.jpg"]["boxes"] == 2

    page.get_by_role("button", name="Empty the bin").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Remove for good")).to_be_disabled()
    dialog.get_by_role("textbox").fill("empty the bin")
    dialog.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_role("heading", name="The bin is empty")).to_be_visible()
    assert set(listed(studio, project)) == {"a.jpg", "c.jpg", "d.jpg"}


def test_filters_and_a_search_narrow_the_grid_survive_a_reload_and_lead_the_label_screen(
    page: Any, studio: RunningStudio
) -> None:
    project = make_project(studio, "narrowed")
    open_images(page, studio, project)
    expect(page.locator("[data-filter=labelled] .st-count")).to_have_text("2")

    page.get_by_label("Class", exact=True).select_option(label="nut")
    expect(page.locator(".st-page-range")).to_have_text("1 image")
    assert shown_names(page) == ["a.jpg"]
    page.get_by_role("button", name="Clear filters").click()
    page.locator("[data-filter=labelled]").click()
    page.get_by_label("Order").select_option(label="Most boxes first")
    expect(page.locator(".st-page-range")).to_have_text("2 images")
    assert shown_names(page) == ["a.jpg", "b.jpg"]

    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "text=" in sent.url else None)
    search = page.get_by_role("searchbox", name="Find by name or note")
    search.press_sequentially("zebra", delay=15)
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    assert len(asked) == 1  # typing asks once
    search.fill("B.J")
    expect(card(page, "b.jpg")).to_be_visible()

    page.reload()
    page.locator("#tab-images-button").click()
    expect(page.locator(".st-page-range")).to_have_text("1 image")
    assert shown_names(page) == ["b.jpg"]
    expect(search).to_have_value("B.J")
    page.get_by_role("button", name=re.compile("^Label b.jpg")).click()
    expect(page.locator(".studio-label")).to_have_attribute("data-ready", re.compile(r"\d+"))
    queue = page.evaluate("(id) => localStorage.getItem('ssd-studio.queue.' + id)", project)
    assert queue == '{"status":"labelled","text":"B.J"}'


def test_the_webcam_takes_photographs_that_are_added_when_asked(page: Any, studio: RunningStudio) -> None:
    project = post(studio, "projects", {"name": "webcam"})["id"]
    open_images(page, studio, project)
    page.get_by_role("button", name="Capture from webcam").click()
    dialog = page.get_by_role("dialog", name="Capture from webcam")
    expect(dialog.get_by_role("button", name="Take a photograph")).to_be_enabled()
    page.wait_for_function("() => document.querySelector('.st-webcam-picture').videoWidth > 0")
    for taken in (1, 2, 3):
        page.keyboard.press("Space")
        expect(dialog.locator(".st-shot")).to_have_count(taken)
    dialog.get_by_role("button", name="Throw this photograph away").first.click()
    dialog.get_by_role("button", name="Add 2 photographs").click()
    expect(page.locator(".st-view-photographs .st-card")).to_have_count(2)
    assert all(
        re.match(r"webcam-\d{4}-\d\d-\d\d-\d{6}-\d\d.*\.jpg", name) for name in listed(studio, project)
    )


def test_frames_of_a_video_are_taken_where_the_picture_changes(page: Any, studio: RunningStudio) -> None:
    project = post(studio, "projects", {"name": "filmed"})["id"]
    open_images(page, studio, project)
    record_video(page, ".st-choose-video", "yard.webm", ("#000000", "#ffffff", "#777777"), 14)
    dialog = page.get_by_role("dialog", name="Photographs from yard.webm")
    dialog.get_by_label("Seconds between frames").fill("0.5")
    expect(dialog.locator(".st-video-count")).to_have_text(re.compile(r"That makes [4-6] photographs"))
    dialog.locator("input[value=different]").check()
    expect(dialog.locator(".st-video-count")).to_have_text("That makes 3 photographs.")
    dialog.get_by_role("button", name="Add 3 frames").click()
    expect(page.locator(".st-view-photographs .st-card")).to_have_count(3)
    names = sorted(listed(studio, project))
    assert names[0] == "yard-00000.00s.jpg"
    assert all(re.fullmatch(r"yard-\d{5}\.\d\ds\.jpg", name) for name in names)
    assert {image["width"] for image in listed(studio, project).values()} == {160}
