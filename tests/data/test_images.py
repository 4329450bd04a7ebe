"""Images: identity, order, pages and places."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from data import annotations, browsing, classes, images, projects, summary
from data.errors import InvalidName, NotFound
from data.intake import read_image
from data.records import Box, ImageFilter, Place
from data.schema import ImageRow, ProjectCountRow, ProjectRow


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
        page = images.page(session, project.id, wanted=ImageFilter(status="labelled"))
        assert [(image.name, image.boxes) for image in page.images] == [("a.png", 1)]
        assert page.total == 1
        assert [
            image.name
            for image in images.page(session, project.id, wanted=ImageFilter(status="unlabelled")).images
        ] == ["b.png"]
        assert images.page(session, project.id, wanted=ImageFilter(status="empty")).images == ()


def test_a_page_behind_a_deleted_image_is_not_found(database, project, add_image):
    image = add_image("a.png")
    with database.write() as session:
        images.delete(session, image.id)
    with database.read() as session, pytest.raises(NotFound):
        images.page(session, project.id, image.id)


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


def true_counts(session, project_id):
    """The numbers that the database keeps, counted one by one."""
    found = dict.fromkeys(images.STATUSES, 0)
    rows = select(ImageRow.status).where(ImageRow.project_id == project_id, ImageRow.deleted.is_(None))
    for status in session.scalars(rows):
        found[status] += 1
    return found


def test_the_kept_counts_are_true_after_every_kind_of_change(database, project, bolt, add_image):
    first, second, third, fourth = (add_image(f"{number}.png") for number in range(4))
    box = Box("1", bolt.id, 0, 0, 5, 5)

    def steps(session):
        yield annotations.replace(session, first.id, [box], 0, "a")
        yield annotations.replace(session, first.id, [], 1, "b")
        yield annotations.mark_empty(session, second.id, 0, "a")
        yield annotations.replace(session, second.id, [box], 1, "b")
        yield annotations.restore(session, second.id, 1, 2, "c")
        yield images.discard(session, second.id)
        yield images.discard(session, second.id)
        yield images.discard(session, third.id)
        yield images.put_back(session, second.id)
        yield images.delete(session, second.id)
        yield images.delete(session, third.id)
        yield session.execute(update(ImageRow).values(status="labelled"))
        yield session.execute(delete(ImageRow).where(ImageRow.id == fourth.id))

    with database.write() as session:
        for number, _ in enumerate(steps(session)):
            session.flush()
            assert images.counts(session, project.id) == true_counts(session, project.id), number
    with database.read() as session:
        assert images.counts(session, project.id) == {"unlabelled": 0, "labelled": 1, "empty": 0}


def test_a_change_that_is_taken_back_takes_its_counts_back(database, project, bolt, add_image):
    image = add_image("a.png")
    with database.write() as session:
        annotations.mark_empty(session, image.id, 0, "a")
        session.rollback()
    with database.read() as session:
        assert images.counts(session, project.id) == {"unlabelled": 1, "labelled": 0, "empty": 0}


def test_counts_belong_to_each_project_and_go_with_it(database, project, insert, add_image, picture):
    add_image("a.png")
    with database.write() as session:
        other = projects.create(session, "Other")
        for name in ("a.png", "b.png"):
            insert(session, other.id, name, picture())
    with database.write() as session:
        assert [sum(images.counts(session, each).values()) for each in (project.id, other.id)] == [1, 2]
        session.execute(delete(ProjectRow).where(ProjectRow.id == other.id))
    with database.read() as session:
        assert session.scalars(select(ProjectCountRow.project_id)).all() == [project.id]
        assert sum(images.counts(session, other.id).values()) == 0


def test_an_image_in_the_bin_is_in_no_page_place_or_count(database, project, bolt, add_image):
    first, gone, last = (add_image(f"{number}.png") for number in range(3))
    with database.write() as session:
        annotations.replace(session, gone.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "a")
        images.discard(session, gone.id)
    with database.read() as session:
        page = images.page(session, project.id)
        assert ([image.id for image in page.images], page.total) == ([first.id, last.id], 2)
        assert images.page(session, project.id, wanted=ImageFilter(status="labelled")).total == 0
        assert browsing.place(session, first.id) == Place(1, 2, None, last.id, last.id)
        assert [image.id for image in images.page(session, project.id, after=gone.id).images] == [last.id]
        counted = projects.get(session, project.id)
        assert (counted.images, counted.labelled, counted.boxes, counted.classes) == (2, 0, 0, 1)
        assert [entry.boxes for entry in classes.list_all(session, project.id)] == [0]
        found = summary.of(session, project.id)
        assert (found.images, found.boxes, found.by_status["labelled"]) == (2, 0, 0)


def test_the_bin_holds_the_images_and_gives_them_back_as_they_were(database, project, bolt, add_image):
    image, other = add_image("a.png"), add_image("b.png")
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with database.write() as session:
        before = annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "a")
        images.discard(session, other.id, moment)
        binned = images.discard(session, image.id, moment + timedelta(days=1))
        assert binned.deleted == moment + timedelta(days=1)
        assert images.discard(session, image.id, moment) == binned
    with database.read() as session:
        assert [each.id for each in images.discarded(session, project.id)] == [image.id, other.id]
        assert images.get(session, image.id) == binned
    with database.write() as session:
        assert images.put_back(session, image.id) == before
        assert images.put_back(session, image.id) == before
    with database.read() as session:
        assert [each.id for each in images.discarded(session, project.id)] == [other.id]


def test_the_bin_is_emptied_of_what_lies_there_for_thirty_days(database, project, add_image):
    old, young, kept = (add_image(f"{number}.png") for number in range(3))
    now = datetime(2026, 3, 31, tzinfo=UTC)
    with database.write() as session:
        images.discard(session, old.id, now - timedelta(days=30))
        images.discard(session, young.id, now - timedelta(days=29, hours=23))
    with database.write() as session:
        assert images.empty_bin(session, now) == 1
        assert [each.id for each in images.discarded(session, project.id)] == [young.id]
        assert images.get(session, kept.id).deleted is None
        with pytest.raises(NotFound):
            images.get(session, old.id)


def test_adding_an_image_that_lies_in_the_bin_takes_it_out(database, project, insert, picture):
    with database.write() as session:
        first, _ = insert(session, project.id, "a.jpg", picture())
        images.discard(session, first.id)
        assert images.find(session, project.id, "a.jpg", read_image(picture()).received_sha256) is None
        again, new = insert(session, project.id, "a.jpg", picture())
    assert not new
    assert again == first


def test_a_warning_and_a_perceptual_hash_are_kept_with_the_image(database, blobs, project, picture):
    upright = replace(read_image(picture()), perceptual_hash=-(2**63), warning="Its last rows are missing.")
    with database.write() as session:
        image, _ = images.insert(session, project.id, "a.jpg", upright, blobs.put(upright.data))
    with database.read() as session:
        found = images.get(session, image.id)
    assert (found.perceptual_hash, found.warning, found.flag) == (
        -(2**63),
        "Its last rows are missing.",
        False,
    )


def test_flag_note_and_split_are_changed_one_by_one_and_leave_the_revision(database, add_image):
    image = add_image("a.png", split="val")
    with database.write() as session:
        changed = images.change(session, image.id, flag=True)
        assert changed == replace(image, flag=True)
        assert images.change(session, image.id, note=" two\nlines ") == replace(changed, note="two\nlines")
        assert images.change(session, image.id, split="none").split is None
        assert images.change(session, image.id, split="test", flag=False, note="") == replace(
            image, split="test"
        )
    with database.read() as session:
        assert images.get(session, image.id) == replace(image, split="test")


def test_an_image_in_the_bin_is_not_changed_and_a_long_note_is_refused(database, add_image):
    image = add_image("a.png")
    with database.write() as session:
        with pytest.raises(InvalidName, match="2001 characters; at most 2000"):
            images.change(session, image.id, note="x" * 2001)
        images.discard(session, image.id)
        with pytest.raises(NotFound, match="in the bin"):
            images.change(session, image.id, flag=True)


def test_the_bin_is_paged_counted_and_cleared_for_one_project(database, blobs, project, picture, add_image):
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    added = [add_image(f"{number}.png") for number in range(4)]
    with database.write() as session:
        other = projects.create(session, "Other")
        upright = read_image(picture())
        foreign, _ = images.insert(session, other.id, "a.png", upright, blobs.put(upright.data))
        images.discard(session, foreign.id)
        for number, image in enumerate(added[:3]):
            images.discard(session, image.id, moment + timedelta(hours=number))
    with database.read() as session:
        assert [each.id for each in images.discarded(session, project.id, 2, 1)] == [added[1].id, added[0].id]
        assert images.count_discarded(session, project.id) == 3
    with database.write() as session:
        assert images.clear_bin(session, project.id) == 3
        assert images.clear_bin(session, project.id) == 0
        assert [image.id for image in images.page(session, project.id).images] == [added[3].id]
        assert images.count_discarded(session, other.id) == 1


def test_what_is_removed_from_the_bin_takes_boxes_and_history_along(database, project, bolt, add_image):
    image = add_image("a.png")
    with database.write() as session:
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        images.discard(session, image.id)
    with database.write() as session:
        images.clear_bin(session, project.id)
        assert (annotations.read(session, image.id), annotations.history(session, image.id)) == ((), ())


def test_several_images_are_read_in_the_order_asked_for(database, add_image):
    first, second = add_image("a.png"), add_image("b.png")
    with database.read() as session:
        assert images.get_many(session, [second.id, 99, first.id]) == (second, first)
        assert images.get_many(session, []) == ()
