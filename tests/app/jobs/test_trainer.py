"""The end of a training: one model, entered once, with its files in place; and what no database may end."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from app.bootstrap import Studio
from app.jobs import trainer
from app.jobs.registration import card_of, model_id_of, put_in_place, register_model
from app.jobs.reporter import Reporter
from app.jobs.supervision import EXIT_SAVED
from app.settings import Settings
from app.workspace import Workspace
from data import runs, snapshots
from data.database import Database
from data.errors import DatabaseAway, DatabaseUnusable
from data.records import Project, Run


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


def test_of_a_run_that_begins_anew_only_its_log_stays(tmp_path: Path) -> None:
    def begins(revision: int) -> set[str]:
        for folder in ("checkpoints", "tensorboard"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / "file").touch()
        for name in ("run.json", "steps.json", "progress-images.json", "best-40.weights.h5", "train.log"):
            (tmp_path / name).touch()
        trainer._begin_anew_if_changed(tmp_path, cast("Run", SimpleNamespace(params={"revision": revision})))
        return {path.name for path in tmp_path.iterdir()}

    assert len(begins(0)) == 7
    assert begins(1) == {"train.log", "revision.json"}
    assert len(begins(1)) == 8, "an attempt like the one before goes on"


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


def test_files_are_put_in_place_only_by_the_attempt_that_registers_the_model(
    database: Database, run: Run, card: dict[str, object], tmp_path: Path
) -> None:
    made, place = tmp_path / "model-1", tmp_path / "models" / "m1"
    for folder, text in ((made, "mine"), (place, "left by an attempt that was killed")):
        folder.mkdir(parents=True)
        (folder / "weights").write_text(text)
    with database.write() as session:
        runs.begin_attempt(session, run.id, "another host", 2.0)

    def publish() -> None:
        put_in_place(made, place)

    assert not register_model(database, run, run.attempts, card, {}, publish)
    assert (place / "weights").read_text() == "left by an attempt that was killed"
    assert register_model(database, run, run.attempts + 1, card, {}, publish)
    assert (place / "weights").read_text() == "mine"
    assert not made.exists()


def test_a_database_that_is_away_while_a_model_is_entered_costs_no_training(
    studio: Studio,
    database: Database,
    run: Run,
    card: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, place = tmp_path / "model-1", tmp_path / "models" / "m1"
    made.mkdir()
    (made / "weights").write_text("mine")
    lost = ["at the first try, after the files were moved"]

    def publish() -> None:
        put_in_place(made, place)
        if lost:
            raise DatabaseUnusable(lost.pop())

    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_TRIES", 0.0)
    reporter = Reporter(database, run.id, run.attempts, os.getppid())
    assert trainer._patiently(
        lambda: register_model(database, run, run.attempts, card, {}, publish), reporter
    )
    assert (place / "weights").read_text() == "mine"
    assert studio.training.progress(run.id).run.outcome == "done"


def test_a_trainer_that_finds_no_database_leaves_the_run_to_the_next_attempt(
    database: Database, settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> Database:
        raise faults.pop()

    faults = [DatabaseUnusable("a newer program wrote it"), DatabaseAway("connection refused")]
    monkeypatch.setattr(trainer, "_die_before_the_server", lambda: None)
    monkeypatch.setattr(trainer.logs, "configure", lambda: None)
    monkeypatch.setattr(trainer, "Settings", lambda: settings)
    monkeypatch.setattr(trainer.Database, "open", away)
    assert trainer.main([run.id, "1", str(os.getppid())]) == EXIT_SAVED
    with pytest.raises(DatabaseUnusable, match="newer"):
        trainer.main([run.id, "1", str(os.getppid())])


def test_an_orphan_does_not_wait_for_a_database_to_tell_why_it_failed(
    database: Database, settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseUnusable("connection refused")

    monkeypatch.setattr(trainer, "_write_failure", away)
    # Its worker is gone: another process is its parent now.
    orphan = Reporter(database, run.id, run.attempts, os.getpid())
    workspace = Workspace(settings.workspace)
    assert trainer._record_failure(database, workspace, orphan, run.id, 1, ValueError("bad")) == EXIT_SAVED
