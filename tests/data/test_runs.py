"""Runs: progress, stopping, and what survives a killed worker."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from data import annotations, run_progress, runs, snapshots
from data.errors import NotFound, RunBusy
from data.records import LEASE_SECONDS, Box, MetricPoint

NOW = 1_700_000_000.0


@pytest.fixture
def snapshot(database, project, bolt, add_image):
    for name in ("a.png", "b.png"):
        image = add_image(name)
        with database.write() as session:
            annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
    with database.write() as session:
        return snapshots.freeze(session, project.id, seed=0)


@pytest.fixture
def run(database, project, snapshot):
    with database.write() as session:
        return runs.create(session, project.id, snapshot.id, {"preset": "quick", "steps": 40})


def test_a_new_run_is_queued_with_its_parameters(database, run):
    assert run.status(NOW) == "queued"
    assert run.params == {"preset": "quick", "steps": 40}
    with database.read() as session:
        assert runs.get(session, run.id) == run
        assert runs.unfinished(session) == (run,)


def test_a_job_is_attached(database, run):
    with database.write() as session:
        assert runs.attach_job(session, run.id, "job-1").job_id == "job-1"


def test_taking_a_run_up_counts_the_attempt_and_starts_its_pulse(database, run):
    with database.write() as session:
        taken = runs.begin_attempt(session, run.id, "host-a", NOW)
        assert (taken.attempts, taken.host, taken.beat) == (1, "host-a", NOW)
        assert taken.started == datetime.fromtimestamp(NOW, UTC)
        again = runs.begin_attempt(session, run.id, "host-b", NOW + 60)
        assert (again.attempts, again.host, again.started) == (2, "host-b", taken.started)


def test_a_silent_run_is_stalled_after_the_lease(database, run):
    with database.write() as session:
        taken = runs.begin_attempt(session, run.id, "host", NOW)
    assert taken.status(NOW + LEASE_SECONDS) == "running"
    assert taken.status(NOW + LEASE_SECONDS + 1) == "stalled"


def test_the_pulse_notes_the_process_and_hears_of_a_stop(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        assert run_progress.beat(session, run.id, 1, NOW + 1, 4711, NOW - 5) is None
        runs.request_stop(session, run.id, "pause")
        assert run_progress.beat(session, run.id, 1, NOW + 2, 4711, NOW - 5) == "pause"
        now = runs.get(session, run.id)
    assert (now.beat, now.pid, now.pid_start, now.status(NOW + 2)) == (NOW + 2, 4711, NOW - 5, "stopping")


def test_progress_is_written_and_what_is_not_given_stays(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(
            session, run.id, 1, phase="training", step=5, total_steps=40, epoch=1, total_epochs=8
        )
        run_progress.report(session, run.id, 1, step=6, seconds_left=12.5, metrics={"loss": 2.5})
        run_progress.report(session, run.id, 1, metrics={"val_AP": 0.5})
        now = runs.get(session, run.id)
    assert (now.phase, now.step, now.total_steps, now.epoch, now.total_epochs) == ("training", 6, 40, 1, 8)
    assert (now.seconds_left, now.metrics) == (12.5, {"loss": 2.5, "val_AP": 0.5})


def test_a_zero_is_progress_too(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(session, run.id, 1, step=5, seconds_left=9)
        run_progress.report(session, run.id, 1, step=0, seconds_left=0)
        now = runs.get(session, run.id)
    assert (now.step, now.seconds_left) == (0, 0)


def test_a_replaced_attempt_writes_nothing_and_is_told_to_go(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host-a", NOW)
        runs.begin_attempt(session, run.id, "host-b", NOW)
        point = MetricPoint(9, "loss", 1.0)
        assert (
            run_progress.report(session, run.id, 1, step=99, metrics={"loss": 0}, points=[point]) == "cancel"
        )
        assert run_progress.report(session, run.id, 2, step=3) is None
        assert (runs.get(session, run.id).step, runs.get(session, run.id).metrics) == (3, {})
        assert run_progress.points(session, run.id) == ()


def test_a_report_to_a_run_that_ended_or_is_gone_is_answered_with_cancel(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        runs.finish(session, run.id, "failed", now=NOW)
        assert run_progress.report(session, run.id, 1, step=3) == "cancel"
        assert run_progress.beat(session, run.id, 1, NOW, None, None) == "cancel"
        assert run_progress.report(session, "gone", 1, step=3) == "cancel"
        assert run_progress.beat(session, "gone", 1, NOW, None, None) == "cancel"


def test_points_are_read_behind_a_step_and_by_name_in_order(database, run):
    points = [MetricPoint(2, "loss", 1.5), MetricPoint(1, "loss", 2.0), MetricPoint(2, "val_AP", 0.25)]
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(session, run.id, 1, points=points)
        assert run_progress.points(session, run.id) == (points[1], points[0], points[2])
        assert run_progress.points(session, run.id, after_step=1) == (points[0], points[2])
        assert run_progress.points(session, run.id, names=["val_AP"]) == (points[2],)


def test_a_step_repeated_after_a_resume_overwrites_its_point(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(session, run.id, 1, points=[MetricPoint(1, "loss", 2.0)])
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(
            session, run.id, 2, points=[MetricPoint(1, "loss", 3.0), MetricPoint(1, "loss", 4.0)]
        )
        assert run_progress.points(session, run.id) == (MetricPoint(1, "loss", 4.0),)


def test_values_that_are_not_finite_do_not_break_a_report(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(
            session, run.id, 1, metrics={"loss": float("nan")}, points=[MetricPoint(1, "loss", float("inf"))]
        )
    with database.read() as session:
        assert runs.get(session, run.id).metrics == {"loss": None}
        assert run_progress.points(session, run.id) == ()


@pytest.mark.parametrize(("stop", "outcome"), [("cancel", "cancelled"), ("pause", "paused")])
def test_a_queued_run_ends_at_once_when_asked_to_stop(database, run, stop, outcome):
    with database.write() as session:
        ended = runs.request_stop(session, run.id, stop)
        assert ended.status(NOW) == outcome
        assert ended.finished is not None
        assert runs.begin_attempt(session, run.id, "host", NOW) is None
        assert runs.unfinished(session) == ()


def test_a_run_that_shall_finish_before_it_learnt_anything_is_cancelled(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        assert runs.request_stop(session, run.id, "finish").stop == "cancel"
        runs.finish(session, run.id, "cancelled", now=NOW)
        runs.reopen(session, run.id)
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(session, run.id, 2, step=1)
        assert runs.request_stop(session, run.id, "finish").stop == "finish"


def test_a_running_run_is_only_asked_and_cancel_outweighs_pause(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        assert runs.request_stop(session, run.id, "pause").outcome is None
        assert runs.request_stop(session, run.id, "cancel").stop == "cancel"
        assert runs.request_stop(session, run.id, "pause").stop == "cancel"


def test_a_run_asked_to_stop_while_nobody_worked_on_it_ends_when_it_is_taken_up(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        runs.request_stop(session, run.id, "cancel")
        assert runs.begin_attempt(session, run.id, "host", NOW + 60) is None
        assert runs.get(session, run.id).outcome == "cancelled"


def test_a_paused_run_can_be_cancelled_but_a_done_one_stays_done(database, run):
    with database.write() as session:
        runs.request_stop(session, run.id, "pause")
        assert runs.request_stop(session, run.id, "cancel").outcome == "cancelled"
        runs.reopen(session, run.id)
        runs.begin_attempt(session, run.id, "host", NOW)
        runs.finish(session, run.id, "done", model_id="m", now=NOW)
        assert runs.request_stop(session, run.id, "cancel").outcome == "done"


def test_the_first_outcome_stays(database, run):
    with database.write() as session:
        done = runs.finish(session, run.id, "done", model_id="m1", now=NOW)
        late = runs.finish(session, run.id, "failed", error="too late", now=NOW + 9)
    assert (done.outcome, done.model_id, done.finished) == ("done", "m1", datetime.fromtimestamp(NOW, UTC))
    assert late == done


def test_a_failed_run_is_reopened_with_its_progress_but_without_its_error(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(session, run.id, 1, step=12)
        runs.finish(session, run.id, "failed", error="The worker was killed.", now=NOW)
        back = runs.reopen(session, run.id)
    assert (back.status(NOW), back.step, back.attempts) == ("queued", 12, 1)
    assert (back.error, back.stop, back.beat, back.finished) == (None, None, None, None)


def test_only_runs_that_ended_without_a_model_are_reopened(database, run):
    with database.write() as session:
        with pytest.raises(RunBusy, match="has not ended"):
            runs.reopen(session, run.id)
        runs.finish(session, run.id, "done", now=NOW)
        with pytest.raises(RunBusy, match="is done"):
            runs.reopen(session, run.id)


def test_of_two_that_claim_a_silent_run_one_gets_it(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
    with database.write() as session:
        assert runs.claim_stale(session, run.id, NOW, NOW + 99)
    with database.write() as session:
        assert not runs.claim_stale(session, run.id, NOW, NOW + 99)


def test_a_run_that_ended_cannot_be_claimed(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        runs.finish(session, run.id, "done", now=NOW)
        assert not runs.claim_stale(session, run.id, NOW, NOW + 99)


def test_runs_are_listed_newest_first(database, project, snapshot):
    made = []
    for _ in range(3):
        with database.write() as session:
            made.append(runs.create(session, project.id, snapshot.id, {}).id)
    with database.read() as session:
        assert [entry.id for entry in runs.list_for_project(session, project.id, 2)] == [made[2], made[1]]
        assert [entry.id for entry in runs.unfinished(session)] == made


def test_times_are_read_back_in_utc(database, run):
    with database.read() as session:
        created = runs.get(session, run.id).created
    assert created.utcoffset().total_seconds() == 0
    assert abs((datetime.now(UTC) - created).total_seconds()) < 600


def test_what_does_not_exist_is_not_found(database, project):
    with database.write() as session:
        for call in (
            lambda: runs.get(session, "x"),
            lambda: runs.begin_attempt(session, "x", "host", NOW),
            lambda: runs.request_stop(session, "x", "cancel"),
            lambda: runs.finish(session, "x", "done", now=NOW),
            lambda: runs.reopen(session, "x"),
            lambda: runs.attach_job(session, "x", "job"),
            lambda: runs.create(session, 99, "x", {}),
            lambda: runs.create(session, project.id, "x", {}),
        ):
            with pytest.raises(NotFound):
                call()


def test_a_run_without_progress_is_cancelled_when_it_shall_finish_and_one_with_some_goes_on(database, run):
    with database.write() as session:
        assert runs.request_stop(session, run.id, "finish").outcome == "cancelled"
        runs.reopen(session, run.id)
        runs.begin_attempt(session, run.id, "host", NOW)
        run_progress.report(session, run.id, 1, step=5, points=[MetricPoint(5, "loss", 1.0)])
        runs.finish(session, run.id, "failed", "no", failure="unknown", now=NOW)
        again = runs.reopen(session, run.id)
        assert (again.error, again.failure) == (None, None)
        run_progress.report(session, run.id, 1, step=0)  # It prepares anew.
        assert runs.request_stop(session, run.id, "finish").outcome is None
        taken = runs.begin_attempt(session, run.id, "host", NOW)
        assert (taken.attempts, taken.stop) == (2, "finish")
        assert runs.request_stop(session, run.id, "pause").stop == "pause"
        assert runs.request_stop(session, run.id, "cancel").stop == "cancel"
        assert runs.request_stop(session, run.id, "finish").stop == "cancel"


def test_time_at_work_is_added_up_without_rests(database, run):
    with database.write() as session:
        runs.begin_attempt(session, run.id, "host", NOW)
        for moment in (1, 2, 4, 500, 501):
            run_progress.beat(session, run.id, 1, NOW + moment, 4711, NOW)
        assert runs.get(session, run.id).worked_seconds == 4.0
        runs.begin_attempt(session, run.id, "another", NOW + 600)
        run_progress.beat(session, run.id, 1, NOW + 601, 4711, NOW)
        assert runs.get(session, run.id).beat == NOW + 600, "a replaced worker writes nothing"


def test_a_run_is_found_by_the_beginning_of_its_id(database, project, snapshot, run):
    with database.write() as session:
        other = runs.create(session, project.id, snapshot.id, {}, priority=1)
        assert runs.find(session, run.id[:20]) == run
        assert runs.next_number(session, project.id) == 3
        assert [each.id for each in runs.unfinished(session)] == [other.id, run.id]
        with pytest.raises(NotFound, match="no run"):
            runs.find(session, "x")
        with pytest.raises(NotFound, match="Several"):
            runs.find(session, "")


def test_of_two_who_start_a_run_at_the_same_time_the_second_waits_for_the_first(
    database, project, snapshot, run
):
    numbers = []

    def start():
        with database.write() as session:
            numbers.append(runs.next_number(session, project.id))

    with database.write() as session:
        numbers.append(runs.next_number(session, project.id))
        another = threading.Thread(target=start)
        another.start()
        # Long enough for one that does not wait.
        another.join(timeout=0.3)
        runs.create(session, project.id, snapshot.id, {})
    another.join()
    assert numbers == [2, 3]
