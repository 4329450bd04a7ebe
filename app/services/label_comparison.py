"""Comparison: what a model saw, laid over a project's labels a few images at a time; the worst is told."""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from app.services.class_table import ClassTable
from app.services.sights import Sights
from data import findings, labelled_images, model_classes
from data.database import Database
from data.findings import Doubt, LookedAt
from data.labelled_images import Labelled
from data.records import Model

if TYPE_CHECKING:
    from ssd_core.config import SSDConfig
    from ssd_core.label_errors import Reliability

#: Images whose boxes are in memory at the same time, and whose findings are written in one transaction.
BATCH = 200
#: How far a model is to be believed is measured on so many images drawn at random, or on fewer that hold so
#: many boxes: the recall of a class with one box in a hundred is known to .05 then.
SAMPLE_IMAGES = 4_000
SAMPLE_BOXES = 40_000
#: Findings of one image. Whoever sees so many opens it in Label, and looks at all of it.
MOST_OF_AN_IMAGE = 10
#: Of this many places where a label can be wrong, each image and each box, one is told at most. With care
#: taken, 3 to 10 % of labels are wrong, and the first fifth of the places is to hold most of what can be
#: found (``make bench-label-errors``): what follows is nearly all the model's own mistakes.
PLACES_PER_FINDING = 5
#: Told in any case, where there are so many: they are decided in two minutes.
FEWEST = 30
#: Findings of a look. At three seconds each they take most of an hour; the next look tells what follows.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Compared:
    """How a comparison ended.

    Args:
        recall: the part of the drawn boxes that the model finds; None where none is drawn.
        left_out: doubts that are not told, because enough worse ones are.
    """

    recall: float | None
    left_out: int


class LabelComparison:
    """Compares what a model saw with a project's labels, and writes down what is in doubt.

    Args:
        database: where labels and findings are.
        model: the model; its project's labels are compared.
        config: its configuration.
        seen: what it saw.
        go_on: called between two batches; raises to end the comparison.
    """

    def __init__(
        self,
        database: Database,
        model: Model,
        config: SSDConfig,
        seen: Sights,
        go_on: Callable[[], None],
    ) -> None:
        self._database = database
        self._project_id = model.project_id
        self._model_id = model.id
        self._config = config
        self._seen = seen
        self._go_on = go_on
        with database.read() as session:
            self._table = ClassTable(
                config.classes, model_classes.class_ids(session, model.project_id, model.id)
            )

    def compare(self, image_ids: Sequence[int], seed: int = 0) -> Compared:
        """Compare images, and put what is found in the place of what was found on them before.

        Args:
            image_ids: all have been looked at; in order of id.
            seed: decides on which images the reliability is measured.
        """
        believed = self._reliability(image_ids, random.Random(seed))
        worst: list[tuple[float, int, int, int, Doubt]] = []
        doubts = places = 0
        # Of equals the earlier one is the worse.
        earlier = count(0, -1)
        for images in self._in_batches(image_ids):
            places += sum(1 + len(image.boxes) for image in images)
            for image, of_it in self._doubts(images, believed):
                doubts += len(of_it)
                for doubt in of_it[:MOST_OF_AN_IMAGE]:
                    heapq.heappush(worst, (doubt.badness, next(earlier), image.id, image.revision, doubt))
                    if len(worst) > MOST:
                        heapq.heappop(worst)
        told = heapq.nlargest(max(FEWEST, places // PLACES_PER_FINDING), worst)
        self._write(image_ids, [(image_id, revision, doubt) for *_, image_id, revision, doubt in told])
        return Compared(believed.recall, doubts - len(told))

    def _reliability(self, image_ids: Sequence[int], draw: random.Random) -> Reliability:
        from ssd_core.label_errors import reliability

        sights, examples, boxes = [], [], 0
        drawn = draw.sample(image_ids, min(len(image_ids), SAMPLE_IMAGES))
        for images in self._in_batches(drawn):
            sights += self._seen.of([image.sha256 for image in images])
            examples += [self._table.example(image) for image in images]
            boxes += sum(len(image.boxes) for image in images)
            if boxes >= SAMPLE_BOXES:
                break
        return reliability(sights, examples, self._config.classes)

    def _in_batches(self, image_ids: Sequence[int]) -> Iterator[tuple[Labelled, ...]]:
        for start in range(0, len(image_ids), BATCH):
            self._go_on()
            with self._database.read() as session:
                few = image_ids[start : start + BATCH]
                images = labelled_images.labelled(session, self._project_id, few)
            yield images

    def _doubts(
        self, images: Sequence[Labelled], believed: Reliability
    ) -> Iterator[tuple[Labelled, list[Doubt]]]:
        """What is in doubt about each image and was not dismissed, worst first."""
        from ssd_core.label_errors import label_errors

        found = {}
        for image, sight in zip(images, self._seen.of([each.sha256 for each in images]), strict=True):
            example, size_hw = self._table.example(image), (image.height, image.width)
            errors = label_errors(sight, example, believed, size_hw, self._config.input_size_hw)
            found[image.id] = [doubt for error in errors if (doubt := self._table.doubt(error, image))]
        with self._database.read() as session:
            left = findings.not_dismissed(session, found)
        for image in images:
            yield image, left[image.id]

    def _write(self, image_ids: Sequence[int], told: Sequence[tuple[int, int, Doubt]]) -> None:
        """Write down what is told, and remove what earlier looks found on the same images."""
        doubts: dict[int, list[Doubt]] = defaultdict(list)
        revisions = {}
        for image_id, revision, doubt in told:
            doubts[image_id].append(doubt)
            revisions[image_id] = revision
        with self._database.read() as session:
            before = findings.images_with_findings(session, self._project_id)
        changed = sorted(before.intersection(image_ids) | revisions.keys())
        for start in range(0, len(changed), BATCH):
            self._go_on()
            few = [
                LookedAt(each, revisions.get(each, 0), doubts[each])
                for each in changed[start : start + BATCH]
            ]
            with self._database.write() as session:
                findings.put(session, self._model_id, few)
