"""Starting and stopping runs, without a worker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.bootstrap import Studio
from data import runs
from data.errors import DataError, NotFound, NothingToTrain, RunBusy
from data.records import Project
from ssd_core.errors import InvalidConfig

AddLabelled = Callable[[Project, int], None]


@pytest.fixture
def empty_project(studio: Studio) -> Project:
    return studio.labelling.create_project("empty")


def test_a_project_says_what_it_needs_to_be_trained_on(
    studio: Studio, empty_project: Project, add_labelled: AddLabelled
) -> None:
    def readiness() -> tuple[bool, str]:
        return studio.training.readiness(empty_project.id)

    assert readiness() == (False, "Add photographs and label 2 of them to train.")
    add_labelled(empty_project, 1)
    assert readiness() == (False, "Label 1 more image to train: 1 of 2 done.")
    add_labelled(empty_project, 2)
    assert readiness() == (
        True,
        "Ready for a first try. Label 3 more images for a useful model: 2 of 5 done.",
    )
    add_labelled(empty_project, 6)
    assert readiness() == (True, "Ready: 6 labelled images to train on.")


def test_a_project_without_labels_cannot_be_trained_on_and_gets_no_run(
    studio: Studio, empty_project: Project
) -> None:
    with pytest.raises(NothingToTrain, match="at least 2 more images"):
        studio.training.start(empty_project.id)
    assert studio.training.runs(empty_project.id) == ()
    assert studio.training.runs(empty_project.id) == ()


def test_a_started_run_is_queued_with_all_that_it_will_need(
    studio: Studio, labelled_project: Project
) -> None:
    run = studio.training.start(labelled_project.id, "balanced", seed=7, steps=12)
    assert (run.outcome, run.phase, run.params["model_name"]) == (None, "queued", "parts balanced 1")
    assert run.job_id is not None
    assert run.params["train_config"]["steps"] == 12
    assert run.params["train_config"]["seed"] == 7
    assert studio.training.runs(labelled_project.id) == (run,)
    assert studio.training.progress(run.id).status == "queued"


def test_a_start_that_fails_halfway_leaves_nothing_behind(
    studio: Studio, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_after_the_job_was_written(*_: object) -> None:
        raise DataError("no")

    monkeypatch.setattr(runs, "attach_job", fails_after_the_job_was_written)
    with pytest.raises(DataError):
        studio.training.start(labelled_project.id)
    assert studio.training.runs(labelled_project.id) == ()
    assert jobs_of(studio) == 0


def jobs_of(studio: Studio) -> int:
    """How many jobs the queue holds, whatever their state."""
    from dbos import DBOSClient

    engine = studio._database.queue_engine()
    client = DBOSClient(system_database_engine=engine)
    try:
        return len(client.list_workflows())
    finally:
        client.destroy()
        engine.dispose()


def test_run_and_job_are_there_together(studio: Studio, labelled_project: Project) -> None:
    studio.training.start(labelled_project.id)
    assert jobs_of(studio) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"preset": "forever"}, {"steps": 0}, {"backbone": "alexnet"}, {"input_size": 7}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_setting_that_makes_no_sense_is_refused_before_anything_is_queued(
    studio: Studio, labelled_project: Project, wrong: dict[str, object]
) -> None:
    with pytest.raises(InvalidConfig):
        studio.training.start(labelled_project.id, **wrong)  # type: ignore[arg-type]
    assert studio.training.runs(labelled_project.id) == ()
    assert jobs_of(studio) == 0


def test_minutes_that_make_no_sense_are_refused(studio: Studio, labelled_project: Project) -> None:
    for minutes in (0, -1, 1e9, float("nan")):
        with pytest.raises(DataError, match="minutes"):
            studio.training.start(labelled_project.id, minutes=minutes)


def test_a_queued_run_ends_at_once_when_it_is_stopped_and_can_be_resumed(
    studio: Studio, labelled_project: Project
) -> None:
    run = studio.training.start(labelled_project.id)
    with pytest.raises(RunBusy):
        studio.training.resume(run.id)
    assert studio.training.stop(run.id, "cancel").outcome == "cancelled"
    assert studio.training.wait(run.id).outcome == "cancelled"
    resumed = studio.training.resume(run.id)
    assert (resumed.outcome, resumed.stop) == (None, None)
    assert resumed.job_id != run.job_id


def test_an_unknown_project_or_run_is_not_found(studio: Studio) -> None:
    for call in (studio.training.readiness, studio.training.start, studio.training.runs):
        with pytest.raises(NotFound):
            call(99)
    for call_run in (studio.training.progress, studio.training.stop, studio.training.resume):
        with pytest.raises(NotFound):
            call_run("nothing")


def test_the_presets_are_told_quickest_first(studio: Studio) -> None:
    presets = studio.training.presets()
    assert [preset["name"] for preset in presets] == ["quick", "balanced", "best"]
    assert all(preset["title"] and preset["description"] for preset in presets)
