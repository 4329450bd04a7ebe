"""Faults of a project: each found with the images to open, none where there is none."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from data import annotations, classes, duplicates, faults, images
from data.errors import NotFound
from data.records import Box
from data.schema import ImageRow


@pytest.fixture
def label(database, bolt):
    """Draws boxes on an image: each is (x0, y0, x1, y1) or a whole Box."""

    def draw(image, *boxes):
        with database.write() as session:
            drawn = [
                box if isinstance(box, Box) else Box(f"{number}", bolt.id, *box)
                for number, box in enumerate(boxes)
            ]
            revision = images.get(session, image.id).revision
            if drawn:
                return annotations.replace(session, image.id, drawn, revision, f"draw {revision}")
            return annotations.mark_empty(session, image.id, revision, f"mark {revision}")

    return draw


@pytest.fixture
def look(database, project):
    """Gives the faults of the project by their kind."""

    def of():
        with database.read() as session:
            return {fault.kind: fault for fault in faults.of(session, project.id)}

    return of


@pytest.fixture
def alter(database):
    """Changes columns of an image directly."""

    def change(image, **values):
        with database.write() as session:
            row = session.get_one(ImageRow, image.id)
            for name, value in values.items():
                setattr(row, name, value)

    return change


def named(fault):
    return [image.name for image in fault.images]


def test_a_project_without_faults_gives_none(label, look, add_image):
    for number in range(10):
        label(add_image(f"{number}.png"), (0, 0, 10 + number, 10))
    assert look() == {}


def test_an_empty_project_has_no_faults(look, project):
    assert look() == {}


def test_an_unknown_project_is_not_found(database, project):
    with database.read() as session, pytest.raises(NotFound):
        faults.of(session, project.id + 1)


def test_images_that_nobody_labelled_are_counted_and_the_first_named(label, look, add_image):
    for number in range(25):
        add_image(f"{number:02d}.png")
    label(add_image("marked.png"))
    fault = look()["never_labelled"]
    assert fault.count == 25
    assert named(fault) == [f"{number:02d}.png" for number in range(20)]
    assert fault.problem == "25 images are neither labelled nor marked empty."


def test_tiny_boxes_are_told_by_pixels_and_by_part_of_the_image(label, look, add_image, alter):
    tiny, fine, wide = (add_image(f"{name}.png") for name in ("tiny", "fine", "wide"))
    label(tiny, (0, 0, 2.9, 20), (0, 0, 20, 2.5), (5, 5, 25, 25))
    label(fine, (0, 0, 3, 3))
    alter(wide, width=4000, height=3000)
    label(wide, (0, 0, 29, 500))
    fault = look()["tiny_boxes"]
    assert [(image.name, image.detail) for image in fault.images] == [
        ("tiny.png", "2 boxes"),
        ("wide.png", "1 box"),
    ]
    assert fault.problem == "3 boxes with a side below 3 pixels or 1% of the image, on 2 images."


def test_boxes_outside_of_their_image_are_found(label, look, add_image, alter):
    cut, whole = add_image("cut.png"), add_image("whole.png")
    for image in (cut, whole):
        label(image, (0, 0, 40, 30))
    alter(cut, width=39)
    fault = look()["boxes_outside"]
    assert (fault.count, named(fault)) == (1, ["cut.png"])


def test_the_same_box_drawn_twice_is_found_unless_the_classes_differ(
    database, label, look, add_image, project, bolt
):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
    twice, apart, two = (add_image(f"{name}.png") for name in ("twice", "apart", "two"))
    label(twice, (0, 0, 20, 20), (0, 0.2, 20, 20.2), (0, 0, 20, 19.9), (30, 20, 35, 29))
    label(apart, (0, 0, 20, 20), (0, 2, 20, 22), (20, 0, 40, 20))
    label(two, (0, 0, 20, 20), Box("nut", nut.id, 0, 0, 20, 20))
    fault = look()["duplicate_boxes"]
    assert [(image.name, image.detail) for image in fault.images] == [("twice.png", "3 boxes")]


@pytest.mark.parametrize(("width", "found"), [(19.1, True), (18.9, False)])
def test_boxes_are_the_same_from_an_overlap_of_95_percent_on(label, look, add_image, width, found):
    label(add_image("a.png"), (0, 0, 20, 20), (0, 0, width, 20))
    assert ("duplicate_boxes" in look()) is found


def test_equal_photographs_in_two_splits_leak(label, look, add_image):
    add_image("a.png", colour="red", split="train")
    add_image("b.png", colour="red", split="test")
    add_image("c.png", colour="red", split="train")
    add_image("d.png", colour="blue", split="train")
    add_image("e.png", colour="green", split="val")
    fault = look()["leak"]
    assert fault.count == 1
    assert [(image.name, image.detail) for image in fault.images] == [
        ("b.png", "in test, the same photograph as a.png in train")
    ]
    assert "1 image to validate or test on is in another split too" in fault.problem


def test_photographs_that_look_alike_leak_too(look, add_image, alter):
    first, near, far = (
        add_image(name, split=split)
        for name, split in (("a.png", "train"), ("b.png", "val"), ("c.png", "test"))
    )
    alter(first, perceptual_hash=0x0F0F0F0F0F0F0F0F)
    alter(near, perceptual_hash=0x0F0F0F0F0F0F0F3F)
    alter(far, perceptual_hash=-0x0F0F0F0F0F0F0F0F)
    fault = look()["leak"]
    assert [(image.name, image.detail) for image in fault.images] == [
        ("b.png", "in val, looks like a.png in train")
    ]


def test_a_photograph_both_validated_and_tested_on_leaks(look, add_image):
    add_image("a.png", colour="red", split="val")
    add_image("b.png", colour="red", split="test")
    assert [image.detail for image in look()["leak"].images] == [
        "in test, the same photograph as a.png in val"
    ]


def test_equal_photographs_without_a_split_do_not_leak_they_will_be_kept_together(look, add_image):
    add_image("a.png", colour="red", split="train")
    add_image("b.png", colour="red")
    assert "leak" not in look()


def test_an_image_with_far_fewer_boxes_than_one_that_looks_alike_is_suspected(label, look, add_image, alter):
    full, half, bare, todo, other = (add_image(f"{name}.png") for name in ("a", "b", "c", "d", "e"))
    for number, image in enumerate((full, half, bare, todo)):
        alter(image, perceptual_hash=0x0F0F0F0F0F0F0F0F ^ (1 << number))
    alter(other, perceptual_hash=-0x0F0F0F0F0F0F0F0F)
    label(full, (0, 0, 5, 5), (6, 0, 11, 5), (12, 0, 17, 5), (18, 0, 23, 5))
    label(half, (0, 0, 5, 5), (6, 0, 11, 5))
    label(bare)
    label(other, (0, 0, 5, 5))
    fault = look()["labels_missing"]
    assert [(image.name, image.detail) for image in fault.images] == [
        ("c.png", "0 boxes; a.png looks like it and has 4")
    ]


def test_files_that_came_with_a_fault_are_told_with_it(look, add_image, alter):
    image = add_image("a.png")
    add_image("b.png")
    alter(image, warning="Its last rows are missing.")
    fault = look()["damaged_files"]
    assert [(each.name, each.detail) for each in fault.images] == [("a.png", "Its last rows are missing.")]
    assert fault.problem == "1 image came from a file with a fault."


def test_classes_without_boxes_and_with_few_are_named_with_images_that_show_them(
    database, label, look, add_image, project, bolt
):
    with database.write() as session:
        nut, pin, old = (classes.add(session, project.id, name) for name in ("nut", "pin", "old"))
        classes.change(session, old.id, archived=True)
    for number in range(10):
        label(add_image(f"{number}.png"), (0, 0, 10, 10))
    label(add_image("nuts.png"), Box("1", nut.id, 0, 0, 5, 5), Box("2", nut.id, 10, 10, 20, 20))
    found = look()
    assert found["empty_classes"].problem == "1 class has no box: pin."
    assert found["rare_classes"].problem == "1 class has fewer than 10 boxes: nut (2)."
    assert [(image.name, image.detail) for image in found["rare_classes"].images] == [("nuts.png", "nut")]
    assert pin.id != nut.id


def test_classes_of_very_different_frequency_are_told(database, label, look, add_image, project, bolt):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
    label(add_image("a.png"), *((x, 0, x + 4, 5) for x in range(20)), Box("n", nut.id, 0, 10, 20, 30))
    assert "class_imbalance" not in look()
    label(add_image("b.png"), (0, 0, 10, 10))
    fault = look()["class_imbalance"]
    assert fault.problem == "bolt has 21 boxes and nut 1: 21 times as many."
    assert fault.count == 1


def test_what_lies_in_the_bin_has_no_faults(database, label, look, add_image, alter):
    image, twin = (
        add_image("a.png", colour="red", split="train"),
        add_image("b.png", colour="red", split="val"),
    )
    label(image, (0, 0, 2, 2), (0, 0, 2, 2))
    alter(image, warning="cut", width=1)
    add_image("c.png")
    assert len(look()) >= 5
    with database.write() as session:
        for each in images.page(session, image.project_id).images:
            images.discard(session, each.id)
    assert set(look()) == {"empty_classes"}
    assert twin.id != image.id


def test_faults_stay_in_their_project_and_come_worst_first(database, label, look, add_image, project, alter):
    image = add_image("a.png")
    label(image, (0, 0, 2, 2), (0, 0, 2, 2))
    alter(image, width=1)
    with database.write() as session:
        session.execute(text("INSERT INTO project (name, created) VALUES ('Other', '2026-01-01 00:00:00')"))
        other = session.execute(text("SELECT id FROM project WHERE name = 'Other'")).scalar_one()
        assert faults.of(session, other) == ()
    assert list(look()) == ["boxes_outside", "duplicate_boxes", "tiny_boxes", "rare_classes"]


def test_the_whole_list_of_kinds_is_told_for_hashes_computed_later(database, blobs, look, add_image, picture):
    first, second = add_image("a.png", split="train"), add_image("b.png", split="val")
    with database.write() as session:
        for image in (first, second):
            session.get_one(ImageRow, image.id).perceptual_hash = None
    assert duplicates.hash_missing(database, blobs) == 2
    assert set(look()) == {"never_labelled"}
