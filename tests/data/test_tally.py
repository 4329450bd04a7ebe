"""The account of an import."""

from __future__ import annotations

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


def test_notes_given_come_first():
    assert Tally().report(equal=[["a", "b"]], notes=["first"]).notes[0] == "first"
