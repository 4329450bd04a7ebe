"""What a model made of images, kept until somebody labels them, and the order that follows."""

from __future__ import annotations

import threading
from array import array
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from data import annotations, browsing, classes, images, looks, models, projects, suggestions
from data.records import Box, ImageFilter, Model
from data.schema import LookRow

USEFUL = ImageFilter(sort="useful")
CORNERS = (1.0, 2.0, 21.0, 22.0)


@pytest.fixture
def model(database, project):
    with database.write() as session:
        made = Model("m1", project.id, None, "parts 1", ("bolt",), {}, datetime.now(UTC))
        return models.register(session, made)


@pytest.fixture
def look(database, model):
    """Notes a look at an image as it was when it was read."""

    def at(image, uncertainty=0.5, found=(), model_id="m1", descriptor=(0.5, 0.25)):
        seen = looks.Waiting(image.id, image.name, image.sha256, image.revision)
        with database.write() as session:
            return looks.note(session, seen, model_id, uncertainty, "Nothing found", descriptor, found)

    return at


def draw(database, image, *boxes):
    with database.write() as session:
        return annotations.replace(session, image.id, boxes, image.revision, f"operation {image.revision}")


def test_an_image_waits_until_the_model_has_looked_at_it_as_it_is(
    database, project, bolt, model, look, add_image
):
    first, second = add_image("a.png"), add_image("b.png")
    other = Model("m2", project.id, None, "parts 2", ("bolt",), {}, datetime.now(UTC))

    def waiting(model_id="m1"):
        with database.read() as session:
            found = looks.waiting(session, project.id, model_id, 10)
            done, total = looks.progress(session, project.id, model_id)
            assert (done, total) == (total - len(found), total)
            return [each.name for each in found]

    assert waiting() == ["a.png", "b.png"]
    assert look(first)
    assert waiting() == ["b.png"]
    with database.write() as session:
        models.register(session, other)
    assert waiting("m2") == ["a.png", "b.png"]
    assert look(first, model_id="m2")
    assert (waiting(), waiting("m2")) == (["a.png", "b.png"], ["b.png"])
    # Labelled it does not wait; unlabelled again it is another image.
    assert look(first)
    labelled = draw(database, first, Box("1", bolt.id, *CORNERS))
    assert waiting() == ["b.png"]
    draw(database, labelled)
    assert waiting() == ["a.png", "b.png"]
    with database.write() as session:
        images.discard(session, second.id)
    assert waiting() == ["a.png"]


def test_what_was_found_takes_the_place_of_open_suggestions_and_leaves_out_what_was_rejected(
    database, project, bolt, model, look, add_image
):
    image = add_image("a.png")
    near = (2.0, 3.0, 21.0, 22.0)
    assert look(image, found=[(bolt.id, CORNERS, 0.9), (bolt.id, (30.0, 2.0, 39.0, 9.0), 0.5)])
    with database.write() as session:
        sure, _ = suggestions.read(session, image.id)
        suggestions.reject(session, image.id, [sure.id])
    found = [(bolt.id, near, 0.8), (bolt.id, (5.0, 20.0, 9.0, 29.0), 0.3), (bolt.id + 1, CORNERS, 0.9)]
    assert look(image, found=[*found, (bolt.id, (1.0, 1.0, 1.5, 9.0), 0.9)])
    with database.read() as session:
        assert [(each.score, each.x0) for each in suggestions.read(session, image.id)] == [(0.3, 5.0)]
        assert [each.id for each in suggestions.read(session, image.id, "rejected")] == [sure.id]


def test_nothing_is_written_about_an_image_that_somebody_labelled_changed_or_removed_meanwhile(
    database, bolt, model, look, add_image
):
    labelled, binned, gone = (add_image(name) for name in ("a.png", "b.png", "c.png"))
    draw(database, labelled, Box("1", bolt.id, *CORNERS))
    with database.write() as session:
        images.discard(session, binned.id)
        images.discard(session, gone.id)
        images.empty_bin(session, datetime.now(UTC) + timedelta(days=99), 30)
    emptied = add_image("d.png")
    back = draw(database, draw(database, emptied, Box("1", bolt.id, *CORNERS)))
    assert (back.status, back.revision) == ("unlabelled", 2)
    for image in (labelled, binned, gone, emptied):
        assert not look(image, found=[(bolt.id, CORNERS, 0.9)])
    with database.read() as session:
        assert session.get(LookRow, labelled.id) is None
        assert suggestions.read(session, labelled.id) == ()


def test_the_useful_order_begins_with_the_most_useful_and_keeps_a_finished_image_in_its_place(
    database, project, bolt, model, look, add_image
):
    names = ("a.png", "b.png", "c.png", "d.png", "e.png")
    made = {name: add_image(name) for name in names}
    for name in ("a.png", "b.png", "d.png"):
        look(made[name])
    ids = {name: image.id for name, image in made.items()}
    order = [(ids["a.png"], 0.2, "little"), (ids["b.png"], 2.5, "much"), (ids["d.png"], 1.5, "some")]
    with database.write() as session:
        looks.put_in_order(session, [*order, (999, 1.0, "gone")])
    draw(database, made["d.png"], Box("1", bolt.id, *CORNERS))
    with database.read() as session:
        page = images.page(session, project.id, wanted=USEFUL, limit=2)
        rest = images.page(session, project.id, wanted=USEFUL, after=page.next_after)
        shown = [image.name for image in (*page.images, *rest.images)]
        assert shown == ["b.png", "d.png", "a.png", "c.png", "e.png"]
        place = browsing.place(session, ids["d.png"], ImageFilter(sort="useful", status="unlabelled"))
        assert (place.number, place.previous_id, place.next_id) == (None, ids["b.png"], ids["a.png"])
        strip = browsing.around(session, ids["c.png"], 2, 2, USEFUL)
        assert [image.name for image in strip.images] == ["d.png", "a.png", "c.png", "e.png"]
        found = looks.of_images(session, [image.id for image in made.values()])
        assert {key: (each.usefulness, each.reason) for key, each in found.items()} == {
            made["a.png"].id: (0.2, "little"),
            made["b.png"].id: (2.5, "much"),
        }
        assert looks.has_any(session, project.id)
    with database.write() as session:
        (finished,) = looks.finished_in_order(session, project.id)
        looks.pass_finished(session, [finished, made["b.png"].id])
        assert looks.finished_in_order(session, project.id) == []
        first = images.page(session, project.id, wanted=USEFUL).images
        assert [image.name for image in first] == ["d.png", "b.png", "a.png", "c.png", "e.png"]


def test_images_are_described_whether_they_wait_or_are_finished(
    database, project, bolt, model, look, add_image
):
    ahead, behind, unreadable = (add_image(name) for name in ("a.png", "b.png", "c.png"))
    look(ahead, 0.7, descriptor=(0.1, 0.2))
    look(unreadable, descriptor=None)
    draw(database, behind, Box("1", bolt.id, *CORNERS))
    with database.write() as session:
        (unknown,) = looks.undescribed(session, project.id, 10)
        looks.describe(session, unknown, "m1", (0.3, 0.4))
        assert looks.undescribed(session, project.id, 10) == ()
        (waits,), (finished,) = looks.described(session, project.id, 10)
        assert (waits.image_id, waits.uncertainty, waits.descriptor) == (
            ahead.id,
            0.7,
            array("f", (0.1, 0.2)),
        )
        assert (finished.image_id, finished.descriptor) == (behind.id, array("f", (0.3, 0.4)))
        # Nothing of it is shown: it does not wait.
        assert looks.of_images(session, [behind.id]) == {}


def test_standings_tell_what_looking_ahead_depends_on(database, project, bolt, model, add_image):
    image = add_image("a.png")

    def standing():
        with database.read() as session:
            return looks.standings(session)

    assert standing() == (looks.Standing(project.id, "m1", 1, 0),)
    draw(database, image, Box("1", bolt.id, *CORNERS))
    assert standing() == (looks.Standing(project.id, "m1", 0, 1),)
    with database.write() as session:
        assert looks.looks_by_itself(session, project.id)
        looks.let_look_by_itself(session, project.id, wanted=False)
        assert not looks.looks_by_itself(session, project.id)
    assert standing() == ()
    with database.write() as session:
        looks.let_look_by_itself(session, project.id, wanted=True)
        projects.archive(session, project.id)
    assert standing() == ()


def test_images_finished_since_a_moment_are_counted_once(database, project, bolt, add_image):
    before, after, again = (add_image(name) for name in ("a.png", "b.png", "c.png"))
    for image in (before, again):
        draw(database, image, Box("1", bolt.id, *CORNERS))
    moment = datetime.now(UTC)
    draw(database, after, Box("1", bolt.id, *CORNERS))
    with database.write() as session:
        classes.add(session, project.id, "nut")
        assert looks.finished_since(session, project.id, moment) == 1
    changed = draw(database, images_of(database, again), Box("1", bolt.id, 1, 1, 9, 9))
    draw(database, changed, Box("1", bolt.id, 1, 1, 8, 8))
    with database.read() as session:
        assert looks.finished_since(session, project.id, moment) == 2
        assert looks.share_with_objects(session, project.id) == 1


def images_of(database, image):
    with database.read() as session:
        return images.get(session, image.id)


def test_only_the_newest_finished_images_are_described(database, project, bolt, model, add_image):
    made = [add_image(name) for name in ("a.png", "b.png", "c.png")]
    for image in made:
        draw(database, image, Box("1", bolt.id, *CORNERS))
    with database.write() as session:
        newest = looks.undescribed(session, project.id, 2)
        assert [each.name for each in newest] == ["c.png", "b.png"]
        for each in newest:
            looks.describe(session, each, "m1", (0.1,))
        # The older one is not next: it would go on through all of a hundred thousand.
        assert looks.undescribed(session, project.id, 2) == ()
        _, behind = looks.described(session, project.id, 1)
        assert [each.image_id for each in behind] == [made[2].id]


def test_two_servers_that_describe_one_finished_image_do_not_get_into_each_other_s_way(
    database, project, model, add_image
):
    image = add_image("a.png")
    seen = looks.Waiting(image.id, image.name, image.sha256, image.revision)
    begun = threading.Event()

    def also_describe():
        with database.write() as session:
            begun.set()
            looks.describe(session, seen, "m1", (0.1, 0.2))

    with ThreadPoolExecutor(1) as other, database.write() as session:
        looks.describe(session, seen, "m1", (0.3, 0.4))
        second = other.submit(also_describe)
        assert begun.wait(20)
        with suppress(TimeoutError):  # It waits for this transaction, and must not fail at its end.
            second.result(0.2)
    second.result(20)
    with database.read() as session:
        assert session.get(LookRow, image.id).descriptor == [0.3, 0.4]
