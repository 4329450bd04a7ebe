"""Findings: worst first, decided once, and checked again when their image has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data import annotations, class_merging, classes, findings, images, models
from data.errors import NotFound, StaleRevision
from data.findings import Doubt, LookedAt
from data.records import Box, Model


@pytest.fixture
def image(database, project, bolt, add_image):
    """An image with one box."""
    with database.write() as session:
        for name in ("m1", "m2"):
            models.register(session, Model(name, project.id, None, name, ("bolt",), {}, datetime.now(UTC)))
    added = add_image("a.png")
    with database.write() as session:
        return annotations.replace(session, added.id, [Box("drawn", bolt.id, 0, 0, 10, 10)], 0, "first draw")


@pytest.fixture
def missing(bolt):
    return Doubt("missing_box", bolt.id, (20, 10, 30, 20), 0.9, 0.97)


@pytest.fixture
def unseen(bolt):
    return Doubt("unseen_box", bolt.id, (0, 0, 10, 10), 0.4, None, "drawn")


@pytest.fixture
def told(database, image, missing, unseen):
    """The two findings of a look, by kind."""
    with database.write() as session:
        findings.put(session, "m1", [LookedAt(image.id, image.revision, [unseen, missing])])
        return {each.doubt.kind: each for each in findings.page(session, image.project_id).findings}


def open_ones(session, project):
    return [each.doubt.kind for each in findings.page(session, project.id).findings]


def test_findings_come_back_worst_first_and_page_by_page(database, project, told, missing, unseen):
    with database.read() as session:
        first = findings.page(session, project.id, limit=1)
        assert [each.doubt for each in first.findings] == [missing]
        rest = findings.page(session, project.id, after=first.next_after, limit=1)
        assert ([each.doubt for each in rest.findings], rest.next_after) == ([unseen], None)
        assert open_ones(session, project) == ["missing_box", "unseen_box"]
        only = findings.page(session, project.id, "unseen_box").findings
        assert [each.doubt for each in only] == [unseen]
        assert findings.counts(session, project.id)["open"] == {
            "missing_box": 1,
            "unseen_box": 1,
            "other_class": 0,
            "poor_fit": 0,
        }


def test_a_new_look_replaces_what_is_open_and_does_not_ask_again_what_was_dismissed(
    database, project, image, told, missing, unseen
):
    with database.write() as session:
        findings.decide(session, told["missing_box"].id, "dismissed")
        # Seen a little beside by another model, and another thing far away.
        again, other = replace(missing, xyxy=(21, 11, 31, 21)), replace(missing, xyxy=(30, 20, 40, 30))
        findings.put(session, "m2", [LookedAt(image.id, image.revision, [again, other])])
        assert [each.doubt for each in findings.page(session, project.id).findings] == [other]
        counts = findings.counts(session, project.id)
        assert (counts["dismissed"]["missing_box"], counts["fixed"]["missing_box"]) == (1, 0)


def test_an_image_that_is_gone_meanwhile_gets_no_findings(database, project, image, add_image, missing):
    other = add_image("b.png")
    with database.write() as session:
        annotations.mark_empty(session, other.id, 0, "empty")
        findings.put(session, "m1", [LookedAt(each, 0, [missing]) for each in (99, other.id, image.id)])
        assert findings.images_with_findings(session, project.id) == {image.id, other.id}
        for each in findings.page(session, project.id).findings:
            if each.image_id == other.id:
                findings.decide(session, each.id, "dismissed")
        assert findings.images_with_findings(session, project.id) == {image.id}


def test_a_missing_box_is_drawn_as_a_box_of_its_model(database, project, bolt, image, told):
    with database.write() as session:
        number = told["missing_box"].id
        drawn, boxes = findings.carry_out(session, number, image.revision, "operation-1", author="anna")
        assert (drawn.revision, drawn.status) == (2, "labelled")
        assert boxes[-1] == Box(f"finding-{number}", bolt.id, 20, 10, 30, 20, "model:m1")
        assert findings.get(session, number).state == "fixed"
        # Sent again it gives the same.
        assert findings.carry_out(session, number, image.revision, "operation-1") == (drawn, boxes)
        assert [edit.author for edit in annotations.history(session, image.id)] == ["person", "anna"]


def test_an_unseen_box_is_deleted_and_another_class_or_fit_goes_to_the_drawn_box(
    database, project, bolt, image, told
):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        number = told["unseen_box"].id
        assert findings.carry_out(session, number, 1, "operation-1")[1] == ()
        annotations.restore(session, image.id, 1, 2, "operation-2")
        doubts = [
            Doubt("other_class", nut.id, (0, 0, 10, 9), 0.8, 0.9, "drawn"),
            Doubt("poor_fit", bolt.id, (4, 4, 20, 20), 0.7, 0.9, "drawn"),
        ]
        findings.put(session, "m1", [LookedAt(image.id, 3, doubts)])
        other, fit = findings.page(session, project.id).findings
        assert findings.carry_out(session, other.id, 3, "operation-3")[1] == (
            Box("drawn", nut.id, 0, 0, 10, 10),
        )
        assert findings.carry_out(session, fit.id, 4, "operation-4")[1] == (
            Box("drawn", nut.id, 4, 4, 20, 20),
        )
        # It has the class already: nothing changes, whatever revision was seen.
        assert findings.carry_out(session, other.id, 3, "operation-5")[0].revision == 5


def test_doing_so_to_an_image_that_changed_is_refused(database, image, told):
    with database.write() as session:
        annotations.replace(session, image.id, [], 1, "somebody else")
        with pytest.raises(StaleRevision):
            findings.carry_out(session, told["missing_box"].id, 1, "operation-1")
    with database.read() as session:
        assert findings.get(session, told["missing_box"].id).state == "open"


def test_findings_of_a_changed_image_are_checked_again(database, project, bolt, image, told):
    boxes = [Box("new", bolt.id, 20, 10, 30, 21)]
    with database.write() as session:
        assert not findings.outdated(session, project.id)
        annotations.replace(session, image.id, boxes, 1, "mended in Label")
        assert findings.outdated(session, project.id)
        assert findings.check_again(session, project.id) == 2
        assert open_ones(session, project) == []
        assert not findings.outdated(session, project.id)
        # The change is taken back, and with it the mending.
        annotations.restore(session, image.id, 1, 2, "undone again")
        assert findings.check_again(session, project.id) == 2
        assert open_ones(session, project) == ["missing_box", "unseen_box"]


def test_what_was_dismissed_stays_so_whatever_happens_to_the_image(database, project, image, told):
    with database.write() as session:
        findings.decide(session, told["unseen_box"].id, "dismissed")
        annotations.replace(session, image.id, [], 1, "deleted")
        findings.check_again(session, project.id)
        assert findings.get(session, told["unseen_box"].id).state == "dismissed"


def test_another_class_holds_until_the_box_has_it_and_a_poor_fit_until_it_fits(
    database, project, bolt, image
):
    drawn = Box("drawn", bolt.id, 0, 0, 10, 10)
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        other = Doubt("other_class", nut.id, (0, 0, 10, 9), 0.8, 0.9, "drawn")
        findings.put(session, "m1", [LookedAt(image.id, 0, [other])])
        findings.check_again(session, project.id)
        assert open_ones(session, project) == ["other_class"]
        other = Doubt("other_class", bolt.id, (0, 0, 10, 9), 0.8, 0.9, "drawn")
        findings.put(session, "m1", [LookedAt(image.id, 0, [other])])
        findings.check_again(session, project.id)
        assert open_ones(session, project) == []
        poor = Doubt("poor_fit", bolt.id, (4, 4, 20, 20), 0.7, 0.9, "drawn")
        findings.put(session, "m1", [LookedAt(image.id, 1, [poor])])
        annotations.replace(session, image.id, [replace(drawn, x1=11)], 1, "a little")
        findings.check_again(session, project.id)
        assert open_ones(session, project) == ["poor_fit"]
        annotations.replace(session, image.id, [replace(drawn, x1=19, y1=19)], 2, "enough")
        findings.check_again(session, project.id)
        assert open_ones(session, project) == []


def test_another_class_is_no_doubt_any_more_once_it_is_merged_into_the_drawn_one(
    database, project, bolt, image
):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        doubts = [Doubt("other_class", nut.id, (0, 0, 10, 10), 0.6, 0.9, "drawn")]
        doubts.append(Doubt("missing_box", nut.id, (20, 10, 30, 20), 0.5, 0.9))
        findings.put(session, "m1", [LookedAt(image.id, image.revision, doubts)])
        class_merging.merge(session, nut.id, bolt.id)
        assert findings.outdated(session, project.id)
        findings.check_again(session, project.id)
        (left,) = findings.page(session, project.id).findings
        assert (left.doubt.kind, left.doubt.class_id) == ("missing_box", bolt.id)
        assert not findings.outdated(session, project.id)


def test_an_image_that_waits_for_labels_again_is_in_no_doubt_until_it_is_finished(
    database, project, image, told
):
    with database.write() as session:
        annotations.replace(session, image.id, [], 1, "clear")
        findings.check_again(session, project.id)
        assert open_ones(session, project) == []
        assert sum(findings.counts(session, project.id)["open"].values()) == 0
        annotations.mark_empty(session, image.id, 2, "empty")
        findings.check_again(session, project.id)
        assert open_ones(session, project) == ["missing_box"]
        assert findings.counts(session, project.id)["fixed"]["unseen_box"] == 1


def test_what_lies_in_the_bin_is_not_told(database, project, image, told):
    with database.write() as session:
        images.discard(session, image.id)
        assert open_ones(session, project) == []
        assert sum(findings.counts(session, project.id)["open"].values()) == 0


def test_a_finding_that_a_newer_look_replaced_is_gone(database, image, told):
    with database.write() as session:
        findings.put(session, "m1", [LookedAt(image.id, 1, [])])
        with pytest.raises(NotFound, match="newer look"):
            findings.decide(session, told["missing_box"].id, "dismissed")
        with pytest.raises(NotFound):
            findings.get(session, 2**40)
