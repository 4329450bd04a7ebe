"""The JSON shapes of runs, devices and what is looked at before a run."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app.services.devices import Found
from app.services.preflight import Answer
from app.services.remedies import trouble_of
from data.records import MetricPoint, Run


def run_shape(run: Run, now: float) -> dict[str, Any]:
    """A run as the Train screen shows it; ``now`` is Unix time and decides what counts as stalled.

    ``seconds`` is the time from its first attempt to its end, or to now; ``worked_seconds`` leaves out rests.
    """
    status = run.status(now)
    trouble = trouble_of(run, status)
    return {
        "id": run.id,
        "project_id": run.project_id,
        "status": status,
        "phase": run.phase,
        "stop": run.stop,
        "params": run.params,
        "step": run.step,
        "total_steps": run.total_steps,
        "epoch": run.epoch,
        "total_epochs": run.total_epochs,
        "seconds_left": run.seconds_left,
        "promised_seconds": run.promised_seconds,
        "seconds": _seconds(run, now),
        "worked_seconds": round(run.worked_seconds, 1),
        "priority": run.priority,
        "device": run.device,
        "host": run.host,
        "metrics": run.metrics,
        "error": run.error,
        "failure": asdict(trouble) if trouble else None,
        "model_id": run.model_id,
        "attempts": run.attempts,
        "created": run.created.isoformat(),
        "started": run.started.isoformat() if run.started else None,
        "finished": run.finished.isoformat() if run.finished else None,
    }


def point_shape(point: MetricPoint) -> dict[str, Any]:
    """One measured value."""
    return {"step": point.step, "name": point.name, "value": point.value}


def devices_shape(found: Found) -> dict[str, Any]:
    """What one can train on, and what to say about it."""
    return {
        "devices": [asdict(device) for device in found.devices],
        "sentences": list(found.sentences),
        "looking": found.looking,
    }


def preflight_shape(answer: Answer) -> dict[str, Any]:
    """What was looked at before a run, and the promised time."""
    return {
        "ok": answer.ok,
        "promise": {
            "seconds": round(answer.seconds, 1),
            "measured": answer.measured,
            "measuring": answer.measuring,
        },
        "checks": [asdict(check) for check in answer.checks],
    }


def _seconds(run: Run, now: float) -> float | None:
    if run.started is None:
        return None
    end = run.finished or datetime.fromtimestamp(now, UTC)
    return round((end - run.started).total_seconds(), 1)
