"""How far runs are: the worker's signs of life, the trainer's reports, and the curves they make."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.records import MetricPoint, Stop
from data.schema import LARGEST_INTEGER, RunMetricRow, RunRow

_PROGRESS = ("phase", "step", "total_steps", "epoch", "total_epochs", "seconds_left", "promised_seconds")
#: A pulse that comes later than this was not that of one process at work.
_LONGEST_BETWEEN_BEATS = 60.0


def beat(
    session: Session, run_id: str, attempt: int, now: float, pid: int | None, pid_start: float | None
) -> Stop | None:
    """Say that the run's worker lives, and hear whether it shall stop.

    Args:
        session: a writing session.
        run_id: the run.
        attempt: the number of the attempt that the worker watches, as ``begin_attempt`` gave it.
        now: Unix time in seconds.
        pid: the trainer's process id.
        pid_start: when that process started, in Unix seconds.

    Returns:
        What was asked for; ``cancel``, with nothing written, if the attempt was replaced, or the run has
        ended or is gone.
    """
    row = session.get(RunRow, run_id, with_for_update=True)
    if row is None or row.outcome is not None or row.attempts != attempt:
        return "cancel"
    if row.pid == pid and row.beat is not None and 0 < now - row.beat < _LONGEST_BETWEEN_BEATS:
        row.worked_seconds += now - row.beat
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
    promised_seconds: float | None = None,
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
        promised_seconds: how long the whole run will take, as measured before its first step.
        metrics: merged into those written before.
        points: measured values; one at the same step and name overwrites.

    Returns:
        What was asked for; ``cancel`` if the attempt was replaced, or the run has ended or is gone.
    """
    row = session.get(RunRow, run_id, with_for_update=True)
    if row is None or row.outcome is not None or row.attempts != attempt:
        return "cancel"
    given = (phase, step, total_steps, epoch, total_epochs, seconds_left, promised_seconds)
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
