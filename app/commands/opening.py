"""Settings and services of a command, from its arguments."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.bootstrap import Studio
    from app.settings import Settings


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings of the environment, overridden by the arguments that were given."""
    from app.settings import Settings

    given: dict[str, Any] = {
        name: value for name in Settings.model_fields if (value := getattr(arguments, name, None)) is not None
    }
    return Settings(**given)


def open_for(arguments: argparse.Namespace, *, trains: bool = False) -> Studio:
    """Open the services on the workspace that the arguments name; close them with ``with``."""
    from app import logs
    from app.bootstrap import open_studio

    logs.configure(level=logs.QUIET)
    return open_studio(settings_of(arguments), trains=trains)
