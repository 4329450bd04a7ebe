"""Merging and deleting classes."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from data import annotations, class_merging, classes, images, models, projects, snapshots, suggestions
from data.errors import ClassInUse, InvalidBox, InvalidName, NotFound, StaleRevision
from data.records import Box, Model
from data.schema import FindingRow

CORNERS = (1.1, 2.2, 30.3, 20.123456789)


@pytest.fixture
def nut(database, project):
    with database.write() as session:
        return classes.add(session, project.id, "nut")


@pytest.fixture
def model(database, project):
    with database.write() as session:
        made = Model("model-1", project.id, None, "parts 1", ("bolt",), {}, datetime.now(UTC))
        return models.register(session, made)


def draw(database, image, *boxes):
    with database.write() as session:
        return annotations.replace(session, image.id, boxes, image.revision, uuid.uuid4().hex)


def test_merging_gives_every_box_the_other_class_and_leaves_the_rest_as_it_was(
    database, project, bolt, nut, add_image
):
    mixed, only_nut, untouched = (add_image(name) for name in ("a.png", "b.png", "c.png"))
    mixed = draw(database, mixed, Box("1", nut.id, 0, 0, 5, 5), Box("2", bolt.id, *CORNERS, "import", True))
    draw(database, only_nut, Box("1", nut.id, *CORNERS, crowd=True))
    before = draw(database, untouched, Box("1", bolt.id, 0, 0, 5, 5))
    with database.write() as session:
        merged = class_merging.merge(session, nut.id, bolt.id)
    assert (merged.into.id, merged.into.boxes, merged.images, merged.boxes) == (bolt.id, 4, 2, 2)
    with database.read() as session:
        assert annotations.read(session, mixed.id) == (
            Box("1", bolt.id, 0, 0, 5, 5),
            Box("2", bolt.id, *CORNERS, "import", True),
        )
        assert annotations.read(session, only_nut.id) == (Box("1", bolt.id, *CORNERS, crowd=True),)
        assert [images.get(session, each.id).revision for each in (mixed, only_nut, untouched)] == [2, 2, 1]
        assert images.get(session, untouched.id) == before
        last = annotations.history(session, mixed.id)[-1]
        assert (last.revision, last.status, last.author) == (2, "labelled", class_merging.AUTHOR)
        assert last.boxes == annotations.read(session, mixed.id)


def test_a_save_on_the_state_before_a_merge_is_told_so(database, bolt, nut, add_image):
    image = draw(database, add_image("a.png"), Box("1", nut.id, 0, 0, 5, 5))
    with database.write() as session:
        class_merging.merge(session, nut.id, bolt.id)
    with pytest.raises(StaleRevision) as told:
        draw(database, image, Box("1", nut.id, 0, 0, 9, 9))
    assert (told.value.revision, told.value.boxes) == (2, (Box("1", bolt.id, 0, 0, 5, 5),))


def test_a_class_that_history_has_is_archived_and_its_states_can_be_put_back(database, bolt, nut, add_image):
    image = draw(database, add_image("a.png"), Box("1", nut.id, 0, 0, 5, 5))
    with database.write() as session:
        class_merging.merge(session, nut.id, bolt.id)
        assert classes.get(session, nut.id).archived
        annotations.restore(session, image.id, 1, 2, "back")
        assert annotations.read(session, image.id) == (Box("1", nut.id, 0, 0, 5, 5),)
        again = class_merging.merge(session, nut.id, bolt.id)
    assert (again.images, again.boxes) == (1, 1)


def test_a_class_that_nothing_ever_had_is_gone_after_a_merge(database, project, bolt, nut):
    with database.write() as session:
        classes.change(session, bolt.id, archived=True)
        merged = class_merging.merge(session, nut.id, bolt.id)
        assert (merged.images, merged.boxes, merged.into.archived) == (0, 0, False)
        assert [entry.id for entry in classes.list_all(session, project.id)] == [bolt.id]


def test_findings_keep_a_class_from_being_deleted_and_get_the_other_one(
    database, bolt, nut, model, add_image
):
    image = add_image("a.png")
    with database.write() as session:
        about = {"image_id": image.id, "model_id": model.id, "class_id": nut.id, "image_revision": 0}
        corners = {"x0": 0, "y0": 0, "x1": 5, "y1": 5}
        finding = FindingRow(**about, kind="missing_box", **corners, badness=0.9, created=model.created)
        session.add(finding)
        session.flush()
        with pytest.raises(ClassInUse, match="Findings of Review have the class 'nut'"):
            class_merging.remove(session, nut.id)
        class_merging.merge(session, nut.id, bolt.id)
        session.refresh(finding)
        assert finding.class_id == bolt.id


def test_boxes_in_the_bin_and_suggestions_get_the_other_class_too(database, bolt, nut, model, add_image):
    image, binned = add_image("a.png"), add_image("b.png")
    draw(database, binned, Box("1", nut.id, 0, 0, 5, 5))
    with database.write() as session:
        images.discard(session, binned.id)
        suggestions.offer(session, image.id, model.id, [(Box("", nut.id, 0, 0, 5, 5), 0.9)])
        merged = class_merging.merge(session, nut.id, bolt.id)
        assert (merged.images, merged.boxes, merged.into.boxes) == (1, 1, 0)
        assert [each.class_id for each in suggestions.read(session, image.id)] == [bolt.id]
        images.put_back(session, binned.id)
        assert classes.get(session, bolt.id).boxes == 1


def test_snapshots_keep_the_names_they_froze(database, project, bolt, nut, add_image):
    for name in ("a.png", "b.png"):
        draw(database, add_image(name), Box("1", nut.id, 0, 0, 5, 5))
    with database.write() as session:
        frozen = snapshots.freeze(session, project.id, seed=0)
        class_merging.merge(session, nut.id, bolt.id)
        assert snapshots.get(session, frozen.id) == frozen


def test_classes_of_two_projects_or_one_with_itself_are_not_merged(database, bolt):
    with database.write() as session:
        other = classes.add(session, projects.create(session, "Other").id, "bolt")
        for into, sentence in ((other.id, "different projects"), (bolt.id, "into itself")):
            with pytest.raises(InvalidName, match=sentence):
                class_merging.merge(session, bolt.id, into)
        for wrong in (99, 0, 2**80):
            with pytest.raises(NotFound):
                class_merging.merge(session, bolt.id, wrong)


def test_a_class_that_nothing_has_can_be_deleted_and_its_number_is_not_given_again(database, project, nut):
    with database.write() as session:
        class_merging.remove(session, nut.id)
        assert classes.list_all(session, project.id) == ()
        assert classes.add(session, project.id, "nut").id > nut.id
        with pytest.raises(NotFound):
            class_merging.remove(session, nut.id)


def test_a_class_in_use_is_not_deleted_and_the_sentence_says_by_what(database, bolt, nut, model, add_image):
    image, binned = add_image("a.png"), add_image("b.png")
    drawn = draw(database, image, Box("1", nut.id, 0, 0, 5, 5))
    draw(database, binned, Box("1", nut.id, 0, 0, 5, 5))
    with database.write() as session:
        images.discard(session, binned.id)
        with pytest.raises(
            ClassInUse, match=r"2 boxes have the class 'nut' \(1 on images in the bin\)\. Merge"
        ):
            class_merging.remove(session, nut.id)
        suggestions.offer(session, image.id, model.id, [(Box("", bolt.id, 0, 0, 5, 5), 0.9)])
        with pytest.raises(ClassInUse, match="Suggestions have the class 'bolt'"):
            class_merging.remove(session, bolt.id)
        images.delete(session, binned.id)
    draw(database, drawn)
    with database.write() as session:
        with pytest.raises(ClassInUse, match="Earlier states"):
            class_merging.remove(session, nut.id)
        assert annotations.restore(session, image.id, 1, 2, "back").boxes == 1


def test_a_box_of_a_deleted_class_is_refused_in_words(database, nut, add_image):
    with database.write() as session:
        class_merging.remove(session, nut.id)
    with pytest.raises(InvalidBox, match="which the project does not have"):
        draw(database, add_image("a.png"), Box("1", nut.id, 0, 0, 5, 5))


def test_the_history_of_a_class_is_not_taken_for_that_of_one_whose_number_begins_alike(
    database, project, bolt, add_image
):
    with database.write() as session:
        ids = [bolt.id, *(classes.add(session, project.id, f"c{number}").id for number in range(12))]
    later = next(each for each in ids[1:] if str(each).startswith(str(bolt.id)))
    image = draw(database, add_image("a.png"), Box("1", later, 1, 1, 5, 5, difficult=True))
    draw(database, image)
    with database.write() as session:
        class_merging.remove(session, bolt.id)
        with pytest.raises(ClassInUse):
            class_merging.remove(session, later)


def test_others_may_draw_while_classes_are_merged_and_no_box_is_lost(database, bolt, nut, add_image):
    many = [add_image(f"{number}.png") for number in range(3)]
    saves = 5
    # History has the class from the beginning, so that it is archived and not deleted.
    draw(database, draw(database, add_image("before.png"), Box("1", nut.id, 0, 0, 5, 5)))

    def keep_drawing(image):
        for number in range(saves):
            drawn = Box(f"{number}", nut.id, 0, 0, 5 + number, 5)
            while True:
                with database.read() as session:
                    boxes, now = annotations.read(session, image.id), images.get(session, image.id)
                try:
                    draw(database, now, *boxes, drawn)
                    break
                except StaleRevision:
                    continue

    with ThreadPoolExecutor(len(many)) as pool:
        drawing = [pool.submit(keep_drawing, image) for image in many]
        while not all(each.done() for each in drawing):
            with database.write() as session:
                class_merging.merge(session, nut.id, bolt.id)
        for each in drawing:
            each.result()
    with database.write() as session:
        class_merging.merge(session, nut.id, bolt.id)
        assert (classes.get(session, nut.id).boxes, classes.get(session, bolt.id).boxes) == (0, 3 * saves)
        for image in many:
            history = annotations.history(session, image.id)
            assert [edit.revision for edit in history] == [*range(1, len(history) + 1)]
            assert history[-1].boxes == annotations.read(session, image.id)
