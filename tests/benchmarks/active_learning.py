"""Accuracy by number of labels where the queue chose what to label, beside choosing at random.

    make bench-active DATASET=path/to/raccoon
    python -m tests.benchmarks.active_learning --dataset path/to/raccoon --seeds 0 1 2 --steps 100

The 40 test images are those of the usual split; the other 160 wait for labels. Each seed begins with the
same 10 images, drawn at random. At 10, 20 and 40 labels the model trained on them looks at what is left, and
the queue names the next 10, 20 and 40, as Label would put them; the random draw takes the next of a shuffled
list. Every training begins with ImageNet's weights and has the same short number of steps, so figures are
below those of the presets: what counts is the difference.

Each training appends a line to ``--results``, and what has its line is not done again: it can be stopped at
any time and goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.examples import voc_examples
from tests.benchmarks.learning_curve import spread

FIRST = 10
COUNTS = (20, 40, 80)
#: Short, so that 21 trainings take less than 25 minutes on two cores.
STEPS = 100


class Pool:
    """The photographs: 40 to test on, the rest to label."""

    def __init__(self, dataset: Path) -> None:
        examples, self.classes = voc_examples(dataset)
        by_name = {example.name: example for example in examples}
        names = sorted(by_name, key=lambda name: Path(name).stem)
        random.Random(0).shuffle(names)
        cut = len(names) * 8 // 10
        self.unlabelled = {name: by_name[name] for name in names[:cut]}
        self.test = [by_name[name] for name in names[cut:]]
        self._descriptors: dict[str, Any] = {}

    def shuffled(self, seed: int) -> list[str]:
        """The names of what can be labelled, in random order."""
        names = list(self.unlabelled)
        random.Random(seed).shuffle(names)
        return names

    def descriptors(self, names: list[str]) -> Any:
        """What tells images apart, one row each."""
        import numpy as np

        from ssd_core.diversity import DESCRIPTOR_SIZE, descriptor
        from ssd_core.preprocess import load_rgb

        for name in names:
            if name not in self._descriptors:
                self._descriptors[name] = descriptor(load_rgb(self.unlabelled[name].image))
        return np.array([self._descriptors[name] for name in names], np.float32).reshape(-1, DESCRIPTOR_SIZE)

    def train(self, labelled: list[str], seed: int, steps: int) -> tuple[Any, dict[str, Any]]:
        """Train on some images; gives the detector and its figures on the test images."""
        from ssd_core.config import SSDConfig
        from ssd_core.evaluation import evaluate
        from ssd_core.runtime import Detector
        from ssd_core.tensorflow_backend import TensorFlowBackend
        from ssd_core.train_config import TrainConfig
        from ssd_core.training import fit

        config = SSDConfig(self.classes)
        settings = TrainConfig.preset("quick", steps=steps, seed=seed)
        with tempfile.TemporaryDirectory() as scratch:
            examples = [self.unlabelled[name] for name in labelled]
            network = fit(examples, [], config, settings, Path(scratch) / "run").network
        detector = Detector(config, TensorFlowBackend(config, network))
        found = [detector.predict_for_evaluation(example.image) for example in self.test]
        return detector, evaluate(found, self.test, self.classes)

    def queue(self, detector: Any, labelled: list[str]) -> list[str]:
        """What is left in the order in which Label would show it."""
        import numpy as np

        from ssd_core.diversity import queue
        from ssd_core.uncertainty import doubt

        left = [name for name in self.unlabelled if name not in set(labelled)]
        doubts = [doubt(detector.candidates(self.unlabelled[name].image)[0]).uncertainty for name in left]
        order = queue(np.array(doubts), self.descriptors(left), self.descriptors(labelled))
        return [left[index] for index in np.argsort(-order.usefulness, kind="stable")]


class Results:
    """The lines written so far; one per training."""

    def __init__(self, path: Path, steps: int) -> None:
        self._path, self._steps = path, steps
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        rows = [row for row in map(json.loads, lines) if row["steps"] == steps]
        self._rows = {(row["by"], row["seed"], row["labels"]): row for row in rows}

    def get(self, by: str, seed: int, labels: int) -> dict[str, Any] | None:
        """The line of a training, if it was done."""
        return self._rows.get((by, seed, labels))

    def add(self, **row: Any) -> dict[str, Any]:
        """Note a training, on the disk before anything else."""
        row = {"steps": self._steps, **row}
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        self._rows[(row["by"], row["seed"], row["labels"])] = row
        return row


def carry_on(pool: Pool, results: Results, seeds: list[int], steps: int, most: float) -> int:
    """Train what has no line yet, at most so many; gives how many were done."""
    done = 0
    for seed in seeds:
        shuffled = pool.shuffled(seed)
        chosen: dict[str, list[str]] = {"both": shuffled[:FIRST]}
        for labels in (FIRST, *COUNTS):
            for by in ("both",) if labels == FIRST else ("queue", "random"):
                row = results.get(by, seed, labels)
                if row is None:
                    if done >= most:
                        return done
                    row = _one(pool, results, by, seed, labels, chosen.get(by, shuffled[:labels]), steps)
                    done += 1
                if by != "random":
                    following = min((count for count in COUNTS if count > labels), default=labels)
                    chosen["queue"] = row["chosen"] + row["queue"][: following - labels]
    return done


def _one(
    pool: Pool, results: Results, by: str, seed: int, labels: int, chosen: list[str], steps: int
) -> dict[str, Any]:
    begun = time.perf_counter()
    detector, metrics = pool.train(chosen, seed, steps)
    order = [] if by == "random" else pool.queue(detector, chosen)
    row = results.add(
        by=by,
        seed=seed,
        labels=labels,
        AP50=metrics["AP50"],
        AP=metrics["AP"],
        boxes=sum(len(pool.unlabelled[name].boxes_xyxy) for name in chosen),
        seconds=round(time.perf_counter() - begun, 1),
        chosen=chosen,
        queue=order,
    )
    print(
        f"{by:<7} seed {seed} {labels:>3} labels: AP50 {row['AP50']:.3f}, AP {row['AP']:.3f}, "
        f"{row['seconds']:.0f} s",
        flush=True,
    )
    return row


def show(results: Results, seeds: list[int], steps: int) -> None:
    """Print the table of what is done."""
    print(f"\n{steps} steps each, 40 test images, seeds {seeds}: AP50 as mean ± standard deviation")
    print("labels   by the queue      at random         difference   AP by the queue   AP at random")
    for labels in (FIRST, *COUNTS):
        columns = {}
        for by in ("queue", "random"):
            rows = [results.get("both" if labels == FIRST else by, seed, labels) for seed in seeds]
            columns[by] = [row for row in rows if row is not None]
        if not all(columns.values()):
            continue
        first, second = ([row["AP50"] for row in columns[by]] for by in columns)
        strict = [spread([row["AP"] for row in columns[by]]) for by in columns]
        print(
            f"{labels:>6}   {spread(first):<16}  {spread(second):<16}  "
            f"{statistics.fmean(first) - statistics.fmean(second):+.3f}       {strict[0]:<16}  {strict[1]}"
        )


def main() -> None:
    """Train what is missing and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=os.environ.get("DATASET"), help="the raccoon folder")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--results", type=Path, default=Path("active_learning.jsonl"))
    parser.add_argument("--most", type=int, default=None, help="trainings of this call at most")
    arguments = parser.parse_args()
    if arguments.dataset is None or not Path(arguments.dataset).is_dir():
        print("It needs photographs: make bench-active DATASET=path/to/raccoon", file=sys.stderr)
        raise SystemExit(2)
    results = Results(arguments.results, arguments.steps)
    most = float("inf") if arguments.most is None else arguments.most
    carry_on(Pool(Path(arguments.dataset)), results, arguments.seeds, arguments.steps, most)
    show(results, arguments.seeds, arguments.steps)


if __name__ == "__main__":
    main()
