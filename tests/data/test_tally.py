"""The account of an import."""

from __future__ import annotations

from dataclasses import replace

from data.formats.fit import Fitted
from data.records import Image
from data.tally import NAMED_CASES, Imported, Tally


def image(number: int) -> Image:
    return Image(number, 1, f"{number}.jpg", "0" * 64, "image/jpeg", 4, 4, "unlabelled", None, 0)


def test_long_lists_are_cut_and_counted():
    tally = Tally()
    for number in range(NAMED_CASES + 5):
        tally.count(Imported(image(number), False, 0, True, Fitted(())))
    (note,) = tally.report(equal=[]).notes
    assert note.startswith(f"{NAMED_CASES + 5} images already here")
    assert note.endswith("19.jpg and 5 more.")


def test_many_groups_of_equal_photographs_are_cut_and_counted():
    notes = Tally().report(equal=[["a", "b"]] * (NAMED_CASES + 2)).notes
    assert len(notes) == NAMED_CASES + 1
    assert notes[-1] == "2 more groups of equal photographs."


def test_groups_that_look_alike_follow_those_that_are_equal():
    notes = Tally().report(equal=[["a", "b"]], alike=[["c", "d", "e"]]).notes
    assert notes[1] == "c ≈ d ≈ e: look alike, and stay together when images are split."


def test_a_long_group_is_cut_and_counted():
    names = [str(number) for number in range(NAMED_CASES + 3)]
    (note,) = Tally().report(equal=[], alike=[names]).notes
    assert "19 and 3 more: look alike" in note


def test_images_kept_though_their_files_are_damaged_are_named_with_what_is_wrong():
    tally = Tally()
    tally.count(Imported(replace(image(7), warning="The file lacked its last bytes."), True))
    (note,) = tally.report(equal=[]).notes
    assert note == "1 image kept although the file is damaged: 7.jpg (The file lacked its last bytes)."


def test_notes_given_come_first():
    assert Tally().report(equal=[["a", "b"]], notes=["first"]).notes[0] == "first"


def test_boxes_that_gave_way_are_told_apart_from_boxes_that_were_kept_or_came_later():
    tally = Tally()
    tally.count(Imported(image(1), False, 2, replaced_boxes=True))
    tally.count(Imported(image(2), False, 2))
    tally.count(Imported(image(3), False, 0, kept_other_boxes=True))
    later, kept, replaced = tally.report(equal=[]).notes
    assert "labelled now" in later
    assert "which were kept" in kept
    assert "gave way; history keeps them" in replaced
