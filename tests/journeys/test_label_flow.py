"""Going from image to image by keyboard, and saving that survives whatever happens meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.labelling import LabelProject, box_ids, draw, make_project, open_label, shows, stored
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser

SAVED = re.compile(r"^Saved \d\d:\d\d$")


@pytest.fixture
def browse(browser: Any) -> Iterator[Callable[[], Any]]:
    """Make browsers that share nothing; lost networks and conflicts are meant here, script errors are not."""
    contexts: list[Any] = []
    faults: list[str] = []

    def new() -> Any:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(20_000)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()
    assert faults == []


def saving(page: Any) -> Any:
    return page.locator(".st-saving-words")


def boxes(page: Any) -> Any:
    return page.locator("[data-box-id]")


def kept(page: Any) -> list[str]:
    """The names of what the browser keeps because no server has it yet."""
    names: list[str] = page.evaluate("Object.keys(localStorage).filter((key) => /unsaved|marks/.test(key))")
    return names


def test_a_person_walks_through_the_images_by_keyboard(page: Any, studio: RunningStudio) -> None:
    project = make_project(studio, "walk", images=12)
    open_label(page, studio, project)
    shows(page, "part-1.jpg")
    strip = page.locator(".st-strip")
    progress = page.locator(".st-progress-words")
    expect(progress).to_have_text("0 of 12 labelled")

    page.keyboard.press("d")
    shows(page, "part-2.jpg")
    expect(strip.locator("[aria-current]")).to_have_attribute("aria-label", "part-2.jpg, unlabelled")
    draw(page, (0.25, 0.25), (0.5, 0.5))
    expect(progress).to_have_text("1 of 12 labelled")
    expect(strip.locator("[aria-current]")).to_have_attribute("aria-label", "part-2.jpg, labelled")
    expect(strip.locator("[aria-current] rect")).to_have_count(1)
    page.keyboard.press("d")
    shows(page, "part-3.jpg")
    page.keyboard.press("e")
    expect(progress).to_have_text("2 of 12 labelled")
    page.keyboard.press("a")
    page.keyboard.press("a")
    shows(page, "part-1.jpg")
    page.keyboard.press("d")
    shows(page, "part-2.jpg")
    page.keyboard.press("Shift+D")
    shows(page, "part-4.jpg")

    strip.get_by_role("button", name="part-7.jpg").click()
    shows(page, "part-7.jpg")
    page.keyboard.press("j")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    shows(page, "part-10.jpg")
    page.keyboard.press("j")
    page.keyboard.type("ART-5")
    expect(page.locator("#st-jump-list").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    shows(page, "part-5.jpg")
    expect(page.locator(".st-place")).to_have_text("5 of 12")

    page.reload()
    page.locator("#tab-label-button").click()
    shows(page, "part-5.jpg")
    rows = stored(studio, "SELECT status FROM image WHERE project_id = ? ORDER BY id LIMIT 3", project.id)
    assert rows == [("unlabelled",), ("labelled",), ("empty",)]


def test_a_box_leads_on_where_a_photograph_holds_one_object(page: Any, studio: RunningStudio) -> None:
    project = make_project(studio, "one each", images=3)
    other = make_project(studio, "many each", images=2)
    open_label(page, studio, project)
    draw(page, (0.1, 0.1), (0.3, 0.4))
    expect(boxes(page)).to_have_count(1)
    shows(page, "part-1.jpg")  # off unless it is asked for

    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Next image after each box")).to_have_attribute(
        "aria-pressed", "true"
    )
    draw(page, (0.5, 0.5), (0.8, 0.9))
    shows(page, "part-2.jpg")
    page.reload()
    page.locator("#tab-label-button").click()
    shows(page, "part-2.jpg")
    draw(page, (0.1, 0.1), (0.3, 0.4))
    shows(page, "part-3.jpg")
    draw(page, (0.1, 0.1), (0.3, 0.4))
    expect(page.get_by_text("This is the last photograph.")).to_be_visible()
    expect(saving(page)).to_have_text(SAVED)
    rows = stored(
        studio,
        "SELECT count(box.id) FROM image LEFT JOIN box ON box.image_id = image.id "
        "WHERE project_id = ? GROUP BY image.id ORDER BY image.id",
        project.id,
    )
    assert rows == [(2,), (1,), (1,)]

    open_label(page, studio, other)  # each project has its own choice
    draw(page, (0.1, 0.1), (0.3, 0.4))
    expect(boxes(page)).to_have_count(1)
    shows(page, "part-1.jpg")


def test_keys_after_the_first_classs_name_are_for_the_picture_and_lose_no_box(
    page: Any, studio: RunningStudio
) -> None:
    project = make_project(studio, "quick hands", images=2, classes=())
    open_label(page, studio, project)

    def later(route: Any) -> None:
        held.append(route)

    held: list[Any] = []
    page.route("**/api/projects/*/classes", later)
    draw(page, (0.1, 0.1), (0.3, 0.4))
    page.keyboard.type("nut")
    page.keyboard.press("Enter")
    page.keyboard.type("dg")  # the next photograph, and a flag on it, while the server thinks
    expect(page.get_by_label("Name your first class").first).to_have_value("nut")
    shows(page, "part-1.jpg")
    held[0].continue_()
    shows(page, "part-2.jpg")
    expect(page.get_by_role("button", name="Flag this image")).to_have_attribute("aria-pressed", "true")
    expect(saving(page)).to_have_text(SAVED)
    assert len(box_ids(studio, project.images["part-1.jpg"])) == 1
    rows = stored(studio, "SELECT flag FROM image WHERE project_id = ? ORDER BY id", project.id)
    assert rows == [(0,), (1,)]


def test_flag_and_note_are_stored_and_a_note_may_hold_anything(page: Any, studio: RunningStudio) -> None:
    project = make_project(studio, "marks", images=2)
    open_label(page, studio, project)
    note = "<img src=x onerror=alert(1)> ${alert(1)} {{x}} \u202etxt"

    page.keyboard.press("g")
    expect(page.get_by_role("button", name="Flag this image")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("m")
    page.keyboard.type(note)
    page.keyboard.press("Enter")
    page.keyboard.press("d")
    shows(page, "part-2.jpg")
    page.keyboard.press("m")
    page.keyboard.type("left by clicking elsewhere")
    page.locator(".st-image-name").click()
    page.keyboard.press("m")
    page.keyboard.type("forgotten")
    page.keyboard.press("Escape")
    expect(saving(page)).to_have_text(SAVED)

    rows = stored(studio, "SELECT flag, note FROM image WHERE project_id = ? ORDER BY id", project.id)
    assert rows == [(1, note), (0, "left by clicking elsewhere")]
    page.keyboard.press("a")
    shows(page, "part-1.jpg")
    expect(page.get_by_role("button", name="Note")).to_have_attribute("title", f"Note (M): {note}")


def test_a_filter_makes_the_queue_and_outlives_a_reload(page: Any, studio: RunningStudio) -> None:
    project = make_project(studio, "filtered", images=4)
    open_label(page, studio, project)
    page.get_by_role("button", name="Filter: all images").click()
    page.get_by_label("Status").select_option("unlabelled")
    page.keyboard.press("Escape")
    expect(page.locator(".st-progress-words")).to_have_text("4 to label")

    draw(page, (0.2, 0.2), (0.4, 0.4))
    expect(page.locator(".st-progress-words")).to_have_text("3 to label")
    shows(page, "part-1.jpg")  # it no longer matches, but it stays until the person moves on
    page.keyboard.press("d")
    shows(page, "part-2.jpg")
    expect(page.locator(".st-place")).to_have_text("1 of 3")
    page.reload()
    page.locator("#tab-label-button").click()
    expect(page.get_by_role("button", name="Filter: unlabelled")).to_be_visible()
    expect(page.locator(".st-place")).to_have_text("1 of 3")
    expect(page.locator(".st-strip button")).to_have_count(3)

    page.keyboard.press("d")
    shows(page, "part-3.jpg")
    page.get_by_role("button", name="Filter: unlabelled").click()
    page.get_by_role("dialog").get_by_label("Order").select_option("useful")
    shows(page, "part-2.jpg")  # whoever asks for the most useful image is led to it
    page.keyboard.press("Escape")

    for name in ("part-2.jpg", "part-3.jpg", "part-4.jpg"):
        shows(page, name)
        page.keyboard.press("e")
        expect(page.locator(".st-badge")).to_have_text("No objects")
        expect(saving(page)).to_have_text(SAVED)
        page.keyboard.press("d")
    expect(page.get_by_text("No image matches the filter")).to_be_visible()
    page.get_by_role("button", name="Show all images").last.click()
    shows(page, "part-1.jpg")
    expect(page.locator(".st-place")).to_have_text("1 of 4")


def test_without_a_network_the_next_two_images_appear_and_every_edit_is_kept(
    browse: Callable[[], Any], studio: RunningStudio
) -> None:
    project = make_project(studio, "offline", images=6)
    context = browse()
    page = context.new_page()
    with page.expect_response(lambda got: f"/images/{project.images['part-3.jpg']}/display" in got.url):
        open_label(page, studio, project)
    page.wait_for_load_state("networkidle")

    context.set_offline(True)
    for name in ("part-1.jpg", "part-2.jpg", "part-3.jpg"):
        shows(page, name)
        draw(page, (0.1, 0.1), (0.3, 0.4))
        expect(boxes(page)).to_have_count(1)
        if name != "part-3.jpg":
            page.keyboard.press("d")
    for _ in range(2):  # what cannot be shown is said once, however often it is asked for
        page.keyboard.press("d")
        expect(page.locator(".st-toast")).to_contain_text("cannot be reached")
    expect(page.locator(".st-toast")).to_have_count(1)
    shows(page, "part-3.jpg")
    expect(saving(page)).to_have_text("Offline: 3 edits kept here")
    expect(page.locator(".studio-label")).to_have_attribute("data-saved", "false")
    assert len(kept(page)) == 3
    page.close(run_before_unload=False)

    context.set_offline(False)
    page = context.new_page()
    open_label(page, studio, project)
    shows(page, "part-3.jpg")
    expect(boxes(page)).to_have_count(1)
    expect(page.locator(".studio-label")).to_have_attribute("data-saved", "true")
    expect(saving(page)).to_have_text(SAVED)
    for name in ("part-1.jpg", "part-2.jpg", "part-3.jpg"):
        assert len(box_ids(studio, project.images[name])) == 1
    assert kept(page) == []


def test_an_interrupted_server_is_told_and_caught_up_with_while_the_page_stays_open(
    browse: Callable[[], Any], studio: RunningStudio
) -> None:
    project = make_project(studio, "interrupted", images=1)
    page = browse().new_page()
    open_label(page, studio, project)
    page.route("**/api/images/**", lambda route: route.abort())
    draw(page, (0.1, 0.1), (0.3, 0.4))
    page.keyboard.press("g")
    expect(saving(page)).to_have_text("Offline: 2 edits kept here")
    page.unroute("**/api/images/**")
    page.get_by_role("button", name="Retry now").click()
    expect(saving(page)).to_have_text(SAVED)
    assert len(box_ids(studio, project.images["part-1.jpg"])) == 1
    assert stored(studio, "SELECT flag FROM image WHERE project_id = ?", project.id) == [(1,)]


def test_what_the_browser_cannot_keep_is_said_before_the_page_is_left(
    browse: Callable[[], Any], studio: RunningStudio
) -> None:
    project = make_project(studio, "full storage", images=1)
    context = browse()
    page = context.new_page()
    open_label(page, studio, project)
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
    context.set_offline(True)
    draw(page, (0.1, 0.1), (0.3, 0.4))
    expect(saving(page)).to_have_text("Offline: 1 edit only on this page, keep it open")
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    context.set_offline(False)
    expect(page.locator(".studio-label")).to_have_attribute("data-saved", "true")
    assert len(box_ids(studio, project.images["part-1.jpg"])) == 1


@pytest.mark.parametrize(
    ("choice", "stays"),
    [("Keep mine", {"mine"}), ("Keep theirs", {"theirs"}), ("Keep both", {"mine", "theirs"})],
)
def test_the_second_of_two_browsers_on_one_image_is_told_and_chooses(
    browse: Callable[[], Any], studio: RunningStudio, choice: str, stays: set[str]
) -> None:
    project = make_project(studio, f"two browsers, {choice}", images=1)
    theirs, mine = browse().new_page(), browse().new_page()
    for page in (theirs, mine):
        open_label(page, studio, project)
    ids = {}
    draw(theirs, (0.1, 0.1), (0.3, 0.4))
    expect(saving(theirs)).to_have_text(SAVED)
    ids["theirs"] = boxes(theirs).get_attribute("data-box-id")
    draw(mine, (0.5, 0.5), (0.8, 0.9))
    expect(saving(mine)).to_have_text("Changed elsewhere: 1 edit kept here")
    ids["mine"] = boxes(mine).get_attribute("data-box-id")
    expect(mine.locator(".st-theirs .dashes")).to_have_count(1)

    mine.get_by_role("button", name=choice).click()
    expect(saving(mine)).to_have_text(SAVED if choice != "Keep theirs" else re.compile("^Saved"))
    expect(boxes(mine)).to_have_count(len(stays))
    expect(mine.locator(".st-theirs .dashes")).to_have_count(0)
    assert box_ids(studio, project.images["part-1.jpg"]) == {ids[each] for each in stays}

    mine.keyboard.press("Control+z")  # the choice is a step like any other
    if choice != "Keep mine":
        expect(boxes(mine)).to_have_attribute("data-box-id", str(ids["mine"]))


def test_no_objects_against_no_boxes_is_told_and_chosen(
    browse: Callable[[], Any], studio: RunningStudio
) -> None:
    project = make_project(studio, "empty or not", images=1)
    theirs, mine = browse().new_page(), browse().new_page()
    for page in (theirs, mine):
        open_label(page, studio, project)
    theirs.keyboard.press("e")
    expect(saving(theirs)).to_have_text(SAVED)
    draw(mine, (0.5, 0.5), (0.8, 0.9))
    notice = mine.get_by_text("There: marked “No objects”. Here: 1 box. Which shall stay?")
    expect(notice).to_be_visible()
    mine.get_by_role("button", name="Keep theirs").click()
    expect(mine.locator(".st-badge")).to_have_text("No objects")
    assert stored(studio, "SELECT status FROM image WHERE project_id = ?", project.id) == [("empty",)]


def test_a_tab_that_shows_an_image_follows_another_tab_and_keeps_its_own_unsaved_work(
    browse: Callable[[], Any], studio: RunningStudio
) -> None:
    project = make_project(studio, "two tabs", images=1)
    context = browse()
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        open_label(page, studio, project)
    draw(second, (0.1, 0.1), (0.3, 0.4))
    expect(boxes(first)).to_have_count(1)
    expect(first.get_by_text("Another window changed this image")).to_be_visible()

    first.route("**/api/images/*/boxes", lambda route: route.abort())
    draw(first, (0.5, 0.5), (0.8, 0.9))
    expect(saving(first)).to_have_text("Offline: 1 edit kept here")
    draw(second, (0.4, 0.1), (0.5, 0.2))
    expect(saving(second)).to_have_text(SAVED)
    expect(boxes(first)).to_have_count(2)  # its own work stays in front of it
    first.unroute("**/api/images/*/boxes")
    first.get_by_role("button", name="Keep both").click()
    expect(boxes(first)).to_have_count(3)
    expect(boxes(second)).to_have_count(3)
    assert len(box_ids(studio, project.images["part-1.jpg"])) == 3


def test_the_strip_walks_through_many_images_with_few_on_the_page(page: Any, studio: RunningStudio) -> None:
    project: LabelProject = make_project(studio, "long strip", images=70)
    open_label(page, studio, project)
    strip = page.locator(".st-strip")
    expect(strip.locator("button")).to_have_count(25)
    strip.evaluate("(node) => node.scrollTo(node.scrollWidth, 0)")
    expect(strip.locator("button")).to_have_count(55)
    strip.evaluate("(node) => node.scrollTo(node.scrollWidth, 0)")
    expect(strip.locator("button")).to_have_count(70)
    strip.get_by_role("button", name="part-70.jpg").click()
    shows(page, "part-70.jpg")
    current = strip.locator("[aria-current]").bounding_box()
    middle = strip.bounding_box()
    assert current["x"] + current["width"] / 2 == pytest.approx(middle["x"] + middle["width"] / 2, abs=2)
