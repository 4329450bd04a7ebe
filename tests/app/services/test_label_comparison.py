"""Comparison of sights with labels: a few images at a time, and no more findings than can be decided."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

import ssd_core.label_errors
from app.bootstrap import Studio
from app.services import label_comparison
from app.services.label_comparison import Compared, LabelComparison
from app.services.sights import Sights
from data import findings, labelled_images, models, runs, snapshots
from data.records import Image, Model, Project
from ssd_core.config import SSDConfig

CONFIG = SSDConfig(("thing",), input_size_hw=(300, 300))
DRAWN = (8.0, 8.0, 40.0, 32.0)
#: Small boxes apart from each other and from the drawn one.
CORNERS = [(42.0 + 4 * column, 2.0 + 4 * row) for row in range(4) for column in range(5)]
Compare = Callable[..., Compared]


def rows(*scores: float, drawn: float | None = 0.9) -> list[list[float]]:
    """What a model sees: the drawn box, and one thing beside it for each score."""
    beside = [[x, y, x + 3, y + 3, score, 0] for (x, y), score in zip(CORNERS, scores, strict=False)]
    return sorted([*([[*DRAWN, drawn, 0]] if drawn else []), *beside], key=lambda row: -row[4])


@pytest.fixture
def labelled(studio: Studio, labelled_project: Project) -> tuple[Image, ...]:
    """Six images with one box each, and a model that learnt from them."""
    with studio._database.write() as session:
        frozen = snapshots.freeze(session, labelled_project.id, 0)
        run = runs.create(session, labelled_project.id, frozen.id, {})
        known = Model("m0", labelled_project.id, run.id, "things 1", ("thing",), {}, datetime.now(UTC))
        models.register(session, known)
    return studio.labelling.images(labelled_project.id).images


@pytest.fixture
def compare(studio: Studio, labelled: Sequence[Image]) -> Compare:
    """Compare the first images with what is said to be seen on each."""

    def compare(*seen: list[list[float]]) -> Compared:
        sights = Sights(studio.workspace.cache / f"{uuid.uuid4().hex}.jsonl")
        images = labelled[: len(seen)]
        for image, of_it in zip(images, seen, strict=True):
            sights.add(image.sha256, of_it)
        comparison = LabelComparison(studio._database, studio.models.get("m0"), CONFIG, sights, lambda: None)
        return comparison.compare([image.id for image in images])

    return compare


def told(studio: Studio, image: Image, limit: int = 200) -> list[tuple[str, float]]:
    """Image and score of each finding, worst first."""
    shown = studio.review.page(image.project_id, limit=limit).shown
    return [(each.image.name, round(each.finding.doubt.score or 0, 4)) for each in shown]


def scores(first: float, number: int) -> list[float]:
    return [round(first - 0.001 * place, 4) for place in range(number)]


def test_a_flood_is_cut_to_the_worst_of_each_image_and_of_all(
    studio: Studio, labelled: Sequence[Image], compare: Compare
) -> None:
    firsts = [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    found = compare(*[rows(*scores(first, 15)) for first in firsts])
    expected = [
        (image.name, score)
        for image, first in zip(labelled, firsts, strict=True)
        for score in scores(first, 10)
    ]
    assert told(studio, labelled[0]) == expected[:30]
    assert found == Compared(recall=1.0, left_out=6 * 15 - 30)


def test_what_was_dismissed_makes_room_for_what_was_left_out(
    studio: Studio, labelled: Sequence[Image], compare: Compare
) -> None:
    seen = [rows(*scores(0.8, 15)), *[rows()] * 5]
    assert compare(*seen).left_out == 5
    for each in studio.review.page(labelled[0].project_id).shown:
        studio.review.decide(each.finding.id, "dismissed")
    assert compare(*seen).left_out == 0
    assert [score for _, score in told(studio, labelled[0])] == scores(0.8, 15)[10:]


def test_more_is_told_of_more_places_up_to_what_is_decided_in_an_hour(
    studio: Studio, labelled: Sequence[Image], compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_comparison, "FEWEST", 1)
    seen = [rows(*scores(0.8, 15))] * 6
    # Six images and as many boxes: a fifth of the places.
    assert compare(*seen).left_out == 90 - 2
    monkeypatch.setattr(label_comparison, "PLACES_PER_FINDING", 1)
    assert compare(*seen).left_out == 90 - 12
    monkeypatch.setattr(label_comparison, "MOST", 7)
    assert compare(*seen).left_out == 90 - 7
    assert len(told(studio, labelled[0])) == 7


def test_the_recall_is_the_part_of_the_boxes_that_is_seen(compare: Compare) -> None:
    assert compare(*[rows()] * 3, *[rows(drawn=None)] * 3).recall == pytest.approx(0.5)


def test_images_are_read_a_few_at_a_time_and_the_model_is_measured_on_some(
    studio: Studio, labelled: Sequence[Image], compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [rows(*scores(first, 3)) for first in (0.8, 0.7, 0.6, 0.5, 0.4, 0.3)]
    whole = compare(*seen), told(studio, labelled[0])
    read, measured = [], []
    plain, measure = labelled_images.labelled, ssd_core.label_errors.reliability

    def few(session: Any, project_id: int, ids: Sequence[int]) -> Any:
        read.append(len(ids))
        return plain(session, project_id, ids)

    def some(sights: Any, examples: Any, classes: Any) -> Any:
        measured.append([example.name for example in examples])
        return measure(sights, examples, classes)

    monkeypatch.setattr(labelled_images, "labelled", few)
    monkeypatch.setattr(ssd_core.label_errors, "reliability", some)
    monkeypatch.setattr(label_comparison, "BATCH", 2)
    assert (compare(*seen), told(studio, labelled[0])) == whole
    assert max(read) == 2
    monkeypatch.setattr(label_comparison, "SAMPLE_IMAGES", 4)
    compare(*seen)
    compare(*seen)
    monkeypatch.setattr(label_comparison, "SAMPLE_BOXES", 1)
    compare(*seen)
    assert [len(names) for names in measured] == [6, 4, 4, 2]
    assert measured[1] == measured[2]


def test_only_images_that_were_compared_lose_what_was_found_before(
    studio: Studio, labelled: Sequence[Image], compare: Compare
) -> None:
    compare(rows(0.8), rows(0.7))
    with studio._database.read() as session:
        with_findings = findings.images_with_findings(session, labelled[0].project_id)
    assert with_findings == {labelled[0].id, labelled[1].id}
    compare(rows())
    assert told(studio, labelled[0]) == [(labelled[1].name, 0.7)]


def test_a_class_that_was_renamed_since_is_the_one_that_the_model_knows(
    studio: Studio, labelled: Sequence[Image], compare: Compare
) -> None:
    (thing,) = studio.labelling.classes(labelled[0].project_id)
    studio.organising.change_class(thing.id, name="part")
    # Another class of the name that it had.
    studio.labelling.add_class(labelled[0].project_id, "thing")
    assert compare(rows(0.8)).recall == 1.0
    (shown,) = studio.review.page(labelled[0].project_id).shown
    assert shown.finding.doubt.class_id == thing.id
