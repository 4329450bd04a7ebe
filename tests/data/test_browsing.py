"""Looking through images: places, neighbours and counts, with and without a filter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data import annotations, browsing, images, models, projects, suggestions
from data.browsing import Tallies
from data.errors import NotFound
from data.intake import read_image
from data.records import Box, ImageFilter, Model, Place

UNLABELLED = ImageFilter(status="unlabelled")


@pytest.fixture
def five(database, bolt, add_image):
    """Images 0 to 4, of which 1 and 3 are labelled, with two boxes and one."""
    added = [add_image(f"{number}.png") for number in range(5)]
    with database.write() as session:
        for number, count in ((1, 2), (3, 1)):
            boxes = [Box(str(k), bolt.id, k, 0, k + 5.5, 5) for k in range(count)]
            annotations.replace(session, added[number].id, boxes, 0, "op")
    return [image.id for image in added]


def test_an_images_place_names_its_neighbours(database, project, add_image):
    third, first, second = (add_image(f"{number}.png") for number in (30, 1, 2))
    with database.read() as session:
        assert browsing.place(session, first.id) == Place(1, 3, None, second.id, second.id)
        assert browsing.place(session, second.id) == Place(2, 3, first.id, third.id, third.id)
        assert browsing.place(session, third.id) == Place(3, 3, second.id, None, first.id)


def test_the_next_unlabelled_image_skips_labelled_and_empty_ones(database, project, bolt, add_image):
    first, second, third, fourth = (add_image(f"{number}.png") for number in range(4))
    with database.write() as session:
        annotations.replace(session, second.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        annotations.mark_empty(session, third.id, 0, "op")
    with database.read() as session:
        assert browsing.place(session, first.id).next_unlabelled_id == fourth.id
        assert browsing.place(session, fourth.id).next_unlabelled_id == first.id


def test_where_all_other_images_are_done_none_is_next_unlabelled(database, project, add_image):
    only = add_image("a.png")
    with database.read() as session:
        assert browsing.place(session, only.id) == Place(1, 1, None, None, None)


def test_places_do_not_look_into_other_projects(database, project, add_image, blobs, picture):
    image = add_image("b.png")
    with database.write() as session:
        other = projects.create(session, "Other")
        upright = read_image(picture())
        for name in ("a.png", "c.png"):
            images.insert(session, other.id, name, upright, blobs.put(upright.data))
    with database.read() as session:
        assert browsing.place(session, image.id) == Place(1, 1, None, None, None)


def test_a_place_is_counted_among_the_images_wanted(database, five):
    with database.read() as session:
        assert browsing.place(session, five[2], UNLABELLED) == Place(2, 3, five[0], five[4], five[4])
        labelled = ImageFilter(status="labelled")
        assert browsing.place(session, five[1], labelled) == Place(1, 2, None, five[3], None)


def test_an_image_that_is_not_wanted_has_no_number_but_the_neighbours_it_would_have(database, five):
    with database.read() as session:
        assert browsing.place(session, five[1], UNLABELLED) == Place(None, 3, five[0], five[2], five[2])


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("-name", [4, 3, 2, 1, 0]),
        ("added", [0, 1, 2, 3, 4]),
        ("-added", [4, 3, 2, 1, 0]),
        ("boxes", [0, 2, 4, 3, 1]),
        ("-boxes", [1, 3, 4, 2, 0]),
    ],
)
def test_places_pages_and_neighbours_follow_the_order_wanted(database, project, five, sort, order):
    wanted = ImageFilter(sort=sort)
    expected = [five[number] for number in order]
    with database.read() as session:
        page = images.page(session, project.id, wanted=wanted, limit=2)
        assert [image.id for image in page.images] == expected[:2]
        page = images.page(session, project.id, page.next_after, 2, wanted)
        assert [image.id for image in page.images] == expected[2:4]
        assert browsing.place(session, expected[1], wanted) == Place(
            2, 5, expected[0], expected[2], browsing.place(session, expected[1], wanted).next_unlabelled_id
        )
        strip = browsing.around(session, expected[2], 1, 1, wanted)
        assert ([image.id for image in strip.images], strip.number) == (expected[1:4], 2)


def test_an_image_stands_among_so_many_before_and_behind_it(database, five):
    with database.read() as session:
        strip = browsing.around(session, five[2], 1, 5)
        assert ([image.id for image in strip.images], strip.number, strip.total) == (five[1:], 2, 5)
        strip = browsing.around(session, five[0], 3, 0)
        assert ([image.id for image in strip.images], strip.number) == (five[:1], 1)


def test_an_image_that_is_not_wanted_is_left_out_of_its_own_neighbourhood(database, five):
    with database.read() as session:
        strip = browsing.around(session, five[3], 1, 1, UNLABELLED)
    assert ([image.id for image in strip.images], strip.number, strip.total) == ([five[2], five[4]], 2, 3)


def test_what_stands_around_an_unknown_image_is_not_found(database):
    for question in (browsing.around, browsing.place):
        options = (1, 1) if question is browsing.around else ()
        with database.read() as session, pytest.raises(NotFound):
            question(session, 99, *options)


def test_boxes_of_several_images_come_each_in_the_order_they_were_drawn(database, bolt, five):
    with database.read() as session:
        assert browsing.boxes_of(session, [five[3], five[0], five[1]]) == {
            five[3]: ((bolt.id, 0, 0, 5.5, 5),),
            five[0]: (),
            five[1]: ((bolt.id, 0, 0, 5.5, 5), (bolt.id, 1, 0, 6.5, 5)),
        }


@pytest.fixture
def suggest(database, project, bolt):
    """Suggests a number of boxes on an image."""
    with database.write() as session:
        models.register(session, Model("m1", project.id, None, "m1", ("bolt",), {}, datetime.now(UTC)))

    def offer(image_id, number):
        with database.write() as session:
            found = [(Box("", bolt.id, k, 0, k + 5, 5), 0.5) for k in range(number)]
            return suggestions.offer(session, image_id, "m1", found)

    return offer


def test_open_suggestions_are_counted_by_image(database, five, suggest):
    offered = suggest(five[0], 3)
    suggest(five[2], 1)
    with database.write() as session:
        suggestions.reject(session, five[0], [offered[0].id])
    with database.read() as session:
        assert browsing.open_suggestions(session, five[:3]) == {five[0]: 2, five[1]: 0, five[2]: 1}


def test_the_tallies_leave_the_bin_out_and_count_it_apart(database, project, five, suggest):
    for image_id in (five[0], five[2]):
        suggest(image_id, 2)
    with database.write() as session:
        for image_id in five[:3]:
            images.change(session, image_id, flag=True)
        annotations.mark_empty(session, five[4], 0, "op")
        images.discard(session, five[0])
    with database.read() as session:
        tallies = browsing.tallies(session, project.id)
    assert tallies == Tallies(unlabelled=1, labelled=2, empty=1, flagged=2, suggested=1, bin=1)
    assert tallies.total == 4
