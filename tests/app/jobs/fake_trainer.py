"""The real trainer around a fake network: a loop that counts steps, saves them, and obeys like the real one.

Arguments: MODE RUN ATTEMPT WORKER-PID. Modes:

``quick``  trains 20 steps
``slow``   trains until the run's folder has a file ``finish``
           (no state can be saved while the workspace has a file ``disk-is-full``)
``fail``   by the run's preset: quick raises a sentence, balanced a bug, best kills itself at step 7
"""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import sys
import time
import types
from pathlib import Path
from typing import Any

from app.jobs import trainer
from ssd_core.errors import InvalidExample, TrainingStopped


def train_model(
    train: Any, val: Any, classes: Any, train_config: Any, run_folder: Path, model_folder: Path, **rest: Any
) -> dict[str, Any]:
    mode = sys.argv[1]
    fails = train_config.name if mode == "fail" else None
    if fails == "quick":
        raise InvalidExample("Image '003.png': box 0 has no area; redraw or remove it.")
    if fails == "balanced":
        raise ZeroDivisionError("division by zero")
    saved = run_folder / "step"
    step = int(saved.read_text()) if saved.exists() else 0
    while not (step >= 20 if mode == "quick" else (run_folder / "finish").exists()):
        step += 1
        time.sleep(0.02)
        rest["on_progress"](_progress(step))
        reason = rest["should_stop"]()
        if step % 5 == 0 and (run_folder.parents[1] / "disk-is-full").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        if rest["should_finish"]():
            break
        if step % 5 == 0 or reason:
            # A kill in the middle must leave the earlier number, as it does with real checkpoints.
            fresh = saved.with_suffix(".new")
            fresh.write_text(str(step))
            fresh.replace(saved)
        if reason:
            raise TrainingStopped(reason, step)
        if fails == "best" and step == 7:
            os.kill(os.getpid(), signal.SIGKILL)
    model_folder.mkdir(parents=True, exist_ok=True)
    files = {"config.json": "", "model.float32.tflite": ""}
    card = {"format": 1, "files": files, **rest["card"], "examples": [len(train), len(val)]}
    (model_folder / "card.json").write_text(json.dumps(card))
    return {"AP": 0.5, "AP50": 0.9}


def _progress(step: int) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        phase="training",
        step=step,
        total_steps=1000,
        epoch=1,
        total_epochs=1,
        loss=1.0 / step,
        seconds_left=20.0,
        metrics={"AP": 0.1, "AP50": 0.2} if step % 10 == 0 else None,
    )


if __name__ == "__main__":
    module = types.ModuleType("ssd_core.train_model")
    module.train_model = train_model  # type: ignore[attr-defined]
    sys.modules["ssd_core.train_model"] = module
    code = trainer.main(sys.argv[2:])
    logging.shutdown()
    os._exit(code)
