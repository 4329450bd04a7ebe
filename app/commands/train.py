"""``ssd-studio train``: start a training, and wait for it if asked to."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from app.commands.console import ProgressLine, complain, duration, note, say, say_json
from app.commands.opening import open_for

if TYPE_CHECKING:
    from app.bootstrap import Studio
    from app.services.training import RunView
    from data.records import Run

#: What of a run's metrics the fixed shape holds.
METRICS = ("AP", "AP50")
SECONDS_FOR_SECOND_CTRL_C = 3.0


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "train",
        help="train a detector on a project",
        description="Freeze the project's labelled images and train on them in the background.",
    )
    parser.add_argument("--project", required=True, metavar="NAME", help="the project")
    parser.add_argument(
        "--preset",
        choices=("quick", "balanced", "best"),
        default="quick",
        help="how long and how well (default: quick, some minutes)",
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, metavar="M", help="train for about this long instead")
    length.add_argument("--steps", type=int, metavar="N", help="train for this many optimiser steps instead")
    parser.add_argument(
        "--backbone",
        default="efficientnet_lite0",
        metavar="B",
        help="pretrained network (default: %(default)s)",
    )
    parser.add_argument(
        "--input-size",
        type=int,
        default=300,
        choices=(300, 512),
        help="network's input in pixels (default: 300)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="makes two runs alike (default: 0)")
    parser.add_argument("--device", metavar="N", help="GPU to train on, or cpu (default: 0)")
    parser.add_argument("--wait", action="store_true", help="wait until the model is finished")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Start a run; with ``--wait`` follow it to its end."""
    with open_for(arguments, trains=True) as studio:
        project = studio.labelling.project_by_name(arguments.project)
        run = studio.training.start(
            project.id,
            arguments.preset,
            seed=arguments.seed,
            steps=arguments.steps,
            minutes=arguments.minutes,
            backbone=arguments.backbone,
            input_size=arguments.input_size,
        )
        if arguments.wait:
            ended = _follow(studio, run)
            if ended is None:
                return 1
            run = ended
        else:
            _start_worker(studio, run)
    if arguments.json:
        say_json(as_json(run))
    else:
        _say_result(run)
    if run.outcome in (None, "done"):
        return 0
    complain(run.error or f"the run was {run.outcome}.")
    return 1


def as_json(run: Run) -> dict[str, Any]:
    """A run in its fixed shape; model, seconds and metrics are null until it is done."""
    done = run.outcome == "done"
    return {
        "run": run.id,
        "model": run.model_id,
        "status": run.status(time.time()),
        "seconds": round((run.finished - run.created).total_seconds(), 1) if run.finished else None,
        "metrics": {"split": "val", **{name: run.metrics.get(name) for name in METRICS}} if done else None,
    }


def line_of(view: RunView, loss: float | None) -> str:
    """A run's progress in one line, with the loss measured last."""
    run = view.run
    parts = [run.phase if view.status == "running" else view.status]
    if run.total_steps and run.step:
        parts.append(f"step {run.step} of {run.total_steps} ({100 * run.step // run.total_steps} %)")
    if loss is not None:
        parts.append(f"loss {loss:.3f}")
    if isinstance(ap50 := run.metrics.get("AP50"), float):
        parts.append(f"AP50 {ap50:.3f}")
    if run.phase in ("training", "validating") and run.seconds_left:
        parts.append(f"{duration(run.seconds_left)} left")
    return " · ".join(parts)


def _start_worker(studio: Studio, run: Run) -> None:
    started = studio.workers.ensure()
    note(
        f"{'A worker was started and' if started else 'The worker that runs'} trains in the background; "
        f"its log is {studio.workspace.train_log(run.id)}."
    )


def _follow(studio: Studio, run: Run) -> Run | None:
    losses: list[float] = []

    def show(view: RunView) -> None:
        losses.extend(point.value for point in view.points if point.name == "loss")
        line.show(line_of(view, losses[-1] if losses else None), kind=view.run.phase)

    with studio.workers.keep(), ProgressLine() as line:
        try:
            return studio.training.wait(run.id, show)
        except KeyboardInterrupt:
            _ask_again(studio, run)
            return None


def _ask_again(studio: Studio, run: Run) -> None:
    """After one Ctrl-C training goes on; a second one soon after cancels it."""
    note("")
    complain(f"run {run.id} goes on in the background. Press Ctrl-C again now to cancel it.")
    try:
        time.sleep(SECONDS_FOR_SECOND_CTRL_C)
    except KeyboardInterrupt:
        studio.training.stop(run.id, "cancel")
        note("")
        complain(f"run {run.id} is cancelled.")


def _say_result(run: Run) -> None:
    if run.outcome is None:
        say(f"Run {run.id} is queued.")
    elif run.outcome == "done":
        result = as_json(run)
        values = ", ".join(
            f"{name} {value:.3f}" for name in METRICS if isinstance(value := run.metrics.get(name), float)
        )
        name, took = run.params.get("model_name", ""), duration(result["seconds"])
        say(f"Model {run.model_id} ({name}) is finished after {took}.")
        say(f"On the validation images: {values or 'not measured'}.")
        say(f"Try it: ssd-studio detect {run.model_id} PHOTO")
