"""What one can train on here: the CPU, each GPU, or all of them; and what is missing where one lies idle."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from app.jobs.children import child_environment, python_command
from app.settings import Settings
from app.workspace import Workspace

#: A driver that hangs must not hold up a page.
SECONDS_FOR_DRIVER = 5.0
SECONDS_FOR_PROBE = 120.0
#: What the driver says may be shown for so long.
SECONDS_TO_KEEP = 5.0
REMEDY = 'pip install "ssd-studio[gpu]"'


@dataclass(frozen=True, slots=True)
class Device:
    """One choice. ``memory_bytes`` and ``free_bytes`` are None where the driver does not tell."""

    id: str
    name: str
    memory_bytes: int | None
    free_bytes: int | None
    usable: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """The choices, and sentences about what could be better; ``looking`` until TensorFlow has answered."""

    devices: tuple[Device, ...]
    sentences: tuple[str, ...]
    looking: bool


class Devices:
    """The devices of this host. TensorFlow is asked once, in a child, and its answer kept in the cache."""

    def __init__(self, settings: Settings, workspace: Workspace) -> None:
        self._settings = settings
        self._file = workspace.cache / f"devices-{platform.node() or 'host'}.json"
        self._lock = threading.Lock()
        self._probing: threading.Thread | None = None
        self._driver: tuple[float, list[dict[str, Any]]] = (-SECONDS_TO_KEEP, [])

    def found(self, *, wait: bool = False) -> Found:
        """What there is to train on.

        Args:
            wait: for TensorFlow's answer; otherwise it is asked in the background if it never was.
        """
        by_driver = self._driver_gpus()
        by_tensorflow = self._tensorflow_gpus(by_driver)
        if by_tensorflow is None:
            self._probe(by_driver)
            if wait and self._probing is not None:
                self._probing.join(SECONDS_FOR_PROBE)
                by_tensorflow = self._tensorflow_gpus(by_driver)
        return described(by_driver, by_tensorflow)

    def _tensorflow_gpus(self, by_driver: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """TensorFlow's answer; None if it was not asked since something changed."""
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # Without a driver there is nothing to ask for, but Apple's GPUs have none that we know of.
            return [] if not by_driver and platform.system() == "Linux" else None
        if known.get("tensorflow") != version("tensorflow") or known.get("driver") != _names(by_driver):
            return None
        return list(known["gpus"])

    def _probe(self, by_driver: list[dict[str, Any]]) -> None:
        with self._lock:
            if self._probing is None or not self._probing.is_alive():
                self._probing = threading.Thread(target=self._ask, args=(by_driver,), daemon=True)
                self._probing.start()

    def _ask(self, by_driver: list[dict[str, Any]]) -> None:
        answer = self._file.with_suffix(".answer")
        gpus: list[dict[str, Any]] = []
        try:
            subprocess.run(
                python_command("app.jobs.device_probe", str(answer)),
                env=child_environment(self._settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS_FOR_PROBE,
                check=True,
            )
            gpus = json.loads(answer.read_text(encoding="utf-8"))["gpus"]
        except (OSError, ValueError, subprocess.SubprocessError):
            # A TensorFlow that cannot even list devices has no GPU for us.
            pass
        kept = {"tensorflow": version("tensorflow"), "driver": _names(by_driver), "gpus": gpus}
        making = self._file.with_suffix(".making")
        making.write_text(json.dumps(kept), encoding="utf-8")
        making.replace(self._file)

    def _driver_gpus(self) -> list[dict[str, Any]]:
        when, known = self._driver
        if time.monotonic() - when > SECONDS_TO_KEEP:
            known = driver_gpus()
            self._driver = (time.monotonic(), known)
        return known


def driver_gpus() -> list[dict[str, Any]]:
    """The GPUs that NVIDIA's driver knows of: ``name``, ``memory_bytes`` and ``free_bytes``."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = ["--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(
            [program, *query], capture_output=True, text=True, timeout=SECONDS_FOR_DRIVER, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return read_driver(told)


def read_driver(told: str) -> list[dict[str, Any]]:
    """Read what ``nvidia-smi`` says in lines of name, MiB in all and MiB free."""
    found = []
    for line in told.splitlines():
        parts = [part.strip() for part in line.rsplit(",", 2)]
        if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
            memory, free = (int(part) * 2**20 for part in parts[1:])
            found.append({"name": parts[0], "memory_bytes": memory, "free_bytes": free})
    return found


def described(by_driver: list[dict[str, Any]], by_tensorflow: list[dict[str, Any]] | None) -> Found:
    """The choices and sentences that follow from what driver and TensorFlow know.

    Args:
        by_driver: as :func:`driver_gpus` gives it.
        by_tensorflow: the GPUs that TensorFlow can use; None while that is unknown.
    """
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    devices = [Device("cpu", _cpu_name(), memory.total, memory.available, True, f"{cores} cores.")]
    usable = by_tensorflow or []
    for number in range(max(len(by_driver), len(usable))):
        # Both count by the bus where nothing else was chosen from outside.
        driver = by_driver[number] if number < len(by_driver) else {}
        works = number < len(usable)
        name = str(usable[number]["name"] if works else driver["name"])
        sentence = "Ready." if works else "TensorFlow cannot use it."
        if by_tensorflow is None:
            sentence = "Being looked at."
        devices.append(
            Device(str(number), name, driver.get("memory_bytes"), driver.get("free_bytes"), works, sentence)
        )
    if len(usable) > 1:
        devices.append(_all_of(usable, by_driver))
    return Found(tuple(devices), _sentences(by_driver, by_tensorflow), by_tensorflow is None)


def _all_of(usable: list[dict[str, Any]], by_driver: list[dict[str, Any]]) -> Device:
    told = by_driver[: len(usable)]
    memory, free = (sum(gpu[name] for gpu in told) or None for name in ("memory_bytes", "free_bytes"))
    return Device("all", f"All {len(usable)} GPUs", memory, free, True, "They share each batch evenly.")


def _sentences(
    by_driver: list[dict[str, Any]], by_tensorflow: list[dict[str, Any]] | None
) -> tuple[str, ...]:
    if by_tensorflow is None:
        return ("Looking for GPUs.",)
    if len(by_tensorflow) < len(by_driver):
        names = " and ".join(dict.fromkeys(str(gpu["name"]) for gpu in by_driver[len(by_tensorflow) :]))
        return (
            f"The {names} lies idle, because TensorFlow does not find the CUDA libraries. "
            f"Install them: {REMEDY}",
        )
    if not by_tensorflow:
        return ("There is no GPU here that TensorFlow can use, so the CPU trains.",)
    return ()


def _names(gpus: list[dict[str, Any]]) -> list[str]:
    return [str(gpu["name"]) for gpu in gpus]


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "CPU"
