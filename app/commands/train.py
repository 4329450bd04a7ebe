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
    length.add_argument("--epochs", type=int, metavar="E", help="go through the images this often instead")
    length.add_argument("--steps", type=int, metavar="N", help="train for this many optimiser steps instead")
    parser.add_argument(
        "--backbone",
        metavar="B",
        help="pretrained network (default: efficientnet_lite0, or that of the model it starts from)",
    )
    parser.add_argument(
        "--input-size",
        type=int,
        choices=(300, 512),
        help="network's input in pixels (default: 300, or that of the model it starts from)",
    )
    parser.add_argument("--batch", type=int, metavar="N", help="images per step (default: the preset's)")
    parser.add_argument(
        "--augmentation",
        choices=("none", "light", "standard", "strong"),
        help="how much photographs are varied (default: standard)",
    )
    parser.add_argument(
        "--start",
        default="imagenet",
        metavar="MODEL",
        help="model to go on from (default: ImageNet's weights)",
    )
    parser.add_argument(
        "--priority", type=int, default=10, metavar="P", help="0 to 1000, lower goes first (default: 10)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="makes two runs alike (default: 0)")
    parser.add_argument("--device", metavar="N", help="GPU to train on, cpu, or all GPUs (default: 0)")
    parser.add_argument(
        "--check", action="store_true", help="only say whether all is there, and how long it takes"
    )
    parser.add_argument("--wait", action="store_true", help="wait until the model is finished")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Start a run; with ``--wait`` follow it to its end."""
    with open_for(arguments, trains=True) as studio:
        project = studio.labelling.project_by_name(arguments.project)
        wanted = _wanted(studio, arguments)
        if arguments.check:
            return _check(studio, project.id, wanted, as_json=arguments.json)
        run = studio.training.start(project.id, **wanted)
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


def _wanted(studio: Studio, arguments: argparse.Namespace) -> dict[str, Any]:
    length = ("steps", "epochs", "minutes")
    names = (
        "preset",
        "seed",
        "backbone",
        "input_size",
        "batch",
        "augmentation",
        "priority",
        "device",
        *length,
    )
    start = arguments.start
    return {
        **{name: getattr(arguments, name) for name in names},
        "start": start if start == "imagenet" else studio.models.get(start).id,
    }


def _check(studio: Studio, project_id: int, wanted: dict[str, Any], *, as_json: bool) -> int:
    from app.api.run_shapes import preflight_shape
    from app.services.run_params import Wanted

    studio.devices.found(wait=True)
    answer = studio.preflight.look(project_id, Wanted(**wanted), measure=False)
    if as_json:
        say_json(preflight_shape(answer))
    else:
        words = {"ok": "ok     ", "warn": "CAREFUL", "stop": "PROBLEM"}
        for check in answer.checks:
            say(f"{words[check.state]}  {check.sentence}")
            if check.remedy:
                say(f"         → {check.remedy}")
        about = "takes" if answer.measured else "may take (not measured yet)"
        say(f"This run {about} about {duration(answer.seconds)}.")
    return 0 if answer.ok else 1


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
    started = studio.workers.ensure(run.device)
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
        studio.workers.want(run.device)
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
