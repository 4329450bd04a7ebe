"""Whether the system ended processes for want of memory, as Linux counts it."""

from __future__ import annotations

from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_MACHINE = Path("/proc/vmstat")


def out_of_memory_kills() -> int:
    """How many processes were ended so far in our control group, else on the machine; 0 if unknown."""
    for path in (_group() / "memory.events", _CGROUP / "memory" / "memory.oom_control", _MACHINE):
        found = _counted(path)
        if found is not None:
            return found
    return 0


def _group() -> Path:
    try:
        # Of the second version there is one line, "0::/path".
        path = next(line[3:] for line in _OWN.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        path = "/"
    return _CGROUP / path.lstrip("/")


def _counted(path: Path) -> int | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, number = line.partition(" ")
        if name == "oom_kill" and number.strip().isdigit():
            return int(number)
    return None
