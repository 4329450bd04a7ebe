"""Runs: what was asked for, who works on it, and how it ended; ``data.run_progress`` says how far it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from data.errors import NotFound, RunBusy
from data.records import FailureKind, Outcome, Run, Stop
from data.schema import LARGEST_INTEGER, ProjectRow, RunMetricRow, RunRow, SnapshotRow, known_id

#: How a stop ends a run that nobody trains.
ENDED: dict[Stop, Outcome] = {"cancel": "cancelled", "pause": "paused"}
DEFAULT_PRIORITY = 10


def create(
    session: Session,
    project_id: int,
    snapshot_id: str,
    params: Mapping[str, Any],
    *,
    priority: int = DEFAULT_PRIORITY,
    device: str | None = None,
    promised_seconds: float | None = None,
) -> Run:
    """Create a run, queued from now on.

    Args:
        session: a writing session.
        project_id: the project.
        snapshot_id: what it learns from.
        params: how it learns.
        priority: lower goes first.
        device: the only one on which it may run; None for any.
        promised_seconds: how long it will take, if that is known.

    Raises:
        NotFound: there is no such project or snapshot.
    """
    if session.get(ProjectRow, known_id(project_id, "project")) is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
    # Without its content, which may be of a hundred megabytes.
    if session.scalar(select(SnapshotRow.id).where(SnapshotRow.id == snapshot_id)) is None:
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
        priority=priority,
        device=device,
        promised_seconds=promised_seconds,
        worked_seconds=0.0,
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


def snapshot_id(session: Session, run_id: str | None) -> str | None:
    """Give the snapshot that a run trained on; None where there is no such run."""
    row = None if run_id is None else session.get(RunRow, run_id)
    return None if row is None else row.snapshot_id


def find(session: Session, beginning: str) -> Run:
    """Read the run whose id begins so.

    Raises:
        NotFound: there is none, or there are several.
    """
    query = select(RunRow).where(RunRow.id.startswith(beginning, autoescape=True)).limit(2)
    rows = session.scalars(query).all()
    if len(rows) > 1:
        raise NotFound(f"Several runs begin with {beginning!r}. Give more of the id.")
    if not rows:
        raise _missing(beginning)
    return _record(rows[0])


def list_for_project(session: Session, project_id: int, limit: int = 20) -> tuple[Run, ...]:
    """Read a project's latest runs, newest first."""
    query = select(RunRow).where(RunRow.project_id == known_id(project_id, "project"))
    rows = session.scalars(
        query.order_by(RunRow.created.desc(), RunRow.id).limit(min(limit, LARGEST_INTEGER))
    )
    return tuple(_record(row) for row in rows)


def next_number(session: Session, project_id: int) -> int:
    """Tell which of its project's runs the next one is; others who start one wait until the session ends.

    Raises:
        NotFound: there is no such project.
    """
    # Not so locked that no image could be added.
    project = session.get(ProjectRow, known_id(project_id, "project"), with_for_update={"key_share": True})
    if project is None:
        raise NotFound(f"There is no project {project_id}. It may have been deleted.")
    query = select(func.count()).select_from(RunRow).where(RunRow.project_id == project_id)
    return int(session.scalar(query) or 0) + 1


def unfinished(session: Session) -> tuple[Run, ...]:
    """Read every run without an outcome, in the order of the queue: queued, running or stalled."""
    order = (RunRow.priority, RunRow.created, RunRow.id)
    rows = session.scalars(select(RunRow).where(RunRow.outcome.is_(None)).order_by(*order))
    return tuple(_record(row) for row in rows)


def waiting_for_space(session: Session, *, locked: bool = False) -> tuple[Run, ...]:
    """Read the runs that paused by themselves because the disk was full, in the order of the queue.

    ``locked`` keeps them so until the writing session ends, whoever else wants to resume or cancel them.
    """
    full = (RunRow.outcome == "paused", RunRow.failure == "disk_full")
    query = select(RunRow).where(*full).order_by(RunRow.priority, RunRow.created, RunRow.id)
    return tuple(_record(row) for row in session.scalars(query.with_for_update() if locked else query))


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
    if row.outcome is None and row.stop is not None and row.stop != "finish":
        _end(row, ENDED[cast("Stop", row.stop)], now)
        session.flush()
    if row.outcome is not None:
        return None
    row.attempts += 1
    row.host = host
    row.pid = row.pid_start = None
    row.beat = now
    row.failure = row.failure_detail = None
    row.started = row.started or _moment(now)
    return _flushed(session, row)


def request_stop(session: Session, run_id: str, stop: Stop) -> Run:
    """Ask a run to end (``cancel``), to rest (``pause``), or to make its best so far a model (``finish``).

    One that nobody took up yet ends at once, unless it shall finish. Where nothing was learnt yet, there is
    no best to keep: to finish is to cancel. A paused one can be cancelled; one that has ended otherwise stays
    as it is. Nothing takes a cancel back.

    Raises:
        NotFound: there is no such run.
    """
    row = _locked(session, run_id)
    if row.outcome == "paused" and stop == "cancel":
        row.stop, row.outcome = "cancel", "cancelled"
        row.error = row.failure = row.failure_detail = None
    elif row.outcome == "paused" and stop == "pause":
        # It rests until somebody resumes it, room on the disk or not.
        row.failure = row.failure_detail = None
    elif row.outcome is None:
        nothing_to_keep = stop == "finish" and not _has_learnt(session, row)
        wanted: Stop = "cancel" if row.stop == "cancel" or nothing_to_keep else stop
        row.stop = wanted
        if row.beat is None and wanted != "finish":
            _end(row, ENDED[wanted], datetime.now(UTC).timestamp())
    return _flushed(session, row)


def finish(
    session: Session,
    run_id: str,
    outcome: Outcome,
    error: str | None = None,
    model_id: str | None = None,
    *,
    failure: FailureKind | None = None,
    failure_detail: Mapping[str, Any] | None = None,
    now: float,
) -> Run:
    """Write how a run ended; the first outcome stays.

    Args:
        session: a writing session.
        run_id: the run.
        outcome: how it ended.
        error: the sentence for the user, when it failed or paused by itself.
        failure: of which kind that was.
        failure_detail: what a remedy needs to know.
        model_id: what it produced, when it is done.
        now: Unix time in seconds.

    Raises:
        NotFound: there is no such run.
    """
    row = _locked(session, run_id)
    if row.outcome is None:
        _end(row, outcome, now)
        row.error, row.model_id = error, model_id
        row.failure = failure
        row.failure_detail = None if failure_detail is None else dict(failure_detail)
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


def reopen(session: Session, run_id: str, params: Mapping[str, Any] | None = None) -> Run:
    """Queue a paused, cancelled or failed run again, to go on from its last checkpoint.

    Args:
        session: a writing session.
        run_id: the run.
        params: take the place of those it had; it then begins anew.

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
    row.pid = row.pid_start = row.host = row.failure = row.failure_detail = None
    row.phase = "queued"
    if params is not None:
        row.params = dict(params)
        row.step = row.epoch = row.total_steps = row.total_epochs = 0
        row.metrics, row.promised_seconds, row.worked_seconds = {}, None, 0.0
        session.execute(delete(RunMetricRow).where(RunMetricRow.run_id == run_id))
    return _flushed(session, row)


def prioritise(session: Session, run_id: str, priority: int) -> Run:
    """Move a run in the queue; lower goes first.

    Raises:
        NotFound: there is no such run.
    """
    row = _locked(session, run_id)
    row.priority = priority
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


def move(session: Session, run_id: str, device: str | None) -> Run:
    """Choose another device for a run, None for any; it counts from its next attempt on.

    Raises:
        NotFound: there is no such run.
    """
    row = _locked(session, run_id)
    row.device = device
    return _flushed(session, row)


def _has_learnt(session: Session, row: RunRow) -> bool:
    """Whether a run has taken a step; one that is resumed begins to count at 0 again while it prepares."""
    metrics = select(RunMetricRow.step).where(RunMetricRow.run_id == row.id, RunMetricRow.step > 0)
    return row.step > 0 or row.stop == "finish" or session.scalar(metrics.limit(1)) is not None


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
        priority=row.priority,
        device=row.device,
        failure=cast("FailureKind | None", row.failure),
        failure_detail=row.failure_detail,
        promised_seconds=row.promised_seconds,
        worked_seconds=row.worked_seconds,
    )
