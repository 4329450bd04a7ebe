"""What runs are promised to take and what they take: five short ones of different size on the sample project.

python -m tests.benchmarks.promise [--workspace FOLDER] [--only NUMBER]

Each kind of run is timed first, as the Train screen does it, and then trained by a real worker. The promise
is the one that was stored when the run was queued. Gives 1 if one is not between 0.7 and 1.4 of the truth.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from app.bootstrap import Studio, open_studio
from app.services.run_params import Wanted
from app.settings import Settings
from data.records import Project

LEAST, MOST = 0.7, 1.4
SECONDS_BETWEEN_QUESTIONS = 1.0
#: Promised and true times differ most where a run is short.
RUNS: tuple[dict[str, Any], ...] = (
    {"steps": 40},
    {"steps": 120},
    {"steps": 60, "batch": 4},
    {"steps": 30, "batch": 4, "input_size": 512},
    {"minutes": 1.0},
)


def main() -> int:
    """Do the runs and print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workspace", type=Path, help="where to work, and to go on from what was measured")
    parser.add_argument("--only", type=int, choices=range(1, len(RUNS) + 1), action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = arguments.workspace or Path(folder)
        with (
            open_studio(Settings(workspace=workspace, database_url=None, device="0")) as studio,
            studio.workers.keep(),
        ):
            project = _project(studio)
            numbers = arguments.only or range(1, len(RUNS) + 1)
            kept = [_try(studio, project, number) for number in numbers]
    return 0 if all(kept) else 1


def _project(studio: Studio) -> Project:
    known = studio.labelling.projects()
    return known[0] if known else studio.exchange.load_samples()[0]


def _try(studio: Studio, project: Project, number: int) -> bool:
    wanted = RUNS[number - 1]
    began = time.monotonic()
    while studio.preflight.look(project.id, Wanted(**wanted)).measuring:
        time.sleep(SECONDS_BETWEEN_QUESTIONS)
    timed = time.monotonic() - began
    run = studio.training.start(project.id, **wanted)
    ended = studio.training.wait(run.id)
    promised, true = run.promised_seconds or 0.0, ended.worked_seconds
    ratio = promised / true if true else 0.0
    what = ", ".join(f"{name} {value:g}" for name, value in wanted.items())
    print(
        f"{number}  {what:36} promised {promised:6.1f} s   true {true:6.1f} s   promised/true {ratio:4.2f}   "
        f"{'ok' if LEAST <= ratio <= MOST else 'NOT KEPT'}   ({ended.outcome}, timed for {timed:.0f} s)",
        flush=True,
    )
    return ended.outcome == "done" and LEAST <= ratio <= MOST


if __name__ == "__main__":
    raise SystemExit(main())
