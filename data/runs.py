"""Runs: what was asked for, how far it is, and how it ended; rows carry progress and stop requests."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from data.errors import NotFound, RunBusy
from data.records import MetricPoint, Outcome, Run, Stop
from data.schema import LARGEST_INTEGER, ProjectRow, RunMetricRow, RunRow, SnapshotRow, known_id

_ENDED: dict[Stop, Outcome] = {"cancel": "cancelled", "pause": "paused"}
_PROGRESS = ("phase", "step", "total_steps", "epoch", "total_epochs", "seconds_left")


def create(session: Session, project_id: int, snapshot_id: str, params: Mapping[str, Any]) -> Run:
    """Create a run, queued from now on.

    Raises:
        NotFound: there is no such project or snapshot.
    """
    if session.get(ProjectRow, known_id(project_id, "project")) is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
    if session.get(SnapshotRow, snapshot_id) is None:
        raise NotFound(f"There is no snapshot {snapshot_id!r}. It may have been deleted with its project.")
    row = RunRow(
        id=uuid.uuid4().hex,
        project_id=project_id,
        snapshot_id=snapshot_id,
        params=dict(params),
        phase="queued",
        step=0,
        total_steps=0,
        epoch=0,
        total_epochs=0,
        metrics={},
        attempts=0,
        created=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return _record(row)


def attach_job(session: Session, run_id: str, job_id: str) -> Run:
    """Note which job of the queue carries the run out.

    Raises:
        NotFound: there is no such run.
    """
    row = _locked(session, run_id)
    row.job_id = job_id
    return _flushed(session, row)


def get(session: Session, run_id: str) -> Run:
    """Read a run.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.get(RunRow, run_id)
    if row is None:
        raise _missing(run_id)
    return _record(row)


def list_for_project(session: Session, project_id: int, limit: int = 20) -> tuple[Run, ...]:
    """Read a project's latest runs, newest first."""
    query = select(RunRow).where(RunRow.project_id == known_id(project_id, "project"))
    rows = session.scalars(
        query.order_by(RunRow.created.desc(), RunRow.id).limit(min(limit, LARGEST_INTEGER))
    )
    return tuple(_record(row) for row in rows)


def unfinished(session: Session) -> tuple[Run, ...]:
    """Read every run without an outcome, oldest first: queued, running or stalled."""
    rows = session.scalars(select(RunRow).where(RunRow.outcome.is_(None)).order_by(RunRow.created, RunRow.id))
    return tuple(_record(row) for row in rows)


def begin_attempt(session: Session, run_id: str, host: str, now: float) -> Run | None:
    """Take a run up: one attempt more, alive from now on; None if there is nothing left to do.

    A run that was asked to stop before anybody took it up ends here.

    Args:
        session: a writing session.
        run_id: the run.
        host: who takes it up.
        now: Unix time in seconds.

    Raises:
        NotFound: there is no such run.
    """
    row = _locked(session, run_id)
    if row.outcome is None and row.stop is not None:
        _end(row, _ENDED[cast("Stop", row.stop)], now)
        session.flush()
    if row.outcome is not None:
        return None
    row.attempts += 1
    row.host = host
    row.pid = row.pid_start = None
    row.beat = now
    row.started = row.started or _moment(now)
    return _flushed(session, row)


def beat(session: Session, run_id: str, now: float, pid: int | None, pid_start: float | None) -> Stop | None:
    """Say that the run's worker lives, and hear whether it shall stop.

    Args:
        session: a writing session.
        run_id: the run.
        now: Unix time in seconds.
        pid: the trainer's process id.
        pid_start: when that process started, in Unix seconds.

    Returns:
        What was asked for; ``cancel`` if the run has ended already or is gone.
    """
    row = session.get(RunRow, run_id, with_for_update=True)
    if row is None or row.outcome is not None:
        return "cancel"
    row.beat, row.pid, row.pid_start = now, pid, pid_start
    return cast("Stop | None", row.stop)


def report(
    session: Session,
    run_id: str,
    attempt: int,
    *,
    phase: str | None = None,
    step: int | None = None,
    total_steps: int | None = None,
    epoch: int | None = None,
    total_epochs: int | None = None,
    seconds_left: float | None = None,
    metrics: Mapping[str, Any] | None = None,
    points: Sequence[MetricPoint] = (),
) -> Stop | None:
    """Write a trainer's progress and hear whether it shall stop; what is None stays as it was.

    An attempt that another one has replaced writes nothing. Values that are not finite are left out.

    Args:
        session: a writing session.
        run_id: the run.
        attempt: the number of the attempt that reports, as ``begin_attempt`` gave it.
        phase: what it does now.
        step: optimiser steps done.
        total_steps: optimiser steps to do.
        epoch: epochs done.
        total_epochs: epochs to do.
        seconds_left: estimated, in seconds.
        metrics: merged into those written before.
        points: measured values; one at the same step and name overwrites.

    Returns:
        What was asked for; ``cancel`` if the attempt was replaced, or the run has ended or is gone.
    """
    row = session.get(RunRow, run_id, with_for_update=True)
    if row is None or row.outcome is not None or row.attempts != attempt:
        return "cancel"
    given = (phase, step, total_steps, epoch, total_epochs, seconds_left)
    for name, value in zip(_PROGRESS, given, strict=True):
        if value is not None:
            setattr(row, name, value)
    if metrics:
        row.metrics = {**row.metrics, **metrics}
    for point in points:
        if math.isfinite(point.value):
            session.merge(RunMetricRow(run_id=run_id, step=point.step, name=point.name, value=point.value))
    return cast("Stop | None", row.stop)


def points(
    session: Session, run_id: str, after_step: int = -1, names: Sequence[str] | None = None
) -> tuple[MetricPoint, ...]:
    """Read a run's measured values behind a step, in order of step and name; all names if none are given."""
    behind = max(-1, min(after_step, LARGEST_INTEGER))
    query = select(RunMetricRow).where(RunMetricRow.run_id == run_id, RunMetricRow.step > behind)
    if names is not None:
        query = query.where(RunMetricRow.name.in_(names))
    rows = session.scalars(query.order_by(RunMetricRow.step, RunMetricRow.name))
    return tuple(MetricPoint(row.step, row.name, row.value) for row in rows)


def request_stop(session: Session, run_id: str, stop: Stop) -> Run:
    """Ask a run to end (``cancel``) or to rest (``pause``).

    One that nobody took up yet ends at once, and a paused one can be cancelled; one that has ended otherwise
    stays as it is. A pause does not take a cancel back.

    Raises:
        NotFound: there is no such run.
    """
    row = _locked(session, run_id)
    if row.outcome == "paused" and stop == "cancel":
        row.stop, row.outcome = "cancel", "cancelled"
    elif row.outcome is None:
        row.stop = "cancel" if "cancel" in (row.stop, stop) else "pause"
        if row.beat is None:
            _end(row, _ENDED[cast("Stop", row.stop)], datetime.now(UTC).timestamp())
    return _flushed(session, row)


def finish(
    session: Session,
    run_id: str,
    outcome: Outcome,
    error: str | None = None,
    model_id: str | None = None,
    *,
    now: float,
) -> Run:
    """Write how a run ended; the first outcome stays.

    Args:
        session: a writing session.
        run_id: the run.
        outcome: how it ended.
        error: the sentence for the user, when it failed.
        model_id: what it produced, when it is done.
        now: Unix time in seconds.

    Raises:
        NotFound: there is no such run.
    """
    row = _locked(session, run_id)
    if row.outcome is None:
        _end(row, outcome, now)
        row.error, row.model_id = error, model_id
    return _flushed(session, row)


def interrupt_unfinished(session: Session, sentence: str, now: float) -> int:
    """End every run without an outcome as failed, so that it can be resumed here; gives their number.

    It belongs to no worker and no job any more: those that carried it out may still do so elsewhere.

    Args:
        session: a writing session.
        sentence: what to tell the user; the step reached is added.
        now: Unix time in seconds.
    """
    rows = session.scalars(select(RunRow).where(RunRow.outcome.is_(None)).with_for_update()).all()
    for row in rows:
        _end(row, "failed", now)
        row.error = (
            f"{sentence} It had done {row.step} of {row.total_steps or 'its'} steps; resume it to go on."
        )
        row.stop = row.job_id = row.host = row.pid = row.pid_start = row.beat = None
    session.flush()
    return len(rows)


def reopen(session: Session, run_id: str) -> Run:
    """Queue a paused, cancelled or failed run again, to go on from its last checkpoint.

    Raises:
        NotFound: there is no such run.
        RunBusy: it has not ended, or it is done.
    """
    row = _locked(session, run_id)
    if row.outcome is None:
        raise RunBusy("The run has not ended, so there is nothing to resume.")
    if row.outcome == "done":
        raise RunBusy("The run is done, so there is nothing to resume. Start a new one.")
    row.stop = row.outcome = row.error = row.beat = row.finished = row.seconds_left = None
    row.pid = row.pid_start = row.host = None
    row.phase = "queued"
    return _flushed(session, row)


def claim_stale(session: Session, run_id: str, beat_seen: float | None, now: float) -> bool:
    """Take over a run whose worker fell silent; of several that try, one is told True.

    Args:
        session: a writing session.
        run_id: the run.
        beat_seen: the last sign of life, as the caller read it; None if there was none.
        now: Unix time in seconds, written as the new one.
    """
    query = update(RunRow).where(RunRow.id == run_id, RunRow.beat == beat_seen, RunRow.outcome.is_(None))
    result = cast("CursorResult[Any]", session.execute(query.values(beat=now)))
    return bool(result.rowcount)


def _locked(session: Session, run_id: str) -> RunRow:
    row = session.get(RunRow, run_id, with_for_update=True)
    if row is None:
        raise _missing(run_id)
    return row


def _missing(run_id: str) -> NotFound:
    return NotFound(f"There is no run {run_id!r}. It may have been deleted with its project.")


def _flushed(session: Session, row: RunRow) -> Run:
    session.flush()
    return _record(row)


def _end(row: RunRow, outcome: Outcome, now: float) -> None:
    row.outcome = outcome
    row.finished = _moment(now)
    row.seconds_left = None


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)


def _record(row: RunRow) -> Run:
    return Run(
        id=row.id,
        project_id=row.project_id,
        snapshot_id=row.snapshot_id,
        job_id=row.job_id,
        params=dict(row.params),
        stop=cast("Stop | None", row.stop),
        outcome=cast("Outcome | None", row.outcome),
        error=row.error,
        phase=row.phase,
        step=row.step,
        total_steps=row.total_steps,
        epoch=row.epoch,
        total_epochs=row.total_epochs,
        seconds_left=row.seconds_left,
        metrics=dict(row.metrics),
        model_id=row.model_id,
        attempts=row.attempts,
        host=row.host,
        pid=row.pid,
        pid_start=row.pid_start,
        beat=row.beat,
        created=row.created,
        started=row.started,
        finished=row.finished,
    )
