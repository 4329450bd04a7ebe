"""The command line: ``ssd-studio COMMAND``. Imports what a command needs only when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.commands import (
    backup,
    demo,
    detect,
    doctor,
    evaluate,
    export_model,
    export_project,
    import_folder,
    import_model,
    models,
    runs,
    serve,
    train,
    worker,
)
from app.commands.console import complain

COMMANDS = (
    serve,
    demo,
    import_folder,
    export_project,
    train,
    runs,
    evaluate,
    detect,
    models,
    export_model,
    import_model,
    worker,
    doctor,
    backup,
)

EPILOG = """\
start here:
  ssd-studio demo                                   label, train and watch a sample project in the browser
  ssd-studio import photos --project raccoon        bring in photographs with their boxes
  ssd-studio train --project raccoon --preset quick --wait
  ssd-studio detect "raccoon quick 1" photo.jpg

Every command takes --workspace DIR (or SSD_STUDIO_WORKSPACE); `ssd-studio COMMAND --help` says more.
"""


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_args: object, **_kwargs: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            found = version("ssd-studio")
        except PackageNotFoundError:
            found = "0+unknown"
        parser.exit(0, f"ssd-studio {found}\n")


class _CommandParser(argparse.ArgumentParser):
    """Takes what is optional but no option, such as pictures, behind options, too."""

    _mixing = False

    def parse_known_args(self, *given: Any, **more: Any) -> Any:
        # Which is called by the other one, twice. It does not know commands of commands.
        if self._mixing or any(action.nargs == argparse.PARSER for action in self._actions):
            return super().parse_known_args(*given, **more)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(*given, **more)
        finally:
            self._mixing = False


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="ssd-studio",
        description="Draw a few boxes, click Train, and watch your own detector work live.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_CommandParser
    )
    for command in COMMANDS:
        sub = command.add_parser(commands)
        sub.add_argument(
            "--workspace",
            type=Path,
            metavar="DIR",
            help="folder of all your data (default: SSD_STUDIO_WORKSPACE, else your user data folder)",
        )
        sub.set_defaults(run=command.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments; None takes those of the process.

    Returns:
        0 done, 1 it failed (one sentence on stderr says why), 2 it was called wrongly.
    """
    try:
        arguments = build_parser().parse_args(argv)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 2
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        complain("stopped.")
        return 1
    except BrokenPipeError:
        # The reader of our output has left, as `head` does; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        sentence = _sentence_for(error)
        if sentence is None:
            raise
        complain(sentence)
        return 2 if _is_usage(error) else 1


def _sentence_for(error: Exception) -> str | None:
    """What to tell a person about an error that was raised on purpose or by their system; None for a bug."""
    from data.errors import DataError
    from ssd_core.errors import SSDError

    if isinstance(error, (DataError, SSDError)):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}." if error.filename else f"{error.strerror}."
    if _is_usage(error):
        from pydantic import ValidationError

        if isinstance(error, ValidationError):
            faults = (
                f"the setting {'.'.join(map(str, fault['loc']))} is not usable: "
                + fault["msg"].removeprefix("Value error, ")
                for fault in error.errors(include_url=False, include_input=False)
            )
            return "; ".join(faults) + "."
    return None


def _is_usage(error: Exception) -> bool:
    return type(error).__name__ == "ValidationError" and type(error).__module__.startswith("pydantic")
