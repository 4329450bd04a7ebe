"""How many deleted labels Review finds: one box in ten of a generated data set is deleted, then looked for.

    make bench-label-errors
    python -m tests.benchmarks.label_errors --images 150 --steps 360 --seeds 0

Rendered pictures show several workshop parts each. Three models learn from two thirds of the pictures each,
with their faulty labels, and look at the other third: nobody is asked about what he learnt from. Beside them,
one model learns from all pictures and looks at all, as the project's own model does on the Review screen.
What they doubt is put in the order of Review. A deleted box is found where Review says that a box is missing
with an overlap of .5 or more, of any class: whoever looks there sees it.

Whoever looked without an order would look at every place where a label can be wrong: at each box, and at each
thing that is seen where there is none. The goal is about the first fifth of these places, the worst first.
Harder, and told too: as many lines as boxes were deleted, and the first fifth of the lines that Review shows,
which are so few that not all of the deleted find room there. Chance is all places in random order.

What the models saw is kept in the folder given, so that a second call goes on where the first was ended.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ssd_core.box_judging import overlap_matrix
from ssd_core.candidates import Candidates
from ssd_core.example import Example
from ssd_core.label_errors import LabelError, condensed, label_errors, reliability
from ssd_core.runtime import Detector
from ssd_core.train_config import TrainConfig
from ssd_core.train_model import train_model
from tests.benchmarks.examples import rendered_examples

FOLDS = 3
DELETED_PART = 0.1
FIRST_PART = 0.2
#: Share of the deleted boxes that the first fifth of Review is to hold.
GOAL = 0.7
#: Random orders whose mean is chance.
SHUFFLES = 200
INPUT_SIZE_HW = (300, 300)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of Review: the image, the doubt, and the deleted box that it shows, if any."""

    image: int
    doubt: LabelError
    found: tuple[int, int] | None


def with_faults(examples: Sequence[Example], seed: int) -> tuple[list[Example], list[tuple[int, int]]]:
    """Delete a part of all boxes, drawn at random; gives what is left, and (image, box) of those deleted."""
    every = [(image, box) for image, example in enumerate(examples) for box in range(len(example.class_ids))]
    deleted = random.Random(seed).sample(every, round(DELETED_PART * len(every)))
    left = []
    for image, example in enumerate(examples):
        kept = [box for box in range(len(example.class_ids)) if (image, box) not in set(deleted)]
        left.append(Example(example.name, example.image, example.boxes_xyxy[kept], example.class_ids[kept]))
    return left, deleted


def look(
    examples: Sequence[Example], classes: Sequence[str], fold: int | None, steps: int, seed: int, folder: Path
) -> dict[int, Candidates]:
    """What a model that has not seen a third of the pictures sees on them, by number of the picture.

    With None for the fold, the model has seen all of them.
    """
    target = folder / f"seen-{seed}-{'all' if fold is None else fold}-{steps}-{len(examples)}.json"
    if not target.exists():
        kept = [image for image in range(len(examples)) if fold is None or image % FOLDS == fold]
        rest = [example for image, example in enumerate(examples) if image % FOLDS != fold]
        model = folder / target.stem.replace("seen", "model")
        if not model.exists():
            config = TrainConfig.preset("quick", steps=steps, seed=seed)
            train_model(rest, [], classes, config, model.with_suffix(".run"), model, input_size=INPUT_SIZE_HW)
        detector = Detector.load(model)
        seen = {image: condensed(detector.candidates(examples[image].image)[0]).rows() for image in kept}
        partial = target.with_suffix(".part")
        partial.write_text(json.dumps(seen), encoding="utf-8")
        partial.replace(target)
    return {int(image): _candidates(rows) for image, rows in json.loads(target.read_text("utf-8")).items()}


def _candidates(rows: list[list[float]]) -> Candidates:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Candidates(table[:, :4], table[:, 4], table[:, 5].astype(np.int64))


def review(
    folds: Sequence[dict[int, Candidates]],
    labelled: Sequence[Example],
    whole: Sequence[Example],
    deleted: Sequence[tuple[int, int]],
    classes: Sequence[str],
) -> list[Entry]:
    """All that the models doubt, worst first, each fold judged by its own reliability."""
    entries = []
    for fold in folds:
        images = sorted(fold)
        believed = reliability(
            [fold[image] for image in images], [labelled[image] for image in images], classes
        )
        for image in images:
            height, width = whole[image].load().shape[:2]
            gone = [box for at, box in deleted if at == image]
            doubts = label_errors(fold[image], labelled[image], believed, (height, width), INPUT_SIZE_HW)
            entries += [Entry(image, doubt, _shown(doubt, image, whole[image], gone)) for doubt in doubts]
    return sorted(entries, key=lambda entry: -entry.doubt.badness)


def _shown(doubt: LabelError, image: int, whole: Example, gone: Sequence[int]) -> tuple[int, int] | None:
    if doubt.kind != "missing_box" or not gone:
        return None
    boxes = whole.boxes_xyxy[list(gone)]
    overlaps = overlap_matrix(np.array([doubt.box_xyxy], np.float32), boxes, np.zeros(len(gone), np.bool_))[0]
    best = int(overlaps.argmax())
    return (image, gone[best]) if overlaps[best] >= 0.5 else None


def share_found(entries: Sequence[Entry | None], deleted: int, first: int) -> float:
    """The part of the deleted boxes that the first entries show; None is a place that nobody doubts."""
    return len({entry.found for entry in entries[:first] if entry and entry.found}) / max(deleted, 1)


def by_chance(entries: Sequence[Entry], places: int, deleted: int, first: int, seed: int) -> float:
    """The same with all places in random order, as the mean of many."""
    draw = random.Random(seed)
    every = [*entries, *[None] * (places - len(entries))]
    return statistics.fmean(
        share_found(draw.sample(every, len(every)), deleted, first) for _ in range(SHUFFLES)
    )


def measure(images: int, steps: int, seed: int, folder: Path) -> float:
    """Print what Review finds with one seed, and give the share in the first fifth of the places."""
    begun = time.perf_counter()
    whole, classes = rendered_examples(images, seed=1000 + seed)
    labelled, deleted = with_faults(whole, seed)
    print(f"seed {seed}: {images} pictures, {len(deleted)} boxes deleted")

    def found_by(folds: Sequence[int | None], who: str) -> float:
        seen = [look(labelled, classes, fold, steps, seed, folder) for fold in folds]
        entries = review(seen, labelled, whole, deleted, classes)
        kinds = Counter(entry.doubt.kind for entry in entries)
        places = sum(len(example.class_ids) for example in labelled) + kinds["missing_box"]
        print(f"  {who}: {places} places to look at, {len(entries)} doubts: {dict(kinds)}")
        return told(entries, places, len(deleted), seed)

    share = found_by(range(FOLDS), "out of fold")
    found_by([None], "the project's own model")
    print(f"  {time.perf_counter() - begun:.0f} s", flush=True)
    return share


def told(entries: Sequence[Entry], places: int, number: int, seed: int) -> float:
    """Print the shares, and give the one in the first fifth of the places."""
    fifth = round(FIRST_PART * places)
    for words, first in (
        ("first fifth of the places", fifth),
        ("as many as deleted", number),
        ("first fifth of the doubts", round(FIRST_PART * len(entries))),
        ("all doubts", len(entries)),
    ):
        shares = share_found(entries, number, first), by_chance(entries, places, number, first, seed)
        room = min(1, first / number)
        print(
            f"    {words:<26}{first:>5}: {shares[0]:5.1%} of {room:.0%} possible, {shares[1]:5.1%} by chance"
        )
    return share_found(entries, number, fifth)


def main() -> None:
    """Print the shares of each seed, and fail where their mean is below the goal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=150)
    parser.add_argument("--steps", type=int, default=360)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "ssd-studio-label-errors"
    )
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    shares = [measure(arguments.images, arguments.steps, seed, arguments.folder) for seed in arguments.seeds]
    if statistics.fmean(shares) < GOAL:
        raise SystemExit(
            f"MISSED: {statistics.fmean(shares):.1%} in the first fifth of the places (wanted: {GOAL:.0%})"
        )


if __name__ == "__main__":
    main()
