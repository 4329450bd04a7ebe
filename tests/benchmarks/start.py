"""How long a newcomer waits: asking for help, importing the server, answering the first request.

    python -m tests.benchmarks.start

Medians of five, in one run; the ratio to a bare interpreter is what compares between machines.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 5
COMMANDS = {
    "a bare interpreter": ["-c", "pass"],
    "ssd-studio --help": ["-m", "app", "--help"],
    "import app.server": ["-c", "import app.server"],
    "import gradio": ["-c", "import gradio"],
}


def seconds_of(arguments: list[str]) -> float:
    """Wall-clock seconds of one fresh interpreter."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Print a line per command."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, arguments in COMMANDS.items():
            times[name].append(seconds_of(arguments))
    bare = statistics.median(times["a bare interpreter"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:<22} {median:6.2f} s   {median / bare:5.1f} × a bare interpreter")


if __name__ == "__main__":
    main()
