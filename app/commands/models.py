"""``ssd-studio models``: what has been trained."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from app.commands.console import note, say, say_json, table
from app.commands.opening import open_for

if TYPE_CHECKING:
    from data.records import Model


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "models", help="list the finished models", description="List finished models, newest first."
    )
    parser.add_argument("--project", metavar="NAME", help="only those of a project")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """List the models."""
    with open_for(arguments) as studio:
        project = studio.labelling.project_by_name(arguments.project) if arguments.project else None
        models = studio.models.list_all(project.id if project else None)
        names = {item.id: item.name for item in studio.labelling.projects()}
    if arguments.json:
        say_json([as_json(model, names[model.project_id]) for model in models])
    elif models:
        rows = [["id", "name", "project", "AP50", "made", "classes"]]
        rows += [
            [
                model.id,
                model.name,
                names[model.project_id],
                f"{ap50:.3f}" if isinstance(ap50 := model.metrics.get("AP50"), float) else "-",
                f"{model.created.astimezone():%Y-%m-%d %H:%M}",
                ", ".join(model.classes),
            ]
            for model in models
        ]
        say(table(rows))
    else:
        note("No model yet. Train one: ssd-studio train --project NAME --wait")
    return 0


def as_json(model: Model, project: str) -> dict[str, Any]:
    """A model for programs."""
    return {
        "id": model.id,
        "name": model.name,
        "project": project,
        "run": model.run_id,
        "classes": list(model.classes),
        "metrics": model.metrics,
        "created": model.created.isoformat(),
    }
