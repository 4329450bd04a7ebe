"""What a person can do about a run, as an action that a button or a command carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.services.run_params import DEFAULT_BACKBONE, IMAGENET
from data.records import FailureKind, Run, RunStatus


@dataclass(frozen=True, slots=True)
class Action:
    """What a button does.

    About a run: ``resume`` with changes, ``open_image``, ``free_space``, ``start_worker`` or ``open_log``.
    Before one: ``set`` fields of it, ``split`` or ``open``.
    """

    kind: str
    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a run does not go on, in words, with the first thing to try."""

    kind: FailureKind
    sentence: str
    action: Action | None


def trouble_of(run: Run, status: RunStatus) -> Trouble | None:
    """What is wrong with a run; None if nothing is, or a person stopped it."""
    if status == "stalled":
        where = f" on {run.host}" if run.host else ""
        sentence = f"The worker{where} gives no sign of life. The run goes on by itself from its last save"
        sentence += f", at or shortly before step {run.step}." if run.step else "."
        return Trouble("worker_gone", sentence, Action("start_worker", "Start a worker", run.device))
    if run.outcome not in ("failed", "paused") or (run.failure is None and run.error is None):
        return None
    kind: FailureKind = run.failure or "unknown"
    return Trouble(kind, run.error or "", _action(run, kind))


def _action(run: Run, kind: FailureKind) -> Action:
    detail = run.failure_detail or {}
    if kind == "out_of_memory":
        return _less_memory(run)
    if kind == "weights_unavailable" and run.params.get("backbone") != DEFAULT_BACKBONE:
        return Action("resume", "Use the offline backbone", {"backbone": DEFAULT_BACKBONE})
    if kind in ("diverged", "bad_data") and detail.get("image_ids"):
        return Action("open_image", "Open the image", detail["image_ids"][0])
    if kind == "disk_full":
        return Action("free_space", "Resume now", detail.get("needed_bytes", 0))
    if kind == "worker_gone":
        return Action("resume", f"Resume from step {detail.get('step', run.step)}", {})
    return Action("open_log", "Show the log", None)


def _less_memory(run: Run) -> Action:
    batch = int(run.params.get("train_config", {}).get("batch_size", 1))
    if batch > 1:
        return Action("resume", "Retry with half the batch", {"batch": batch // 2})
    if run.params.get("input_size", 0) > 300:
        return Action("resume", "Retry with a smaller input", {"input_size": 300})
    if run.params.get("backbone") != DEFAULT_BACKBONE and run.params.get("start", IMAGENET) == IMAGENET:
        return Action("resume", "Retry with the smallest backbone", {"backbone": DEFAULT_BACKBONE})
    return Action("open_log", "Show the log", None)
