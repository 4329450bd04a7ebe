"""Every gesture and key of the box editor, with real events; what SQLite holds afterwards is exact."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.drawing_desk import DrawingDesk, close_to, picture
from tests.journeys.running_studio import RunningStudio

pytestmark = pytest.mark.browser

CLASSES = [f"class {letter}" for letter in "abcdefghijkl"]


def test_boxes_are_drawn_selected_moved_and_resized_with_the_mouse(page: Any, studio: RunningStudio) -> None:
    desk = DrawingDesk.with_pictures(page, studio, "mouse", {"a.jpg": picture((600, 400))}, CLASSES[:2])

    # Drawn by drag, in any direction, and cut to the picture.
    (x0, y0), (x1, y1) = desk.exact((100, 100), (200, 180))
    desk.drag((200, 180), (100, 100))
    (far_x, far_y), _ = desk.exact((500, 300), (0, 0))
    desk.drag((500, 300), (640, 440))
    assert desk.stored("a.jpg") == close_to((x0, y0, x1, y1), (far_x, far_y, 600, 400))

    # Drawn by two clicks, with a read-out and a rubber band; Escape takes it back.
    page.keyboard.press("Escape")
    (x2, y2), (x3, y3) = desk.exact((300, 50), (420, 120))
    desk.click(300, 50)
    desk.point(360, 90)
    expect(page.locator(".draft-box")).to_be_visible()
    expect(page.locator(".draft text")).to_have_text(re.compile(r"^(59|60|61) × (39|40|41)$"))
    desk.press("Escape")
    expect(page.locator(".draft-box")).to_be_hidden()
    desk.click(300, 50)
    desk.click(420, 120)
    assert desk.stored("a.jpg")[1] == pytest.approx((x2, y2, x3, y3), abs=0.02)

    # Too small a box is dropped, and the page says so.
    desk.press("Shift+F")
    page.keyboard.press("Escape")
    desk.drag((250, 300), (290, 302))
    expect(page.locator(".st-toast").last).to_contain_text("at least 3 × 3 pixels")
    desk.press("f")
    assert len(desk.stored("a.jpg")) == 3

    # Moved by its inside, not beyond the edge; a drag that ends where it began is no edit.
    desk.click(150, 140)
    (from_x, from_y), (to_x, to_y) = desk.exact((150, 140), (190, 200))
    desk.drag((150, 140), (190, 200))
    moved = (x0 + to_x - from_x, y0 + to_y - from_y, x1 + to_x - from_x, y1 + to_y - from_y)
    assert desk.stored("a.jpg")[0] == pytest.approx(moved, abs=0.02)
    desk.drag((190, 200), (-300, 200))
    assert desk.stored("a.jpg")[0] == pytest.approx((0, moved[1], x1 - x0, moved[3]), abs=1e-6)

    # Each of the eight handles moves its own sides only.
    desk.press("Control+z")
    box = list(moved)
    for sides in ("n", "e", "s", "w", "ne", "se", "sw", "nw"):
        grip = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
        for side, (at, axis) in {"w": (0, 0), "n": (1, 1), "e": (2, 0), "s": (3, 1)}.items():
            grip[axis] = box[at] if side in sides else grip[axis]
        start, end = desk.exact((grip[0], grip[1]), (grip[0] + 12, grip[1] + 9))
        desk.drag((grip[0], grip[1]), (grip[0] + 12, grip[1] + 9))
        for side, (at, axis) in {"w": (0, 0), "n": (1, 1), "e": (2, 0), "s": (3, 1)}.items():
            box[at] += end[axis] - start[axis] if side in sides else 0
        assert desk.stored("a.jpg")[0] == pytest.approx(box, abs=0.05), sides

    # Undo goes back through all of it, also after next and previous; redo forth.
    for _ in range(8):
        desk.press("Control+z")
    assert desk.stored("a.jpg")[0] == pytest.approx(moved, abs=1e-6)
    for _ in range(8):
        desk.press("Control+Shift+z")
    assert desk.stored("a.jpg")[0] == pytest.approx(box, abs=0.05)


def test_boxes_under_boxes_are_reached_and_hidden_or_locked_ones_are_not(
    page: Any, studio: RunningStudio
) -> None:
    desk = DrawingDesk.with_pictures(page, studio, "layers", {"a.jpg": picture((600, 400))}, CLASSES[:2])
    large, small = (50, 50, 450, 350), (200, 150, 300, 250)
    desk.drag(large[:2], large[2:])
    page.keyboard.down("Shift")  # inside the selected box, Shift draws
    desk.drag(small[:2], small[2:])
    page.keyboard.up("Shift")
    assert len(desk.stored("a.jpg")) == 2
    sizes = page.locator(".st-box-row .st-size")
    chosen = page.locator(".st-box-row.selected .st-size")
    large_words, small_words = sizes.nth(0).inner_text(), sizes.nth(1).inner_text()

    # A click takes the smallest, the next one the box below, and round; Tab and Shift Tab go both ways.
    desk.press("Escape")
    for words in (small_words, large_words, small_words):
        desk.click(250, 200)
        expect(chosen).to_have_text(words)
    for key, words in (("Tab", large_words), ("Shift+Tab", small_words), ("Shift+Tab", large_words)):
        desk.press(key)
        expect(chosen).to_have_text(words)

    # The drawing tool draws inside a box that is not selected; the selecting tool moves it.
    desk.press("Escape")
    desk.drag((60, 60), (100, 100))
    assert len(desk.stored("a.jpg")) == 3
    desk.press("Delete", "Escape", "v")
    before = desk.stored("a.jpg")[1]
    (from_x, _), (to_x, _) = desk.exact((250, 200), (280, 200))
    desk.drag((250, 200), (280, 200))
    assert desk.stored("a.jpg")[1][0] == pytest.approx(before[0] + to_x - from_x, abs=0.02)
    desk.press("Control+z")
    desk.click(560, 380)
    expect(desk.selected()).to_have_count(0)

    # A locked box stays where it is and lets the click through to the one below.
    desk.click(250, 200)
    desk.press("k", "ArrowRight", "Delete")
    expect(page.locator(".st-toast").last).to_contain_text("locked")
    desk.press("Escape")
    desk.click(250, 200)
    expect(chosen).to_have_text(large_words)
    page.get_by_role("button", name="Lock box 2, class a").click()
    desk.press("Escape")
    desk.click(250, 200)
    expect(chosen).to_have_text(small_words)
    page.get_by_role("button", name="Lock boxes of class a").click()
    desk.press("Escape")
    desk.click(250, 200)
    expect(desk.selected()).to_have_count(0)
    page.get_by_role("button", name="Lock boxes of class a").click()

    # Hidden ones cannot be picked either; drawing shows what it draws.
    for hide in ("h", None):
        if hide:
            desk.press(hide)
        else:
            page.get_by_role("button", name="Hide boxes of class a").click()
        expect(page.locator("rect.box")).to_have_count(0)
        desk.press("Tab")
        expect(desk.selected()).to_have_count(0)
        if hide:
            desk.press(hide)
            expect(page.locator("rect.box")).to_have_count(2)
    desk.press("w")
    desk.drag((500, 50), (580, 120))
    expect(page.locator("rect.box")).to_have_count(3)
    assert desk.stored("a.jpg")[:2] == close_to(before_large(desk), before)

    # Crosshair and names go and come.
    desk.press("Escape")
    desk.point(520, 300)
    expect(page.locator(".st-crosshair").first).to_be_visible()
    desk.press("x", "l")
    desk.point(525, 300)
    expect(page.locator(".st-crosshair").first).to_be_hidden()
    expect(page.locator(".mark .tag").first).to_be_hidden()
    desk.press("x", "l")
    expect(page.locator(".mark .tag").first).to_be_visible()


def before_large(desk: DrawingDesk) -> tuple[float, float, float, float]:
    """The large box as the mouse drew it."""
    (x0, y0), (x1, y1) = desk.exact((50, 50), (450, 350))
    return x0, y0, x1, y1


def test_the_keyboard_alone_makes_shapes_copies_and_classifies_boxes(
    page: Any, studio: RunningStudio
) -> None:
    pictures = {name: picture((600, 400)) for name in ("a.jpg", "b.jpg")}
    desk = DrawingDesk.with_pictures(page, studio, "keyboard", pictures, CLASSES)
    page.locator(".st-view").focus()

    desk.press("n")
    ((label, x0, y0, x1, y1),) = desk.stored_with_class("a.jpg")
    assert label == "class a"
    assert (x0 + x1, y0 + y1) == pytest.approx((600, 400), abs=1)
    for keys, change in {
        ("ArrowRight", "ArrowDown"): (1, 1, 1, 1),
        ("Shift+ArrowLeft", "Shift+ArrowUp"): (-10, -10, -10, -10),
        ("Alt+ArrowRight", "Alt+ArrowDown"): (0, 0, 1, 1),
        ("Alt+Shift+ArrowLeft", "Alt+Shift+ArrowUp"): (-1, -1, 0, 0),
        ("Control+ArrowLeft", "Control+ArrowUp"): (0, 0, -10, -10),
        ("Control+Shift+ArrowRight", "Control+Shift+ArrowDown"): (10, 10, 0, 0),
    }.items():
        before = desk.stored("a.jpg")[0]
        desk.press(*keys)
        assert desk.stored("a.jpg")[0] == tuple(a + b for a, b in zip(before, change, strict=True)), keys

    # Classes by digit (0 is the tenth), by typing, and a new one inline.
    for key, name in (("2", "class b"), ("0", "class j"), ("9", "class i")):
        desk.press(key)
        assert desk.stored_with_class("a.jpg")[0][0] == name
    desk.press("c")
    page.keyboard.type("class k")
    desk.press("Enter")
    assert desk.stored_with_class("a.jpg")[0][0] == "class k"
    desk.press("/")
    page.keyboard.type("CLASS")
    desk.press("ArrowDown", "ArrowDown", "Enter")
    assert desk.stored_with_class("a.jpg")[0][0] == "class c"
    desk.press("c")
    page.keyboard.type("<b>new</b>")
    expect(page.get_by_role("option", name="Add class")).to_contain_text("<b>new</b>")
    desk.press("Enter")
    expect(page.get_by_role("combobox", name="Class of this box")).to_be_hidden()
    expect(page.locator(".st-box-row.selected .st-name")).to_have_text("<b>new</b>")
    assert desk.stored_with_class("a.jpg")[0][0] == "<b>new</b>"

    # Duplicate, copy and paste here and on the next photograph, and all boxes of the previous one.
    (box,) = desk.stored("a.jpg")
    desk.press("Control+d")
    assert desk.stored("a.jpg") == [box, tuple(value + 10 for value in box)]
    desk.press("Control+c", "Control+v")
    assert desk.stored("a.jpg")[2] == tuple(value + 20 for value in box)
    desk.press("Delete", "Escape", "d")
    expect(desk.editor).to_have_attribute("data-ready", str(desk.images["b.jpg"]))
    desk.press("Control+v")
    assert desk.stored("b.jpg") == [tuple(value + 10 for value in box)]
    desk.press("Backspace", "r")
    expect(page.locator("rect.box")).to_have_count(2)
    assert desk.stored("b.jpg") == desk.stored("a.jpg")
    desk.press("Control+z", "Control+z", "Control+z", "Control+y", "Escape", "ArrowLeft")
    expect(desk.editor).to_have_attribute("data-ready", str(desk.images["a.jpg"]))
    assert len(desk.stored("b.jpg")) == 1
    desk.press("Control+z")  # the history of this photograph is its own
    assert len(desk.stored("a.jpg")) == 3

    # Exact numbers are typed in the list; a spoken line tells what is selected.
    desk.press("Tab")
    expect(page.locator(".studio-label .st-hidden-words")).to_contain_text(
        re.compile(r"Box 1 of 3, <b>new</b>")
    )
    for field, value in (
        ("Left in pixels", "12.5"),
        ("Top in pixels", "20"),
        ("Width in pixels", "100"),
        ("Height in pixels", "9999"),
    ):
        page.get_by_label(field).fill(value)
        desk.press("Enter")
    assert desk.stored("a.jpg")[0] == (12.5, 20, 112.5, 400)


def test_places_stay_exact_when_zoomed_panned_and_resized(page: Any, studio: RunningStudio) -> None:
    pictures = {
        "wide.jpg": picture((4000, 3000), (1200, 900, 1500, 1300)),
        "tall.jpg": picture((300, 900), (90, 400, 150, 460)),
    }
    desk = DrawingDesk.with_pictures(page, studio, "zoomed", pictures, CLASSES[:1])
    for name in pictures:
        desk.open(name)
        # The wheel zooms about the pointer, to 246 %.
        desk.press("Shift+F")
        expect(page.locator(".st-zoom")).to_have_text("100%")
        view = page.locator(".st-view").bounding_box()
        spot = (round(view["x"] + view["width"] / 2), round(view["y"] + view["height"] / 2))
        page.mouse.move(*spot)
        under = desk.in_picture(*spot)
        page.mouse.wheel(0, -270.05)
        expect(page.locator(".st-zoom")).to_have_text("246%")
        assert desk.in_picture(*spot) == pytest.approx(under, abs=0.51)

        # Space and the middle button move the picture, the pointer keeps its place of it.
        for button in ("left", "middle"):
            page.keyboard.down(" ") if button == "left" else None
            view = page.locator(".st-view").bounding_box()
            start = (view["x"] + view["width"] / 2, view["y"] + view["height"] / 2)
            held = desk.in_picture(*start)
            page.mouse.move(*start)
            page.mouse.down(button=button)
            page.mouse.move(start[0] + 40, start[1] + 30, steps=3)
            page.mouse.up(button=button)
            page.keyboard.up(" ") if button == "left" else None
            moved = desk.in_picture(start[0] + 40, start[1] + 30)
            assert moved[1] == pytest.approx(held[1], abs=0.02)
        assert desk.stored(name) == []

        # The keys zoom about the middle of the view, there and back.
        middle = (round(view["x"] + view["width"] / 2), round(view["y"] + view["height"] / 2))
        under, before = desk.in_picture(*middle), desk.zoom()
        desk.press("+")
        assert desk.zoom() == pytest.approx(1.25 * before, rel=1e-3)
        assert desk.in_picture(*middle) == pytest.approx(under, abs=0.51)
        desk.press("-")
        assert desk.zoom() == pytest.approx(before, rel=1e-3)

        view = page.locator(".st-view").bounding_box()
        (x0, y0), (x1, y1) = (
            desk.in_picture(view["x"] + dx, view["y"] + dy) for dx, dy in ((400, 200), (560, 330))
        )
        page.mouse.move(view["x"] + 400, view["y"] + 200)
        page.mouse.down()
        page.mouse.move(view["x"] + 560, view["y"] + 330, steps=4)
        page.mouse.up()
        (drawn,) = desk.stored(name)
        assert drawn == pytest.approx((x0, y0, x1, y1), abs=0.02)

        for step in range(50):
            page.set_viewport_size({"width": 900 + 37 * (step % 11), "height": 640 + 23 * (step % 7)})
        page.set_viewport_size({"width": 1440, "height": 900})
        assert desk.stored(name) == [drawn]
        desk.press("ArrowRight", "ArrowLeft")
        assert desk.stored(name) == [drawn]
        desk.press("z")
        desk.at_rest()
        rect, view = desk.selected().bounding_box(), page.locator(".st-view").bounding_box()
        for start, length in (("x", "width"), ("y", "height")):
            assert rect[start] + rect[length] / 2 == pytest.approx(view[start] + view[length] / 2, abs=1)
        desk.press("Delete", "f")

        # Fitted, a box around the patch has the patch's own coordinates.
        left, top, right, bottom = desk.patch_on_screen()
        page.mouse.move(left, top)
        page.mouse.down()
        page.mouse.move(right, bottom, steps=4)
        page.mouse.up()
        patch = (1200, 900, 1500, 1300) if name == "wide.jpg" else (90, 400, 150, 460)
        assert desk.stored(name) == close_to(patch, within=1.01 / desk.zoom())


def test_a_box_around_a_patch_has_its_upright_coordinates_whatever_exif_says(
    page: Any, studio: RunningStudio
) -> None:
    patch = (150, 40, 210, 100)
    pictures = {f"exif-{turn}.jpg": picture((240, 320), patch, turn) for turn in range(1, 9)}
    desk = DrawingDesk.with_pictures(page, studio, "turned", pictures, CLASSES[:1])
    for name in pictures:
        desk.open(name)
        page.mouse.move(5, 5)
        left, top, right, bottom = desk.patch_on_screen()
        page.mouse.click(left, top)
        page.mouse.click(right, bottom)
        assert desk.stored(name) == close_to(patch, within=1.01 / desk.zoom()), name


def test_fingers_draw_and_zoom(page: Any, studio: RunningStudio) -> None:
    desk = DrawingDesk.with_pictures(page, studio, "touch", {"a.jpg": picture((600, 400))}, CLASSES[:1])
    wire = page.context.new_cdp_session(page)
    wire.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    # One finger draws; a tap selects, a tap beside it selects nothing and draws nothing.
    (x0, y0), (x1, y1) = desk.exact((100, 100), (200, 180))
    touch("touchStart", desk.on_screen(100, 100))
    touch("touchMove", desk.on_screen(160, 140))
    touch("touchMove", desk.on_screen(200, 180))
    touch("touchEnd")
    assert desk.stored("a.jpg") == close_to((x0, y0, x1, y1), within=0.6)
    touch("touchStart", desk.on_screen(400, 300))
    touch("touchEnd")
    expect(desk.selected()).to_have_count(0)
    touch("touchStart", desk.on_screen(150, 140))
    touch("touchEnd")
    expect(desk.selected()).to_have_count(1)

    # A second finger turns drawing into zooming about the middle of the two, and nothing is drawn.
    middle = desk.on_screen(300, 200)
    under = desk.in_picture(*middle)
    before = desk.zoom()
    touch("touchStart", (middle[0] - 50, middle[1]))
    touch("touchStart", (middle[0] - 50, middle[1]), (middle[0] + 50, middle[1]))
    for spread in (70, 90, 100):
        touch("touchMove", (middle[0] - spread, middle[1]), (middle[0] + spread, middle[1]))
    touch("touchEnd")
    assert desk.zoom() == pytest.approx(2 * before, rel=0.02)
    assert desk.in_picture(*middle) == pytest.approx(under, abs=1)
    assert len(desk.stored("a.jpg")) == 1
    wire.detach()


def test_keys_are_shown_changed_and_given_back(page: Any, studio: RunningStudio) -> None:
    desk = DrawingDesk.with_pictures(page, studio, "keys", {"a.jpg": picture((600, 400))}, CLASSES[:1])
    page.locator(".st-view").focus()
    desk.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    for words in ("Next photograph", "Hide or show all boxes", "Draw a box from corner to corner"):
        expect(dialog.get_by_text(words, exact=True)).to_be_visible()

    dialog.get_by_role("button", name="New box in the middle of the view: N").click()
    desk.press("h")
    expect(dialog.get_by_text("H is the key of “Hide or show all boxes”.")).to_be_visible()
    desk.press("Enter")  # take it
    expect(dialog.get_by_role("button", name="Hide or show all boxes: none")).to_be_visible()
    desk.press("Escape")
    expect(dialog).to_be_hidden()
    desk.press("h")
    assert len(desk.stored("a.jpg")) == 1

    # Tooltips and screen readers are told of a key as it is now.
    forward = page.get_by_role("button", name="Next image", exact=True)
    expect(forward).to_have_attribute("title", "Next image (D)")
    page.get_by_role("button", name="All keys").click()
    for name, key in (("Next photograph", "b"), ("Class 1", "Shift+q"), ("No objects here", "u")):
        dialog.get_by_role("button", name=re.compile(f"^{name}: ")).click()
        desk.press(key)
    desk.press("Escape")
    expect(forward).to_have_attribute("title", "Next image (B)")
    expect(forward).to_have_attribute("aria-keyshortcuts", "B")
    expect(page.locator(".st-class kbd")).to_have_text("Shift Q")
    page.locator(".st-view").focus()
    desk.press("Tab", "Delete")
    expect(page.get_by_role("button", name="No objects here")).to_have_attribute(
        "title", "No objects here (U)"
    )
    desk.press("Control+z")

    page.reload()
    desk.open("a.jpg")
    page.get_by_role("button", name="All keys").click()
    page.get_by_role("button", name="Reset all keys").click()
    desk.press("Escape")
    expect(dialog).to_be_hidden()
    desk.press("h")
    expect(page.locator("rect.box")).to_have_count(0)
    assert len(desk.stored("a.jpg")) == 1


def test_dragging_one_of_500_boxes_touches_no_other(page: Any, studio: RunningStudio) -> None:
    desk = DrawingDesk.with_pictures(page, studio, "many", {"a.jpg": picture((1200, 900))}, CLASSES[:3])
    page.evaluate(
        """async ([image, project]) => {
          const view = await (await fetch(`api/images/${image}`)).json();
          const boxes = Array.from({ length: 500 }, (_, i) => {
            const [x, y] = [(i % 25) * 47, Math.floor(i / 25) * 44];
            const class_id = view.classes[i % 3].id;
            const box = [x, y, x + 30, y + 30];
            return { id: `box-${i}-of-500`, class_id, box, source: "person", difficult: false, crowd: false };
          });
          const body = JSON.stringify({ revision: view.image.revision, operation_id: "five hundred", boxes });
          const headers = { "content-type": "application/json" };
          const answer = await fetch(`api/images/${image}/boxes`, { method: "PUT", headers, body });
          if (!answer.ok) throw new Error(await answer.text());
          ssdStudio.changed("boxes");
        }""",
        [desk.images["a.jpg"], desk.project],
    )
    expect(page.locator("rect.box")).to_have_count(500)
    desk.click(485, 455)
    expect(desk.selected()).to_have_count(1)
    page.evaluate(
        """() => {
          window.touched = new Set();
          const watch = new MutationObserver((list) => list.forEach(({ target }) => {
            const at = target.nodeType === 1 ? target : target.parentElement;
            const mark = at?.closest(".mark, .st-box-row, .st-class-line");
            if (mark && !mark.matches(".selected")) touched.add(mark);
          }));
          const all = { subtree: true, childList: true, attributes: true, characterData: true };
          watch.observe(document.querySelector(".studio-label"), all);
        }"""
    )
    start, end = desk.on_screen(485, 455), desk.on_screen(505, 475)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=10)
    assert page.evaluate("touched.size") == 0
    page.mouse.up()
    assert len(desk.stored("a.jpg")) == 500
