"""Accuracy by number of labelled images: the learning curve of a preset, several seeds each.

    make bench-learning-curve DATASET=path/to/raccoon
    python -m tests.benchmarks.learning_curve --dataset path/to/raccoon --images 20 40 --seeds 0 1 2

The 40 test images are those of the usual split and the same in every row. Each seed draws its own training
images from the rest, a smaller draw being part of a larger one; validation images come out of them. Every run
is the program's: import, train --wait, evaluate.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.raccoon import measure_folders, split_folder


def draw(train: Path, count: int, seed: int, folder: Path) -> Path:
    """Copy ``count`` images of a VOC folder, with their annotations, into a new one."""
    names = sorted(path.stem for path in (train / "annotations").glob("*.xml"))
    random.Random(seed).shuffle(names)
    for kind in ("annotations", "images"):
        (folder / kind).mkdir(parents=True)
        for name in names[:count]:
            for file in (train / kind).glob(f"{name}.*"):
                shutil.copy(file, folder / kind)
    return folder


def spread(values: list[float]) -> str:
    """Mean and standard deviation."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.fmean(values):.3f} ± {deviation:.3f}"


def main() -> None:
    """Print a row per number of images."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=os.environ.get("DATASET"), help="the raccoon folder")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--images", type=int, nargs="+", default=[10, 20, 40, 80, 160])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments, extra = parser.parse_known_args()
    if arguments.dataset is None or not Path(arguments.dataset).is_dir():
        print(
            "The learning curve needs photographs: make bench-learning-curve DATASET=path/to/raccoon",
            file=sys.stderr,
        )
        raise SystemExit(2)
    print(f"preset {arguments.preset}, 40 test images, seeds {arguments.seeds}: mean ± standard deviation")
    print("images   AP50              AP                seconds")
    for count in arguments.images:
        rows = []
        for seed in arguments.seeds:
            with tempfile.TemporaryDirectory() as scratch:
                parts = split_folder(Path(arguments.dataset), Path(scratch) / "whole")
                train = draw(parts["train"], count, seed, Path(scratch) / "drawn")
                rows.append(measure_folders(train, parts["test"], arguments.preset, seed, extra))
        values = [[row[key] for row in rows] for key in ("AP50", "AP")]
        seconds = statistics.fmean(row["seconds"] for row in rows)
        print(f"{count:>6}   {spread(values[0])}     {spread(values[1])}     {seconds:7.0f}", flush=True)


if __name__ == "__main__":
    main()
