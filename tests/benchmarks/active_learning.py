"""Accuracy by number of labels where the queue chose what to label, beside choosing at random.

    make bench-active [DATASET=path/to/raccoon]
    python -m tests.benchmarks.active_learning --dataset path/to/raccoon --seeds 0 1 2 --steps 100

Of a data set of photographs, the 40 test images are those of the usual split; the other 160 wait for labels.
Without one, pictures of workshop parts are rendered: 240 wait, 80 are for the test. Each seed begins with the
same 10 images, drawn at random. At 10, 20 and 40 labels the model trained on them looks at what is left, and
the queue names the next 10, 20 and 40, as Label would put them; the random draw takes the next of a shuffled
list. ``--by`` compares two further orders, the queue's halves: the most uncertain first, and the most unlike.
Every training begins with ImageNet's weights and has the same short number of steps, so figures are below
those of the presets: what counts is the difference.

Each training appends a line to ``--results``, and what has its line is not done again: it can be stopped at
any time and goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ssd_core.example import Example
from tests.benchmarks.examples import rendered_examples, voc_examples
from tests.benchmarks.learning_curve import spread

FIRST = 10
COUNTS = (20, 40, 80)
#: Short, so that 21 trainings take less than 25 minutes on two cores.
STEPS = 100
#: Ways to choose what to label next.
WAYS = ("queue", "random", "uncertain", "unlike")
#: Rendered pictures that wait, and those for the test.
RENDERED = (240, 80)


class Pool:
    """Images to label, and others to test on."""

    def __init__(
        self, unlabelled: Sequence[Example], test: Sequence[Example], classes: Sequence[str]
    ) -> None:
        self.unlabelled = {example.name: example for example in unlabelled}
        self.test = test
        self.classes = tuple(classes)
        self._descriptors: dict[str, Any] = {}

    @classmethod
    def of_photographs(cls, dataset: Path) -> Pool:
        """The photographs of a Pascal VOC folder: a fifth to test on, the rest to label."""
        examples, classes = voc_examples(dataset)
        by_name = {example.name: example for example in examples}
        names = sorted(by_name, key=lambda name: Path(name).stem)
        random.Random(0).shuffle(names)
        cut = len(names) * 8 // 10
        return cls([by_name[name] for name in names[:cut]], [by_name[name] for name in names[cut:]], classes)

    @classmethod
    def of_workshop_parts(cls) -> Pool:
        """Rendered pictures."""
        (examples, classes), (test, _) = (rendered_examples(count, at) for at, count in enumerate(RENDERED))
        return cls(examples, test, classes)

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

    def orders(self, detector: Any, labelled: list[str]) -> dict[str, list[str]]:
        """What is left in the order in which Label would show it, and in those of its two halves."""
        import numpy as np

        from ssd_core.diversity import queue
        from ssd_core.score_thresholds import best_score_thresholds
        from ssd_core.uncertainty import doubt

        known = [self.unlabelled[name] for name in labelled]
        found = [detector.predict_for_evaluation(example.image) for example in known]
        threshold = best_score_thresholds(found, known, self.classes)["overall"]
        left = [name for name in self.unlabelled if name not in set(labelled)]
        seen = [detector.candidates(self.unlabelled[name].image)[0] for name in left]
        doubts = np.array([doubt(each, threshold).uncertainty for each in seen])
        pictures = self.descriptors(left), self.descriptors(labelled)
        worth = {
            "queue": queue(doubts, *pictures).usefulness,
            "uncertain": doubts,
            "unlike": queue(np.ones(len(left)), *pictures).usefulness,
        }
        return {
            way: [left[index] for index in np.argsort(-each, kind="stable")] for way, each in worth.items()
        }


class Results:
    """The lines written so far; one per training."""

    def __init__(self, path: Path, data: str, steps: int) -> None:
        self._path, self._data, self.steps = path, data, steps
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        rows = [row for row in map(json.loads, lines) if (row["data"], row["steps"]) == (data, steps)]
        self._rows = {(row["by"], row["seed"], row["labels"]): row for row in rows}

    def get(self, by: str, seed: int, labels: int) -> dict[str, Any] | None:
        """The line of a training, if it was done."""
        return self._rows.get((by, seed, labels))

    def figures(self, figure: str, by: str, seeds: list[int], labels: int) -> dict[int, float]:
        """A figure by seed, of the trainings that were done."""
        rows = {seed: self.get("all" if labels == FIRST else by, seed, labels) for seed in seeds}
        return {seed: float(row[figure]) for seed, row in rows.items() if row is not None}

    def add(self, **row: Any) -> dict[str, Any]:
        """Note a training, on the disk before anything else."""
        row = {"data": self._data, "steps": self.steps, **row}
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        self._rows[(row["by"], row["seed"], row["labels"])] = row
        return row


def carry_on(pool: Pool, results: Results, seeds: list[int], ways: list[str], most: float) -> int:
    """Train what has no line yet, at most so many; gives how many were done."""
    done = 0
    for seed in seeds:
        shuffled = pool.shuffled(seed)
        chosen: dict[str, list[str]] = {}
        for labels in (FIRST, *COUNTS):
            for by in ("all",) if labels == FIRST else ways:
                row = results.get(by, seed, labels)
                if row is None:
                    if done >= most:
                        return done
                    row = _one(pool, results, by, seed, labels, chosen.get(by, shuffled[:labels]))
                    done += 1
                following = min((count for count in COUNTS if count > labels), default=labels)
                for way in ways if by == "all" else [by]:
                    if way != "random":
                        chosen[way] = row["chosen"] + row["next"][way][: following - labels]
    return done


def _one(pool: Pool, results: Results, by: str, seed: int, labels: int, chosen: list[str]) -> dict[str, Any]:
    begun = time.perf_counter()
    detector, metrics = pool.train(chosen, seed, results.steps)
    row = results.add(
        by=by,
        seed=seed,
        labels=labels,
        AP50=metrics["AP50"],
        AP=metrics["AP"],
        boxes=sum(len(pool.unlabelled[name].boxes_xyxy) for name in chosen),
        chosen=chosen,
        next={} if by == "random" else pool.orders(detector, chosen),
        seconds=round(time.perf_counter() - begun, 1),
    )
    print(
        f"{by:<9} seed {seed} {labels:>3} labels: AP50 {row['AP50']:.3f}, AP {row['AP']:.3f}, "
        f"{row['seconds']:.0f} s",
        flush=True,
    )
    return row


def show(results: Results, pool: Pool, seeds: list[int], ways: list[str]) -> None:
    """Print the table of what is done."""
    words = f"{results.steps} steps each, {len(pool.test)} test images, seeds {seeds}"
    for figure in ("AP50", "AP"):
        print(f"\n{words}: {figure} as mean ± standard deviation, and its mean beside random")
        print("labels" + "".join(f"{way:>26}" for way in ways))
        for labels in (FIRST, *COUNTS):
            line = f"{labels:>6}"
            by_way = {way: results.figures(figure, way, seeds, labels) for way in ways}
            random_ones = by_way.get("random", {})
            for values in by_way.values():
                both = [seed for seed in values if seed in random_ones]
                beside = statistics.fmean(values[seed] - random_ones[seed] for seed in both) if both else 0.0
                line += f"{spread(list(values.values())) if values else '–':>18}{beside:>+8.3f}"
            print(line)


def main() -> None:
    """Train what is missing and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--dataset", type=Path, default=os.environ.get("DATASET"), help="a folder of photographs"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--by", choices=WAYS, nargs="+", default=["queue", "random"])
    parser.add_argument("--results", type=Path, default=Path("active_learning.jsonl"))
    parser.add_argument("--most", type=int, default=None, help="trainings of this call at most")
    arguments = parser.parse_args()
    if arguments.dataset is None:
        data, pool = "workshop parts", Pool.of_workshop_parts()
    elif arguments.dataset.is_dir():
        data, pool = arguments.dataset.resolve().name, Pool.of_photographs(arguments.dataset)
    else:
        parser.error(f"There is no folder {arguments.dataset}.")
    results = Results(arguments.results, data, arguments.steps)
    most = float("inf") if arguments.most is None else arguments.most
    carry_on(pool, results, arguments.seeds, arguments.by, most)
    show(results, pool, arguments.seeds, arguments.by)


if __name__ == "__main__":
    main()
