"""How this program starts itself as another process: same code, same settings, wherever it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.settings import ENV_PREFIX, Settings

#: Folder that holds the packages ``app``, ``data`` and ``ssd_core``.
CODE = Path(__file__).resolve().parents[2]


def python_command(module: str, *arguments: str) -> list[str]:
    """The command that runs one of our modules with this interpreter.

    ``-P`` keeps the working directory off the import path: people have folders called ``app`` and ``data``.
    """
    return [sys.executable, "-P", "-u", "-m", module, *arguments]


def child_environment(settings: Settings) -> dict[str, str]:
    """Environment of a child: ours, with these settings, and our code first on its import path.

    The database's URL travels here and not in the arguments, which every user of the machine can read.
    """
    environment = dict(os.environ)
    path = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join([str(CODE), path]) if path else str(CODE)
    environment[f"{ENV_PREFIX}WORKSPACE"] = str(settings.workspace)
    environment[f"{ENV_PREFIX}DEVICE"] = settings.device
    if settings.database_url is not None:
        environment[f"{ENV_PREFIX}DATABASE_URL"] = settings.database_url
    return environment


def trainer_environment(settings: Settings) -> dict[str, str]:
    """Environment of a trainer: as :func:`child_environment`, with TensorFlow confined to the device."""
    environment = child_environment(settings)
    visible = visible_device(settings.device, environment.get("CUDA_VISIBLE_DEVICES"))
    if visible is not None:
        environment["CUDA_VISIBLE_DEVICES"] = visible
    environment.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    return environment


def visible_device(device: str, visible: str | None) -> str | None:
    """What CUDA may see: the device itself, or the one at that place among those already chosen outside.

    Returns:
        A value for CUDA_VISIBLE_DEVICES; "-1" is no GPU, None leaves all in sight that are.
    """
    if device == "all":
        return visible
    if device == "cpu":
        return "-1"
    if not visible:
        return device
    chosen = visible.split(",")
    return chosen[int(device)].strip() if int(device) < len(chosen) else "-1"
