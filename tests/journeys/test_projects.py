"""Projects and classes as a person handles them in the page, and what the statistics say of known boxes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.journeys.known_project import make_project
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser


def card(page: Any, name: str) -> Any:
    """The Home screen's card of the project of that very name."""
    exactly = page.locator(".st-project-name", has_text=re.compile(f"^{re.escape(name)}$"))
    return page.locator(".st-project-card").filter(has=exactly)


def choose(page: Any, holder: Any, item: str) -> None:
    """Choose an item of the menu of a card or row."""
    holder.locator('[data-symbol="more"]').click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def open_view(page: Any, project: int, view: str) -> Any:
    """Open a project by its card and show a view of its Images screen."""
    page.locator("#tab-home-button").click()
    page.locator(f'.st-project[data-project-id="{project}"]').click()
    page.locator(f'.studio-images [role="tab"][data-view="{view}"]').click()
    root = page.locator(f".st-view-{view}")
    expect(root).to_have_attribute("data-ready", "true")
    return root


def names_of(classes: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in classes if not each["archived"]]


def test_a_project_is_created_renamed_archived_and_deleted_by_its_typed_name(
    page: Any, studio: RunningStudio
) -> None:
    page.get_by_label("Name of the project").fill("Garden birds")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Garden birds – SSD Studio")
    (made,) = [each for each in studio.get("/api/projects") if each["name"] == "Garden birds"]

    page.get_by_role("link", name="SSD Studio, home").click()
    choose(page, card(page, "Garden birds"), "Rename…")
    page.get_by_label("Name", exact=True).fill("Birds")
    page.keyboard.press("Enter")
    expect(card(page, "Birds")).to_be_visible()
    expect(page).to_have_title("Birds – SSD Studio")

    choose(page, card(page, "Birds"), "Archive")
    expect(card(page, "Birds")).to_be_hidden()
    assert studio.get(f"/api/projects/{made['id']}")["archived"]
    page.locator(".st-archive summary").click()
    choose(page, card(page, "Birds"), "Take out of the archive")
    expect(
        page.get_by_role("list", name="Projects", exact=True).locator(".st-project-name", has_text="Birds")
    ).to_be_visible()

    choose(page, card(page, "Birds"), "Delete…")
    dialog = page.get_by_role("dialog")
    delete = dialog.get_by_role("button", name="Delete for good")
    expect(delete).to_be_disabled()
    dialog.get_by_role("textbox").fill("birds")
    expect(delete).to_be_disabled()
    dialog.get_by_role("textbox").fill("Birds")
    delete.click()
    expect(card(page, "Birds")).to_have_count(0)
    expect(page.locator("#project-select option:checked")).not_to_have_text("Birds")
    assert made["id"] not in [each["id"] for each in studio.get("/api/projects")]


def test_a_dialog_is_left_by_escape_and_by_a_press_beside_it_and_gives_focus_back(
    page: Any, studio: RunningStudio
) -> None:
    make_project(studio, "left alone")
    page.evaluate("dispatchEvent(new Event('focus'))")
    dialog = page.get_by_role("dialog")
    more = card(page, "left alone").locator('[data-symbol="more"]')
    choose(page, card(page, "left alone"), "Rename…")
    expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(more).to_be_focused()

    choose(page, card(page, "left alone"), "Rename…")
    dialog.get_by_label("Name", exact=True).fill("never saved")
    page.mouse.click(5, 5)
    expect(dialog).to_have_count(0)
    assert "never saved" not in [each["name"] for each in studio.get("/api/projects")]


def test_classes_are_renamed_recoloured_reordered_merged_archived_and_deleted(
    page: Any, studio: RunningStudio
) -> None:
    project = make_project(studio, "classes at work")
    page.evaluate("dispatchEvent(new Event('focus'))")
    root = open_view(page, project, "classes")
    row = root.locator(".st-class-row")

    def stored() -> list[dict[str, Any]]:
        return list(studio.get(f"/api/projects/{project}/classes"))

    root.get_by_label("Add a class", exact=True).fill("washer")
    page.keyboard.press("Enter")
    expect(row).to_have_count(3)
    expect(row.nth(0).locator(".st-class-boxes")).to_have_text("2")

    root.get_by_label("Name of washer").fill("ring")
    page.keyboard.press("Enter")
    expect(root.get_by_label("Name of ring")).to_have_value("ring")
    row.nth(2).locator(".st-colour").click()
    page.get_by_role("button", name="#007744").last.click()
    expect(row.nth(2).locator(".st-colour")).to_have_css("background-color", "rgb(0, 119, 68)")
    assert (stored()[2]["name"], stored()[2]["colour"].upper()) == ("ring", "#007744")

    root.get_by_role("button", name="Move ring").press("ArrowUp")
    expect(row.nth(1).locator(".st-class-name")).to_have_value("ring")
    expect(root.get_by_role("button", name="Move ring")).to_be_focused()
    grip, goal = (row.nth(place).locator('[data-symbol="grip"]').bounding_box() for place in (0, 2))
    page.mouse.move(grip["x"] + 10, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(goal["x"] + 10, goal["y"] + 30, steps=8)
    ids = {each["name"]: each["id"] for each in stored()}
    wanted = json.dumps({"ids": [ids[name] for name in ("ring", "bolt", "nut")]}, separators=(",", ":"))
    with page.expect_response(lambda got: got.request.post_data == wanted):
        page.mouse.up()
    expect(row.nth(2).locator(".st-class-name")).to_have_value("nut")
    expect(row.nth(2).locator(".st-class-key")).to_have_text("3")
    assert names_of(stored()) == ["ring", "bolt", "nut"]

    root.get_by_label("Name of bolt").fill("nut")
    page.keyboard.press("Enter")
    root.get_by_role("button", name="Merge the two…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 box on 1 image becomes a box of “nut”")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(
        root.locator(".st-class-row", has=page.get_by_label("Name of nut")).locator(".st-class-boxes")
    ).to_have_text("3")
    assert names_of(stored()) == ["ring", "nut"]

    choose(page, root.locator(".st-class-row", has=page.get_by_label("Name of ring")), "Archive")
    expect(root.get_by_role("list", name="Archived classes")).to_be_hidden()
    expect(root.get_by_label("Name of ring")).to_be_hidden()
    assert names_of(stored()) == ["nut"]
    root.locator(".st-archive summary").click()
    choose(page, root.locator(".st-class-row", has=page.get_by_label("Name of ring")), "Delete")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(root.get_by_label("Name of ring")).to_have_count(0)
    assert "ring" not in [each["name"] for each in stored()]


def test_the_statistics_of_known_boxes_are_exact(page: Any, studio: RunningStudio) -> None:
    project = make_project(studio, "known numbers")
    page.evaluate("dispatchEvent(new Event('focus'))")
    root = open_view(page, project, "statistics")

    tiles = dict(
        zip(
            root.locator(".st-tile dt").all_text_contents(),
            root.locator(".st-tile dt + dd").all_text_contents(),
            strict=True,
        )
    )
    assert tiles == {"Images": "4", "Labelled": "2", "No objects": "1", "Unlabelled": "1", "Boxes": "3"}
    assert root.locator(".st-class-bars li").all_text_contents() == ["nut2", "bolt1"]

    def table(title: str) -> dict[str, str]:
        rows = root.get_by_role("figure", name=title, exact=True).locator(".st-numbers-table tbody tr")
        return {
            line.locator("th").text_content(): line.locator("td").first.text_content() for line in rows.all()
        }

    sizes = {name: count for name, count in table("Size of boxes").items() if count != "0"}
    assert sizes == {
        "10 to 20 % of the side": "1",
        "20 to 35 % of the side": "1",
        "50 to 75 % of the side": "1",
    }
    shapes = {name: count for name, count in table("Shape of boxes").items() if count != "0"}
    assert shapes == {"1:2 to 2:3": "1", "1:1 to 3:2": "1", "3:2 to 2:1": "1"}
    per_image = {name: count for name, count in table("Boxes per image").items() if count != "0"}
    assert per_image == {"0 boxes": "2", "1 box": "1", "2 boxes": "1"}
    places = {name: count for name, count in table("Where the boxes lie").items() if count != "0"}
    assert places == {"top left": "1", "left": "1", "middle": "1"}
    assert table("Sizes of images") == {"200 × 100": "4"}
    coco = (
        root.get_by_role("figure", name="Size of boxes as COCO counts it").locator("li").all_text_contents()
    )
    assert coco == ["Small2 · 67 %", "Medium0 · 0 %", "Large1 · 33 %"]

    root.locator('[data-kind="never_labelled"] summary').click()
    root.get_by_role("button", name="d.jpg").click()
    expect(page.locator(".st-image-name")).to_have_text("d.jpg")


def test_a_menu_that_is_open_stays_while_projects_change_elsewhere(page: Any, studio: RunningStudio) -> None:
    make_project(studio, "in hand")
    page.evaluate("dispatchEvent(new Event('focus'))")
    card(page, "in hand").locator('[data-symbol="more"]').click()
    item = page.get_by_role("menuitem", name="Rename…", exact=True)
    expect(item).to_be_visible()
    make_project(studio, "from elsewhere")
    with page.expect_response("**/api/projects") as answered:
        page.evaluate("dispatchEvent(new Event('focus'))")
    answered.value.finished()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(item).to_be_visible()
    page.keyboard.press("Escape")
    expect(item).to_be_hidden()
    expect(card(page, "from elsewhere")).to_be_visible()


def test_a_project_is_exported_as_a_zip(page: Any, studio: RunningStudio, tmp_path: Path) -> None:
    make_project(studio, "to take along")
    page.evaluate("dispatchEvent(new Event('focus'))")
    choose(page, card(page, "to take along"), "Export…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile("^YOLO")).check()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export", exact=True).click()
    expect(dialog).to_contain_text("The file is ready: 3 images, 3 boxes.")
    download.value.save_as(tmp_path / "taken.zip")
    with ZipFile(tmp_path / "taken.zip") as archive:
        written = {Path(name).name for name in archive.namelist()}
    assert {"a.jpg", "a.txt", "b.txt", "c.txt"} <= written
    assert "d.jpg" not in written  # nobody has looked at it


def test_on_a_narrow_screen_a_tab_without_room_still_opens(page: Any, studio: RunningStudio) -> None:
    page.set_viewport_size({"width": 300, "height": 600})
    expect(page.locator(".st-home")).to_have_attribute("data-ready", "true")
    expect(page.get_by_role("button", name="More tabs")).to_be_visible()
    expect(page.locator("#tab-live-button")).to_have_count(0)
    page.evaluate("import('/ui/store.js').then(({ studio }) => studio.navigate('live'))")
    expect(page.locator(".studio-live")).to_be_visible()


def test_where_there_is_one_project_it_is_open_without_being_chosen(page: Any, studio: RunningStudio) -> None:
    project, other = make_project(studio, "The only one"), make_project(studio, "One of two")
    everything = studio.get("/api/projects")
    only = [each for each in everything if each["id"] == project]
    aside = [{**each, "archived": True} for each in everything if each["id"] != project]
    page.evaluate("localStorage.clear()")
    page.route("**/api/projects", lambda asked: asked.fulfill(json=[*aside, *only]))
    page.goto("about:blank")
    page.goto(f"{studio.url}/#images")
    expect(page.locator("#project-select")).to_have_value(str(project))
    expect(page.locator(".studio-images .st-card")).not_to_have_count(0)

    two = [each for each in everything if each["id"] == other]
    page.evaluate("localStorage.clear()")
    page.unroute("**/api/projects")
    page.route("**/api/projects", lambda asked: asked.fulfill(json=[*only, *two]))
    page.goto("about:blank")
    page.goto(f"{studio.url}/#images")
    expect(page.locator(".studio-images").get_by_text("No project is open")).to_be_visible()


def test_whoever_goes_elsewhere_while_the_sample_is_made_stays_there(
    page: Any, studio: RunningStudio
) -> None:
    project = make_project(studio, "Instead of the sample")
    held: list[Any] = []
    page.route("**/api/samples", lambda asked: held.append(asked))
    page.get_by_role("button", name="Load the sample", exact=True).click()
    page.locator("#tab-train-button").click()
    while not held:
        page.wait_for_timeout(50)
    held[0].fulfill(json={"project": {"id": project}})
    told = page.locator(".st-toast", has_text="The sample is ready.")
    expect(told).to_be_visible()
    expect(page).to_have_url(re.compile("#train"))
    told.get_by_role("button", name="Open it").click()
    expect(page).to_have_url(re.compile(f"#images/{project}$"))
    expect(page.locator("#project-select")).to_have_value(str(project))
