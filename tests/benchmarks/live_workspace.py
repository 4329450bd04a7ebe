"""A workspace with full-size models that see hundreds of candidates, for benchmarks of the Live screen.

python -m tests.benchmarks.live_workspace FOLDER JPEG int8|float32
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from app.bootstrap import open_studio
from app.settings import Settings
from tests.journeys.running_studio import ROOT

#: The models, with the candidates that each sees in the picture. In frames as the page sends them it is about
#: half of that: the third model is for what shall be measured with 400 at least.
CANDIDATES = {"first": 400, "second": 400, "many": 800}


def make_live_workspace(folder: Path, jpeg: Path, precision: str) -> int:
    """Enter one project with the models of `CANDIDATES`; gives its id.

    Args:
        folder: the workspace to make.
        jpeg: the picture in which the models see their candidates.
        precision: what they run in: int8, as most trained models do, or float32.
    """
    from data import models, projects
    from data.database import Database
    from data.records import Model

    with tempfile.TemporaryDirectory() as home:
        # In a process of its own: TensorFlow brings an older SQLite along, which would replace ours.
        command = [sys.executable, "-m", "tests.benchmarks.live_workspace", home, str(jpeg), precision]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        with open_studio(Settings(workspace=folder, database_url=None, port=0, device="0")) as studio:
            workspace = studio.workspace
        database = Database.open(None, folder)
        with database.write() as session:
            project = projects.create(session, "live")
            for name in CANDIDATES:
                (Path(home) / name).rename(workspace.model(f"m-{name}"))
                made = Model(
                    f"m-{name}",
                    project.id,
                    None,
                    name,
                    ("object",),
                    {},
                    datetime.now(UTC),
                    {"input_size": 300},
                )
                models.register(session, made)
        database.close()
    return project.id


def _make_folders(home: Path, jpeg: Path, precision: str) -> None:
    import numpy as np

    from ssd_core.artifacts import save_model
    from ssd_core.config import SSDConfig
    from ssd_core.export import to_litert, to_litert_int8
    from ssd_core.preprocess import load_rgb, resize_for_network
    from tests.benchmarks.detection import network_with_candidates

    config = SSDConfig(("object",))
    image = resize_for_network(load_rgb(jpeg), config.input_size_hw)
    for name, candidates in CANDIDATES.items():
        network = network_with_candidates(config, image, candidates)
        litert = {"float32": to_litert(network)}
        if precision == "int8":
            litert["int8"] = to_litert_int8(network, [np.ascontiguousarray(image), image[:, ::-1]])
        card = {"name": name, "runtime": precision, "thresholds": {"score": 0.3, "iou": 0.45}}
        save_model(home / name, network, config, card, litert=litert)


if __name__ == "__main__":
    _make_folders(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
