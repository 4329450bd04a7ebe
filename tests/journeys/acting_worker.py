"""A real worker whose trainer acts out a training within seconds; all around the network is as it ships.

The workspace says how it goes:

``hold``   a file with a step, at which training waits until the file is gone
``fail``   a file with the name of an error of ssd_core and its message, raised at step 30
``full``   a file that stands for a full disk, until it is gone
"""

from __future__ import annotations

import errno
import json
import logging
import os
import sys
import time
import types
from pathlib import Path
from typing import Any

import numpy as np

from app.jobs import trainer, worker
from app.settings import Settings
from ssd_core import errors

SECONDS_PER_STEP = 0.004
STEPS_PER_EPOCH = 20


def train_model(
    train: Any, val: Any, classes: Any, train_config: Any, run_folder: Path, model_folder: Path, **hooks: Any
) -> dict[str, Any]:
    workspace, saved = run_folder.parents[1], run_folder / "step"
    step = int(saved.read_text()) if saved.exists() else 0
    steps, every = train_config.steps, train_config.validate_every
    metrics: dict[str, float] = {}
    while step < steps:
        if not _waits_at(workspace, step):
            step += 1
        if step >= 30 and (workspace / "fail").exists():
            name, _, message = (workspace / "fail").read_text().partition(" ")
            raise getattr(errors, name)(message)
        if step >= 30 and (workspace / "full").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        time.sleep(SECONDS_PER_STEP)
        seen = step / steps
        looked = step % every == 0 or step == steps
        if looked:
            metrics = {"AP": 0.6 * seen**0.5, "AP50": 0.9 * seen**0.4, "AP75": 0.5 * seen**0.6}
            hooks["on_look"](_look(step, seen, val))
        hooks["on_progress"](_progress(step, steps, metrics if looked else None))
        if step % STEPS_PER_EPOCH == 0:
            hooks["on_epoch"](
                types.SimpleNamespace(
                    step=step, loss=6 - 5 * seen, localisation_loss=2 - seen, classification_loss=4 - 3 * seen
                )
            )
        reason = hooks["should_stop"]()
        if reason or step % 20 == 0:
            saved.write_text(str(step))
        if reason:
            raise errors.TrainingStopped(reason, step)
        if hooks["should_finish"]():
            break
    model_folder.mkdir(parents=True, exist_ok=True)
    card = {"format": 1, "files": {}, **hooks["card"], "examples": [len(train), len(val)]}
    (model_folder / "card.json").write_text(json.dumps(card))
    return metrics


def _waits_at(workspace: Path, step: int) -> bool:
    hold = workspace / "hold"
    try:
        waits = step >= int(hold.read_text())
    except FileNotFoundError:
        return False
    time.sleep(0.1)
    return waits


def _progress(step: int, steps: int, metrics: dict[str, float] | None) -> types.SimpleNamespace:
    wobble = 0.3 * np.sin(step * 1.7) * np.cos(step * 0.37)
    return types.SimpleNamespace(
        phase="training",
        step=step,
        total_steps=steps,
        epoch=step // STEPS_PER_EPOCH,
        total_epochs=-(-steps // STEPS_PER_EPOCH),
        loss=float(1.2 + 6 * np.exp(-4 * step / steps) + wobble),
        seconds_left=(steps - step) * SECONDS_PER_STEP,
        metrics=metrics,
        learning_rate=float(4e-3 * (1 + np.cos(np.pi * step / steps)) / 2),
        images_per_second=12.0 + float(wobble),
    )


def _look(step: int, seen: float, examples: Any) -> types.SimpleNamespace:
    """Boxes that come from somewhere near and end where they were drawn."""
    random = np.random.default_rng(0)
    found = []
    for example in examples:
        boxes = np.asarray(example.boxes_xyxy, dtype=float).reshape(-1, 4)
        away = random.normal(0, 30, boxes.shape) * (1 - seen)
        count = len(boxes) if seen > 0.5 else max(0, len(boxes) - 1)
        detections = types.SimpleNamespace(
            boxes_xyxy=(boxes + away)[:count],
            scores=np.full(count, 0.3 + 0.65 * seen),
            class_ids=np.asarray(example.class_ids)[:count],
        )
        found.append(detections)
    return types.SimpleNamespace(step=step, examples=examples, detections=found)


def _act(arguments: list[str]) -> int:
    module = types.ModuleType("ssd_core.train_model")
    module.train_model = train_model  # type: ignore[attr-defined]
    sys.modules["ssd_core.train_model"] = module
    # There is no network to measure.
    trainer._measure = lambda *_: None
    return trainer.main(arguments)


def _command(run_id: str, attempt: int) -> list[str]:
    return [sys.executable, __file__, run_id, str(attempt), str(os.getpid())]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        code = _act(sys.argv[1:])
        logging.shutdown()
        os._exit(code)
    worker.SECONDS_BETWEEN_LOOKS = 0.3
    worker.SECONDS_BETWEEN_LOOKS_AT_THE_DISK = 0.3
    worker.free_bytes = lambda workspace: 0 if (workspace.root / "full").exists() else 10**12
    worker.run_worker(Settings(), None, _command)
