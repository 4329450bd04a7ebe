"""Accuracy and time of a preset on the raccoon photographs, from the click to the finished model.

    make bench DATASET=path/to/raccoon
    python -m tests.benchmarks.raccoon --dataset path/to/raccoon --preset balanced

The usual split: names sorted, shuffled by random.Random(0), the first 80 % to train on, the rest to test on.
Validation images are taken out of the 80 %; the test images are imported as ``test`` and read only after
training. Each seed runs the program as a person would: import, train --wait, evaluate.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

#: What the presets owe on the 40 test images, as the mean of their seeds, and the most seconds of training.
GOALS: dict[str, dict[str, float]] = {
    "quick": {"AP50": 0.92, "training_seconds": 150},
    "balanced": {"AP50": 0.95, "AP": 0.58, "training_seconds": 600},
}


def studio(workspace: Path, *arguments: str) -> Any:
    """Run one command of the program and return the JSON that it prints."""
    answer = subprocess.run(
        [sys.executable, "-m", "app", *arguments, "--workspace", str(workspace), "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise SystemExit(f"ssd-studio {' '.join(arguments)} ended with {answer.returncode}")
    return json.loads(answer.stdout)


def split_folder(dataset: Path, folder: Path) -> dict[str, Path]:
    """Copy a VOC folder into a train and a test folder by the usual split."""
    names = sorted(path.stem for path in (dataset / "annotations").glob("*.xml"))
    random.Random(0).shuffle(names)
    cut = len(names) * 8 // 10
    parts = {"train": names[:cut], "test": names[cut:]}
    for part, members in parts.items():
        for kind in ("annotations", "images"):
            (folder / part / kind).mkdir(parents=True)
        for name in members:
            shutil.copy(dataset / "annotations" / f"{name}.xml", folder / part / "annotations")
            for image in (dataset / "images").glob(f"{name}.*"):
                shutil.copy(image, folder / part / "images")
    return {part: folder / part for part in parts}


def measure(dataset: Path, preset: str, seed: int, extra: list[str]) -> dict[str, float]:
    """One seed on the usual split: import, train, evaluate; returns the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = split_folder(dataset, Path(scratch))
        return measure_folders(parts["train"], parts["test"], preset, seed, extra)


def measure_folders(train: Path, test: Path, preset: str, seed: int, extra: list[str]) -> dict[str, float]:
    """Train on one VOC folder and evaluate on another, as a person would; returns the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch)
        studio(workspace, "import", str(train), "--project", "raccoon")
        studio(workspace, "import", str(test), "--project", "raccoon", "--split", "test")
        clicked = time.perf_counter()
        settings = ["--project", "raccoon", "--preset", preset, "--seed", str(seed), *extra]
        trained = studio(workspace, "train", *settings, "--wait")
        seconds = time.perf_counter() - clicked
        metrics = studio(workspace, "evaluate", trained["model"], "--split", "test")
        card = json.loads((workspace / "models" / trained["model"] / "card.json").read_text(encoding="utf-8"))
        return {
            "AP50": metrics["AP50"],
            "AP": metrics["AP"],
            "seconds": seconds,
            "training_seconds": card["metrics"]["training"]["seconds"],
            "images_per_second": card["metrics"]["training"]["images_per_second"],
        }


def main() -> None:
    """Print a line per seed and the means."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=os.environ.get("DATASET"), help="the raccoon folder")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments, extra = parser.parse_known_args()
    if arguments.dataset is None or not Path(arguments.dataset).is_dir():
        print(
            "The raccoon benchmark needs its photographs: make bench DATASET=path/to/raccoon", file=sys.stderr
        )
        raise SystemExit(2)
    rows = []
    print(f"preset {arguments.preset}: 40 test images, one box is 2.4 points of AP50")
    print("seed    AP50      AP   click→model   training   images/s")
    for seed in arguments.seeds:
        row = measure(Path(arguments.dataset), arguments.preset, seed, extra)
        rows.append(row)
        print(
            f"{seed:>4}   {row['AP50']:.3f}   {row['AP']:.3f}   {row['seconds']:8.0f} s "
            f"{row['training_seconds']:8.0f} s   {row['images_per_second']:8.1f}",
            flush=True,
        )
    mean = {key: statistics.fmean(row[key] for row in rows) for key in rows[0]}
    print(
        f"mean   {mean['AP50']:.3f}   {mean['AP']:.3f}   {mean['seconds']:8.0f} s "
        f"{mean['training_seconds']:8.0f} s   {mean['images_per_second']:8.1f}"
    )
    missed = [
        f"{key} is {mean[key]:.3g} (wanted: {goal:g})"
        for key, goal in GOALS.get(arguments.preset, {}).items()
        if (mean[key] > goal if key == "training_seconds" else mean[key] < goal)
    ]
    if missed:
        raise SystemExit(f"MISSED: the mean {' and the mean '.join(missed)}")


if __name__ == "__main__":
    main()
