"""Starting and stopping runs, without a worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.bootstrap import Studio
from app.jobs.pace import Pace, Paces
from app.services import training
from app.services.run_params import Wanted
from app.services.training import RunView, Training
from data import models, run_progress, runs, snapshots
from data.errors import DatabaseUnusable, DataError, NotFound, NothingToTrain, RunBusy
from data.records import MetricPoint, Model, Project, Run, Split
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


def test_epochs_become_steps_of_the_images_that_are_trained_on(
    studio: Studio, labelled_project: Project
) -> None:
    run = studio.training.start(labelled_project.id, "quick", epochs=4, batch=2, augmentation="light")
    config = run.params["train_config"]
    # Five images in batches of two, four times, with a validation after each.
    assert (config["steps"], config["validate_every"], config["batch_size"]) == (10, 3, 2)
    assert config["augment"] == "light"


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 2, "steps": 10},
        {"epochs": 0},
        {"batch": 1000},
        {"device": "gpu"},
        {"priority": 10**20},
        {"seed": 10**20},
    ],
    ids=lambda wrong: "+".join(wrong),
)
def test_what_contradicts_itself_is_refused_by_name(
    studio: Studio, labelled_project: Project, wrong: dict[str, object]
) -> None:
    with pytest.raises(InvalidConfig, match=str(next(iter(wrong)))):
        studio.training.start(labelled_project.id, **wrong)
    assert studio.training.runs(labelled_project.id) == ()


def finished_model(studio: Studio, project: Project) -> Model:
    """A model as a run of another backbone and input size would have left it."""
    run = studio.training.start(project.id, backbone="resnet50", input_size=512)
    with studio._database.write() as session:
        model = models.register(
            session,
            Model(
                "m1",
                project.id,
                run.id,
                "first",
                ("thing",),
                {},
                run.created,
                {"backbone": "resnet50", "input_size": 512},
            ),
        )
        runs.finish(session, run.id, "done", model_id="m1", now=1.0)
    return model


def test_a_run_that_starts_from_a_model_takes_its_backbone_and_input_size(
    studio: Studio, labelled_project: Project
) -> None:
    model = finished_model(studio, labelled_project)
    run = studio.training.start(labelled_project.id, start=model.id)
    assert (run.params["start"], run.params["backbone"], run.params["input_size"]) == ("m1", "resnet50", 512)
    with pytest.raises(NotFound, match="no model"):
        studio.training.start(labelled_project.id, start="none")


def test_who_waits_for_a_run_waits_for_a_database_that_is_away(
    studio: Studio, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = studio.training.start(labelled_project.id)
    studio.training.stop(run.id)
    progress, away = studio.training.progress, [DatabaseUnusable("connection refused")] * 2

    def flickers(*given: Any) -> RunView:
        if away:
            raise away.pop()
        return progress(*given)

    monkeypatch.setattr(training, "SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr(Training, "progress", lambda _self, *given: flickers(*given))
    assert studio.training.wait(run.id).outcome == "cancelled"


def test_a_long_run_looks_at_its_validation_images_seldom_enough(
    studio: Studio, labelled_project: Project
) -> None:
    config = studio.training.start(labelled_project.id, steps=100_000).params["train_config"]
    assert (config["validate_every"], config["checkpoint_every"]) == (2500, 2500)
    config = studio.training.start(labelled_project.id, steps=100).params["train_config"]
    assert (config["validate_every"], config["checkpoint_every"]) == (80, 80)


def test_what_a_model_learnt_from_never_validates_a_run_that_starts_from_it(
    studio: Studio, labelled_project: Project, add_labelled: AddLabelled
) -> None:
    def split_of(run: Run) -> dict[int, Split]:
        with studio._database.read() as session:
            return {image.image_id: image.split for image in snapshots.get(session, run.snapshot_id).images}

    model = finished_model(studio, labelled_project)
    (before,) = studio.training.runs(labelled_project.id)
    add_labelled(labelled_project, 40)
    answer = studio.preflight.look(labelled_project.id, Wanted(start=model.id, seed=1), measure=False)
    after = studio.training.start(labelled_project.id, start=model.id, seed=1)
    assert split_of(after).items() >= split_of(before).items()
    validating = [image_id for image_id, split in split_of(after).items() if split == "val"]
    assert len(validating) > 1, "others do"
    assert f"{len(validating)} images kept aside to measure on." in [each.sentence for each in answer.checks]


def test_a_run_that_starts_from_a_model_has_its_backbone_or_is_refused(
    studio: Studio, labelled_project: Project
) -> None:
    model = finished_model(studio, labelled_project)
    wanted = {"start": model.id, "backbone": "vgg16"}
    for asked in (studio.training.start, studio.preflight.look):
        given = wanted if asked == studio.training.start else {"wanted": Wanted(**wanted), "measure": False}
        with pytest.raises(InvalidConfig, match="'first' has 'resnet50'"):
            asked(labelled_project.id, **given)
    run = studio.training.start(labelled_project.id, start=model.id, backbone="resnet50")
    studio.training.stop(run.id)
    with pytest.raises(InvalidConfig, match="goes on from a model"):
        studio.training.resume(run.id, {"backbone": "vgg16"})
    assert studio.training.resume(run.id, {"backbone": "resnet50", "batch": 2}).outcome is None


def test_the_promise_of_a_kind_of_run_that_was_measured_is_kept_with_the_run(
    studio: Studio, labelled_project: Project
) -> None:
    assert studio.training.start(labelled_project.id).promised_seconds is None
    pace = Pace(start=10, prepare_image=1, step=2, look_at_image=0.5, finish=20, finish_image=3)
    Paces(studio.workspace.cache).keep("0", "efficientnet_lite0", 300, 8, pace)
    # 10 + 6 images + 240 steps of 2 s + 3 looks at 1 image + 20 + 1 image at 3 s.
    assert studio.training.start(labelled_project.id).promised_seconds == 10 + 6 + 480 + 1.5 + 20 + 3
    assert studio.training.start(labelled_project.id, minutes=2).promised_seconds == 30 + 120 + 16 + 23


def test_a_run_that_is_resumed_with_changes_begins_anew(studio: Studio, labelled_project: Project) -> None:
    run = studio.training.start(labelled_project.id)
    with studio._database.write() as session:
        runs.begin_attempt(session, run.id, "here", 1.0)
        run_progress.report(
            session, run.id, 1, step=7, metrics={"AP": 0.5}, points=[MetricPoint(7, "loss", 1.0)]
        )
        runs.finish(session, run.id, "failed", "no memory", failure="out_of_memory", now=2.0)
    again = studio.training.resume(run.id, {"batch": 4, "input_size": 512})
    assert (again.step, again.metrics, again.failure, again.outcome) == (0, {}, None, None)
    assert (again.params["train_config"]["batch_size"], again.params["input_size"]) == (4, 512)
    assert again.params["revision"] == 1
    assert studio.training.curves(run.id) == ()
    studio.training.stop(run.id)
    assert studio.training.resume(run.id, {"device": "cpu"}).device == "cpu"
    studio.training.stop(run.id)
    with pytest.raises(DataError, match="another seed"):
        studio.training.resume(run.id, {"seed": 3})


def test_finishing_a_run_that_learnt_nothing_cancels_it(studio: Studio, labelled_project: Project) -> None:
    run = studio.training.start(labelled_project.id)
    assert studio.training.stop(run.id, "finish").outcome == "cancelled"
    assert studio.training.stop(run.id, "finish").outcome == "cancelled"


def test_a_log_is_read_in_parts_of_whole_lines(
    studio: Studio, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = studio.training.start(labelled_project.id)
    assert studio.training.log(run.id) == ("", 0)
    file = studio.workspace.train_log(run.id)
    file.parent.mkdir(parents=True)
    file.write_text("one\ntwö\nthr", encoding="utf-8")
    assert studio.training.log(run.id) == ("one\ntwö\n", 9)
    assert studio.training.log(run.id, 4) == ("twö\n", 9)
    assert studio.training.log(run.id, 9) == ("", 9)
    with file.open("a") as stream:
        stream.write("ee\n")
    assert studio.training.log(run.id, 9) == ("three\n", 15)
    monkeypatch.setattr(training, "LOG_BYTES", 8)
    assert studio.training.log(run.id) == ("three\n", 15)
    assert studio.training.log(run.id, 0) == ("one\n", 4)
