"""Filters of images: each alone, all together, and texts that mean themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data import annotations, classes, images, models, suggestions
from data.records import Box, ImageFilter, Model
from data.schema import LARGEST_INTEGER


@pytest.fixture
def found(database, project):
    """Gives the names of the images that a filter wants, and checks that they are counted right."""

    def ask(**options):
        wanted = ImageFilter(**options)
        with database.read() as session:
            page = images.page(session, project.id, wanted=wanted)
            assert page.total == images.count(session, project.id, wanted) == len(page.images)
        return [image.name for image in page.images]

    return ask


@pytest.fixture
def shelf(database, project, bolt, add_image):
    """Four images: a with a bolt, b with nuts and a flag, c empty, d with a suggestion and a note."""
    a, b, c, d = (add_image(f"{letter}.png") for letter in "abcd")
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        annotations.replace(session, a.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        annotations.replace(session, b.id, [Box(str(k), nut.id, 0, 0, 5, 5) for k in range(2)], 0, "op")
        annotations.mark_empty(session, c.id, 0, "op")
        images.change(session, b.id, flag=True, split="val")
        images.change(session, c.id, split="train")
        images.change(session, d.id, note="Ask Ähnlich & Söhne: 50 % done_")
        models.register(session, Model("m1", project.id, None, "m1", ("bolt",), {}, datetime.now(UTC)))
        suggestions.offer(session, d.id, "m1", [(Box("", bolt.id, 0, 0, 5, 5), 0.5)])
    return {"bolt": bolt.id, "nut": nut.id}


def test_each_filter_wants_its_images(found, shelf):
    assert found() == ["a.png", "b.png", "c.png", "d.png"]
    assert found(status="labelled") == ["a.png", "b.png"]
    assert found(split="val") == ["b.png"]
    assert found(split="none") == ["a.png", "d.png"]
    assert found(class_id=shelf["nut"]) == ["b.png"]
    assert found(flagged=True) == ["b.png"]
    assert found(suggested=True) == ["d.png"]
    assert found(text="b.") == ["b.png"]


def test_an_image_must_fulfil_all_filters(found, shelf):
    everything = {
        "status": "labelled",
        "split": "val",
        "class_id": shelf["nut"],
        "flagged": True,
        "text": "B",
    }
    assert found(**everything) == ["b.png"]
    for other in ({"status": "empty"}, {"split": "none"}, {"class_id": shelf["bolt"]}, {"suggested": True}):
        assert found(**everything | other) == []


def test_a_text_is_found_in_name_and_note_in_either_case_whatever_its_letters(found, shelf):
    assert found(text="D.PNG") == ["d.png"]
    assert found(text="äHNLICH & SÖHNE") == ["d.png"]
    assert found(text="a\u0308hnlich") == ["d.png"]


@pytest.mark.parametrize("text", ["%", "_", "50 %", "done_"])
def test_the_signs_of_patterns_mean_themselves(found, shelf, text):
    assert found(text=text) == ["d.png"]


@pytest.mark.parametrize("text", ["/", "\\", "'", "a%", "\x00", "%%"])
def test_what_is_in_no_name_finds_nothing(found, shelf, text):
    assert found(text=text) == []


@pytest.mark.parametrize("class_id", [0, -1, 99, LARGEST_INTEGER + 1, 10**30])
def test_a_class_that_is_not_there_is_on_no_image(found, shelf, class_id):
    assert found(class_id=class_id) == []


def test_a_suggestion_that_was_decided_on_is_no_reason_to_look_again(database, found, shelf):
    with database.write() as session:
        image = images.page(session, 1, wanted=ImageFilter(suggested=True)).images[0]
        suggestions.reject(session, image.id, [each.id for each in suggestions.read(session, image.id)])
    assert found(suggested=True) == []


def test_a_labelled_image_waits_no_more_whatever_was_suggested_besides(database, bolt, found, shelf):
    with database.write() as session:
        image = images.page(session, 1, wanted=ImageFilter(suggested=True)).images[0]
        annotations.replace(session, image.id, [Box("a", bolt.id, 10, 10, 20, 20)], 0, "draw")
        assert len(suggestions.read(session, image.id)) == 1
    assert found(suggested=True) == []


def test_no_filter_sees_the_bin(database, found, shelf):
    with database.write() as session:
        for image in images.page(session, 1).images:
            images.discard(session, image.id)
    assert found() == []
    for wanted in ({"split": "val"}, {"class_id": shelf["nut"]}, {"flagged": True}, {"suggested": True}):
        assert found(**wanted) == []
    assert found(text="png") == found(status="empty") == []


def test_a_page_can_begin_anywhere(database, project, add_image):
    for number in (3, 1, 10, 2):
        add_image(f"{number}.png")
    with database.read() as session:
        for offset, names in ((0, ["1.png", "2.png"]), (1, ["2.png", "3.png"]), (3, ["10.png"]), (4, [])):
            page = images.page(session, project.id, limit=2, offset=offset)
            assert [image.name for image in page.images] == names
            assert page.total == 4
        assert images.page(session, project.id, offset=10**30).images == ()
        assert images.page(session, project.id, offset=-1).total == 4
