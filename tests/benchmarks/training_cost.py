"""What a training costs: how well the preparation of images hides behind the steps, and the peak memory.

    make bench-training-cost [DATASET=path/to/raccoon]
    python -m tests.benchmarks.training_cost --images 160

Without photographs it trains on rendered workshop parts. Steps on batches of the pipeline and steps on one
batch that is kept take turns, so that other work on the machine meets both alike; the ratio of their medians
is what counts. The peak memory is that of a process of its own that runs preset *Quick* from the images to
the saved model.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ssd_core.example import Example
from tests.benchmarks.examples import rendered_examples, voc_examples

#: Throughput with the pipeline, in parts of that with one cached batch.
WANTED_RATIO = 0.9
WANTED_GIGABYTES = 3.0
_ROUNDS = 60
_CHILD = "--quick-run"


def examples_for(dataset: Path | None, images: int) -> tuple[list[Example], tuple[str, ...]]:
    """The first images of a VOC folder, or rendered ones; with the names of their classes."""
    return voc_examples(dataset, images) if dataset else rendered_examples(images)


def measure_hiding(examples: list[Example], classes: tuple[str, ...]) -> tuple[float, float]:
    """Median seconds of a step fed by the pipeline, and of one fed the same batch again and again."""
    import tensorflow as tf

    from ssd_core.config import SSDConfig
    from ssd_core.image_store import ImageStore
    from ssd_core.learner import Learner
    from ssd_core.pipeline import prepare_images, training_batches
    from ssd_core.train_config import TrainConfig

    config, settings = SSDConfig(classes), TrainConfig.preset("quick", steps=_ROUNDS + 2)
    with tempfile.TemporaryDirectory() as scratch:
        images = prepare_images(examples, config, ImageStore(Path(scratch) / "images.raw"))
        batches = iter(training_batches(images, config, settings, 0))
        learner = Learner(config, settings, tf.distribute.get_strategy())
        kept = next(batches)
        learner.train_on(kept)

        def fed() -> None:
            float(learner.train_on(next(batches))[0])

        def cached() -> None:
            float(learner.train_on(kept)[0])

        # In stretches: right after a step on the kept batch the pipeline's buffer is full, which flatters.
        times: dict[Callable[[], None], list[float]] = {fed: [], cached: []}
        for _ in range(_ROUNDS // 10):
            for step in (fed, cached):
                stretch = [_seconds(step) for _ in range(10)]
                times[step] += stretch[3:]
    return statistics.median(times[fed]), statistics.median(times[cached])


def _seconds(step: Callable[[], None]) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


def quick_run(examples: list[Example], classes: tuple[str, ...]) -> None:
    """Run preset Quick in this process and print its peak memory in GB."""
    from ssd_core.train_config import TrainConfig
    from ssd_core.train_model import train_model

    cut = max(1, len(examples) * 85 // 100)
    with tempfile.TemporaryDirectory() as scratch:
        settings = TrainConfig.preset("quick")
        folders = (Path(scratch) / "run", Path(scratch) / "model")
        train_model(examples[:cut], examples[cut:], classes, settings, *folders)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)


def main() -> None:
    """Print both figures and what is wanted of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=os.environ.get("DATASET") or None)
    parser.add_argument("--images", type=int, default=160)
    parser.add_argument(_CHILD, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    examples, classes = examples_for(arguments.dataset, arguments.images)
    if arguments.quick_run:
        quick_run(examples, classes)
        return
    fed, cached = measure_hiding(examples, classes)
    print(
        f"step of 8 images: {fed * 1000:.0f} ms fed by the pipeline, {cached * 1000:.0f} ms on a cached "
        f"batch; {8 / fed:.1f} images/s, ratio {cached / fed:.2f} (wanted: {WANTED_RATIO:.2f})"
    )
    command = [sys.executable, "-m", "tests.benchmarks.training_cost", _CHILD]
    command += ["--images", str(arguments.images)]
    command += ["--dataset", str(arguments.dataset)] if arguments.dataset else []
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    peak = float(answer.stdout.split()[-1])
    print(f"peak memory of preset Quick: {peak:.2f} GB (wanted: below {WANTED_GIGABYTES:.0f})")


if __name__ == "__main__":
    main()
