"""``ssd-studio models``: what has been trained; rename, note, choose the default, delete and put back."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from app.commands.console import complain, note, say, say_json, table
from app.commands.opening import open_for

if TYPE_CHECKING:
    from app.services.models import Models
    from data.records import Model

#: What can be done, and what it needs besides the model.
ACTIONS = {"list": None, "rename": "NAME", "note": "TEXT", "default": None, "delete": None, "put-back": None}


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "models",
        help="list the finished models, rename, annotate or delete them",
        description="List finished models, newest first; or change one.",
        epilog="examples:\n"
        "  ssd-studio models\n"
        '  ssd-studio models rename "parts quick 1" "parts, first try"\n'
        '  ssd-studio models note "parts, first try" "lamp was on"\n'
        '  ssd-studio models default "parts, first try"\n'
        '  ssd-studio models delete "parts, first try"      30 days in the bin\n'
        '  ssd-studio models put-back "parts, first try"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", nargs="?", choices=tuple(ACTIONS), default="list", help="default: list")
    parser.add_argument("model", nargs="?", metavar="MODEL", help="id or name of the model to change")
    parser.add_argument("text", nargs="?", help="its new name, or the note")
    parser.add_argument("--project", metavar="NAME", help="list only those of a project")
    parser.add_argument("--deleted", action="store_true", help="list those in the bin")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """List the models, or change one."""
    wanted = ACTIONS[arguments.action]
    if arguments.action != "list" and arguments.model is None:
        complain(f"say which model: ssd-studio models {arguments.action} MODEL")
        return 2
    if wanted is not None and arguments.text is None:
        complain(f"say the {wanted.lower()}: ssd-studio models {arguments.action} MODEL {wanted}")
        return 2
    with open_for(arguments) as studio:
        project = studio.labelling.project_by_name(arguments.project) if arguments.project else None
        if arguments.action == "list":
            found = studio.models.list_all(project.id if project else None, deleted=arguments.deleted)
        else:
            found = (_change(studio.models, arguments),)
        names = {item.id: item.name for item in studio.labelling.projects()}
    if arguments.json:
        shapes = [as_json(model, names[model.project_id]) for model in found]
        say_json(shapes if arguments.action == "list" else shapes[0])
    elif arguments.action != "list":
        say(_done(arguments.action, found[0]))
    elif found:
        say(table(_rows(found, names)))
    elif arguments.deleted:
        note("No model lies in the bin.")
    else:
        note("No model yet. Train one: ssd-studio train --project NAME --wait")
    return 0


def _change(models: Models, arguments: argparse.Namespace) -> Model:
    match arguments.action:
        case "rename":
            return models.change(arguments.model, name=arguments.text)
        case "note":
            return models.change(arguments.model, note=arguments.text)
        case "default":
            return models.change(arguments.model, is_default=True)
        case "delete":
            return models.delete(arguments.model)
        case _:
            return models.put_back(arguments.model)


def _done(action: str, model: Model) -> str:
    said = {
        "rename": f"{model.id} is called {model.name!r} now.",
        "note": f"Noted with {model.name!r}.",
        "default": f"{model.name!r} is the default model of its project.",
        "delete": f"{model.name!r} lies in the bin for 30 days: ssd-studio models put-back {model.id}",
        "put-back": f"{model.name!r} is back.",
    }
    return said[action]


def _rows(models: tuple[Model, ...], names: dict[int, str]) -> list[list[str]]:
    rows = [["id", "name", "project", "AP50", "made", "classes", "note"]]
    rows += [
        [
            model.id,
            f"{model.name} (default)" if model.is_default else model.name,
            names[model.project_id],
            f"{ap50:.3f}" if isinstance(ap50 := model.metrics.get("AP50"), float) else "-",
            f"{model.created.astimezone():%Y-%m-%d %H:%M}",
            ", ".join(model.classes),
            model.note.replace("\n", " "),
        ]
        for model in models
    ]
    return rows


def as_json(model: Model, project: str) -> dict[str, Any]:
    """A model for programs."""
    return {
        "id": model.id,
        "name": model.name,
        "project": project,
        "run": model.run_id,
        "parent": model.parent_id,
        "classes": list(model.classes),
        "metrics": model.metrics,
        "params": model.params,
        "note": model.note,
        "default": model.is_default,
        "created": model.created.isoformat(),
        "deleted": model.deleted.isoformat() if model.deleted else None,
    }
