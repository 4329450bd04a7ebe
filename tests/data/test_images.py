"""Images: identity, order, pages and places."""

from __future__ import annotations

import pytest

from data import annotations, images, projects
from data.errors import InvalidName, NotFound
from data.intake import read_image
from data.records import Box, Place


@pytest.fixture
def insert(blobs):
    """Stores the bytes of an image file and adds its row."""

    def insert(session, project_id, name, data, split=None):
        upright = read_image(data)
        return images.insert(session, project_id, name, upright, blobs.put(upright.data), split)

    return insert


def test_an_added_image_has_its_size_type_and_file(database, blobs, project, insert, picture):
    with database.write() as session:
        image, new = insert(session, project.id, "shots/a.jpg", picture((64, 48)), "val")
    assert new
    assert (image.name, image.width, image.height, image.mime) == ("shots/a.jpg", 64, 48, "image/jpeg")
    assert (image.status, image.split, image.revision, image.boxes) == ("unlabelled", "val", 0, 0)
    assert blobs.path(image.sha256).read_bytes() == picture((64, 48))
    with database.read() as session:
        assert images.get(session, image.id) == image


def test_the_same_path_and_bytes_are_the_same_image(database, project, insert, picture):
    with database.write() as session:
        first, _ = insert(session, project.id, "a.jpg", picture())
        again, new = insert(session, project.id, "a.jpg", picture(), "test")
    assert not new
    assert again == first


def test_other_bytes_or_another_path_or_project_make_another_image(database, project, insert, picture):
    with database.write() as session:
        other = projects.create(session, "Other")
        added = [
            insert(session, project.id, "a.jpg", picture(colour="red")),
            insert(session, project.id, "a.jpg", picture(colour="blue")),
            insert(session, project.id, "b.jpg", picture(colour="red")),
            insert(session, other.id, "a.jpg", picture(colour="red")),
        ]
    assert all(new for _, new in added)
    assert len({image.id for image, _ in added}) == 4
    assert len({image.sha256 for image, _ in added}) == 2


def test_an_image_needs_a_project_and_a_name(database, project, insert, picture):
    with database.write() as session:
        with pytest.raises(NotFound, match="project 99"):
            insert(session, 99, "a.jpg", picture())
        with pytest.raises(InvalidName):
            insert(session, project.id, "", picture())


def test_pages_run_through_all_images_in_natural_order(database, project, add_image):
    for number in (10, 2, 1, 33, 7):
        add_image(f"raccoon-{number}.png")
    names, after = [], None
    with database.read() as session:
        while True:
            page = images.page(session, project.id, after, 2)
            assert page.total == 5
            names += [image.name for image in page.images]
            after = page.next_after
            if after is None:
                break
    assert names == [f"raccoon-{number}.png" for number in (1, 2, 7, 10, 33)]


def test_images_of_one_name_are_paged_by_id(database, project, add_image):
    ids = [add_image("same.png", colour=shade).id for shade in ("red", "green", "blue")]
    with database.read() as session:
        first = images.page(session, project.id, limit=2)
        second = images.page(session, project.id, first.next_after, 2)
    assert [image.id for page in (first, second) for image in page.images] == ids


def test_a_page_can_be_of_one_status(database, project, bolt, add_image):
    done = add_image("a.png")
    add_image("b.png")
    with database.write() as session:
        annotations.replace(session, done.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
    with database.read() as session:
        page = images.page(session, project.id, status="labelled")
        assert [(image.name, image.boxes) for image in page.images] == [("a.png", 1)]
        assert page.total == 1
        assert [image.name for image in images.page(session, project.id, status="unlabelled").images] == [
            "b.png"
        ]
        assert images.page(session, project.id, status="empty").images == ()


def test_a_page_behind_a_deleted_image_is_not_found(database, project, add_image):
    image = add_image("a.png")
    with database.write() as session:
        images.delete(session, image.id)
    with database.read() as session, pytest.raises(NotFound):
        images.page(session, project.id, image.id)


def test_an_images_place_names_its_neighbours(database, project, add_image):
    third, first, second = (add_image(f"{number}.png") for number in (30, 1, 2))
    with database.read() as session:
        assert images.place(session, first.id) == Place(1, 3, None, second.id, second.id)
        assert images.place(session, second.id) == Place(2, 3, first.id, third.id, third.id)
        assert images.place(session, third.id) == Place(3, 3, second.id, None, first.id)


def test_the_next_unlabelled_image_skips_labelled_and_empty_ones(database, project, bolt, add_image):
    first, second, third, fourth = (add_image(f"{number}.png") for number in range(4))
    with database.write() as session:
        annotations.replace(session, second.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        annotations.mark_empty(session, third.id, 0, "op")
    with database.read() as session:
        assert images.place(session, first.id).next_unlabelled_id == fourth.id
        assert images.place(session, fourth.id).next_unlabelled_id == first.id


def test_where_all_other_images_are_done_none_is_next_unlabelled(database, project, add_image):
    only = add_image("a.png")
    with database.read() as session:
        assert images.place(session, only.id) == Place(1, 1, None, None, None)


def test_places_do_not_look_into_other_projects(database, project, insert, add_image, picture):
    image = add_image("b.png")
    with database.write() as session:
        other = projects.create(session, "Other")
        insert(session, other.id, "a.png", picture())
        insert(session, other.id, "c.png", picture())
    with database.read() as session:
        assert images.place(session, image.id) == Place(1, 1, None, None, None)


def test_a_deleted_image_takes_its_boxes_along_but_leaves_its_file(database, blobs, project, bolt, add_image):
    image = add_image("a.png")
    with database.write() as session:
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        images.delete(session, image.id)
    with database.read() as session:
        with pytest.raises(NotFound):
            images.get(session, image.id)
        assert annotations.read(session, image.id) == ()
        assert projects.get(session, project.id).boxes == 0
    assert blobs.has(image.sha256)


def test_a_deleted_images_id_is_not_given_again(database, project, add_image):
    gone = add_image("a.png")
    with database.write() as session:
        images.delete(session, gone.id)
    assert add_image("b.png").id > gone.id
