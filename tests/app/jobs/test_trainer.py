"""The ends of a training: one model, and a sentence for each kind of failure."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from app.bootstrap import Studio
from app.jobs.trainer import card_of, model_id_of, register_model, sentence_for
from data import runs, snapshots
from data.database import Database
from data.errors import NotFound
from data.records import Project, Run
from ssd_core.errors import WeightsUnavailable


@pytest.fixture
def run(studio: Studio, database: Database, labelled_project: Project) -> Run:
    started = studio.training.start(labelled_project.id, "quick", seed=3)
    with database.write() as session:
        begun = runs.begin_attempt(session, started.id, "here", 1.0)
    assert begun is not None
    return begun


@pytest.fixture
def card(database: Database, run: Run) -> dict[str, object]:
    with database.read() as session:
        snapshot = snapshots.get(session, run.snapshot_id)
    return card_of(run, snapshot, "parts")


def test_a_card_says_where_the_model_comes_from(run: Run, card: dict[str, object]) -> None:
    assert card["id"] == model_id_of(run)
    assert (card["name"], card["project"], card["classes"]) == ("parts quick 1", "parts", ["thing"])
    assert card["images"] == {"train": 5, "val": 1}
    assert card["run"] == run.id
    assert card["params"] == run.params


def test_a_run_registers_one_model_however_often_it_ends(
    studio: Studio, database: Database, run: Run, card: dict[str, object]
) -> None:
    assert register_model(database, run, run.attempts, card, {"AP50": 0.5})
    assert not register_model(database, run, run.attempts, card, {"AP50": 0.9})
    (model,) = studio.models.list_all()
    assert (model.id, model.run_id, model.metrics) == (card["id"], run.id, {"AP50": 0.5})
    done = studio.training.progress(run.id).run
    assert (done.outcome, done.phase, done.model_id) == ("done", "done", model.id)


def test_a_trainer_that_was_replaced_registers_nothing(
    studio: Studio, database: Database, run: Run, card: dict[str, object]
) -> None:
    with database.write() as session:
        runs.begin_attempt(session, run.id, "another host", 2.0)
    assert not register_model(database, run, run.attempts, card, {"AP50": 0.5})
    assert studio.models.list_all() == ()
    now = studio.training.progress(run.id).run
    assert (now.outcome, now.metrics) == (None, {})


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's own."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (WeightsUnavailable("Fetch them first."), "Fetch them first."),
        (NotFound("The image is gone."), "The image is gone."),
        (MemoryError(), "memory"),
        (ResourceExhaustedError("OOM when allocating tensor"), "memory"),
        (ResourceExhaustedError("checkpoint; No space left on device"), "disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (ValueError("bad\nlong story"), "ValueError: bad)"),
        (AssertionError(), "(AssertionError)"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_failure_is_told_in_plain_words(error: Exception, words: str) -> None:
    assert words in sentence_for(error, Path("/runs/1/train.log"))
