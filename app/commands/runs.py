"""``ssd-studio runs``: what was trained and is training, and what was measured."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from app.commands.console import complain, duration, note, say, say_json
from app.commands.opening import open_for

if TYPE_CHECKING:
    from app.bootstrap import Studio
    from data.records import Run


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "runs",
        help="list trainings, follow, stop and resume them, print what they measured",
        description="Without a run, list those of a project. With one, tell how it is or change it.",
    )
    parser.add_argument("run_id", nargs="?", metavar="RUN", help="the id of a run, or its beginning")
    parser.add_argument("--project", metavar="NAME", help="whose runs to list")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--metrics", choices=("csv", "json"), help="print all measured values")
    what.add_argument("--log", action="store_true", help="print the end of its log")
    what.add_argument(
        "--stop", choices=("cancel", "pause", "finish"), help="finish makes a model of its best so far"
    )
    what.add_argument("--resume", action="store_true", help="go on from its last checkpoint")
    what.add_argument(
        "--priority", type=int, metavar="P", help="move it in the queue, 0 to 1000: lower first"
    )
    anew = parser.add_argument_group(
        "with --resume, the run begins anew if any of the first three is another"
    )
    anew.add_argument("--batch", type=int, metavar="N", help="images per step")
    anew.add_argument("--backbone", metavar="B", help="pretrained network")
    anew.add_argument("--input-size", type=int, choices=(300, 512), help="network's input in pixels")
    anew.add_argument("--device", metavar="N", help="GPU to train on, cpu, or all GPUs")
    parser.add_argument("--json", action="store_true", help="print as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """List runs, or do what is asked for with one."""
    if arguments.run_id is None and arguments.project is None:
        complain("name a run, or a project with --project.")
        return 2
    if _changes(arguments) and not arguments.resume:
        complain("--batch, --backbone, --input-size and --device go with --resume.")
        return 2
    trains = arguments.resume or arguments.stop == "finish"
    with open_for(arguments, trains=trains) as studio:
        if arguments.run_id is None:
            return _list(studio, arguments)
        return _one(studio, studio.training.find(arguments.run_id), arguments)


def _list(studio: Studio, arguments: argparse.Namespace) -> int:
    project = studio.labelling.project_by_name(arguments.project)
    found = studio.training.runs(project.id, limit=100)
    if arguments.json:
        say_json([_shape(run) for run in found])
    for run in () if arguments.json else found:
        say(_line(run))
    if not found:
        note("Nothing was trained yet.")
    return 0


def _one(studio: Studio, run: Run, arguments: argparse.Namespace) -> int:
    from app.api.runs import as_csv, by_name

    if arguments.metrics == "csv":
        say(as_csv(studio.training.curves(run.id)).rstrip())
        return 0
    if arguments.metrics == "json":
        say_json(by_name(studio.training.curves(run.id)))
        return 0
    if arguments.log:
        say(studio.training.log(run.id)[0].rstrip())
        return 0
    run = _changed(studio, run, arguments)
    if arguments.json:
        say_json(_shape(run))
    else:
        say(_line(run))
    return 0


def _changed(studio: Studio, run: Run, arguments: argparse.Namespace) -> Run:
    if arguments.priority is not None:
        return studio.training.prioritise(run.id, arguments.priority)
    if arguments.stop is not None:
        run = studio.training.stop(run.id, arguments.stop)
    elif arguments.resume:
        run = studio.training.resume(run.id, _changes(arguments))
    else:
        return run
    if run.outcome is None and (arguments.resume or arguments.stop == "finish"):
        studio.workers.ensure(run.device)
    return run


def _changes(arguments: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(arguments, name) for name in ("batch", "backbone", "input_size", "device")}
    return {name: value for name, value in given.items() if value is not None}


def _shape(run: Run) -> dict[str, Any]:
    from app.api.run_shapes import run_shape

    return run_shape(run, time.time())


def _line(run: Run) -> str:
    shape = _shape(run)
    parts = [run.id[:12], f"{shape['status']:9}", str(run.params.get("model_name", ""))]
    if run.total_steps:
        parts.append(f"step {run.step} of {run.total_steps}")
    # Rests are no fault of the promise; of one that runs now they are not known yet.
    spent = run.worked_seconds if run.outcome is not None and run.worked_seconds else shape["seconds"]
    if spent is not None:
        promised = f" (promised {duration(run.promised_seconds)})" if run.promised_seconds else ""
        parts.append(f"{duration(spent)}{promised}")
    if isinstance(ap50 := run.metrics.get("AP50"), float):
        parts.append(f"AP50 {ap50:.3f}")
    if shape["failure"]:
        parts.append(shape["failure"]["sentence"])
    return "  ".join(parts)
