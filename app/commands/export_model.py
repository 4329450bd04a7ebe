"""``ssd-studio export-model``: a model for use elsewhere, with its receipt and an example."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.commands.console import ProgressLine, say
from app.commands.opening import open_for

FORMATS = ("litert", "litert-int8", "saved-model", "onnx", "folder")


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "export-model",
        help="write a model for use elsewhere, as LiteRT, SavedModel or ONNX",
        description="Write a model with a receipt of what it lost on the way (parity.json) and "
        "a program of ten lines that runs it (example.py).",
    )
    parser.add_argument("model", metavar="MODEL", help="id or name of a model")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="litert",
        help="litert and litert-int8 run without TensorFlow; folder is for another workspace "
        "(default: litert)",
    )
    parser.add_argument(
        "--to", type=Path, required=True, metavar="PATH", help="a new archive ending in .zip, or a new folder"
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Export and say where it lies."""
    with open_for(arguments) as studio, ProgressLine() as line:
        line.show("Preparing the export", kind="export")
        target = studio.model_exports.export_to(
            studio.models.named(arguments.model),
            arguments.format.replace("-", "_"),
            arguments.to,
            on_progress=lambda done, total: line.count("Comparing on image", done, total),
        )
    say(f"{target}: run example.py with a photograph to see what the model finds.")
    return 0
