"""What a project gives a run to learn from, found out once until the project changes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.jobs import model_images
from data import faults, project_state, small_boxes, snapshots
from data.database import Database
from data.errors import NothingToTrain
from data.faults import Fault
from data.records import Model
from data.small_boxes import ClassSizes
from data.snapshots import Composed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Side in pixels of the network's input below which objects are hardly found: one cell of the finest map.
SMALLEST_SIDE = 10.0
INPUT_SIZES = (300, 512)
#: So many answers are kept.
MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class Material:
    """Images to learn from and to validate on, the sizes of boxes per class, and boxes that teach nothing.

    ``refusal`` is why no run can be started, in a sentence; None if one can.
    """

    train: int
    val: int
    sizes: tuple[ClassSizes, ...]
    wrong: tuple[Fault, ...]
    refusal: str | None


class TrainingMaterial:
    """Looks projects through, which takes seconds where there are many images."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[tuple[int, int, int, str | None, str], Material] = {}
        self._lock = threading.Lock()
        # One only: of a million boxes it is 140 MB of text.
        self._composed: tuple[tuple[int, int, str | None, str], Composed] | None = None
        self._composing = threading.Lock()

    def composed(self, project_id: int, seed: int, parent: Model | None) -> Composed:
        """The project as it is now, ready to be stored; at once if nothing changed since it was looked at.

        Args:
            project_id: the project.
            seed: decides which images validate.
            parent: the model that training goes on from, whose split of images stays.

        Raises:
            NothingToTrain: too few labelled images.
            NotFound: there is no such project.
        """
        with self._database.read() as session:
            return self._compose(session, project_id, seed, parent, project_state.of(session, project_id))

    def _compose(
        self, session: Session, project_id: int, seed: int, parent: Model | None, state: str
    ) -> Composed:
        key = (project_id, seed, None if parent is None else parent.id, state)
        # Whoever asks meanwhile waits, and does not do the same beside it.
        with self._composing:
            if self._composed is None or self._composed[0] != key:
                seen = None if parent is None else model_images.seen_by(session, parent)
                self._composed = key, snapshots.compose(session, project_id, seed, seen=seen)
            return self._composed[1]

    def of(self, project_id: int, seed: int, input_size: int, parent: Model | None) -> Material:
        """What a run with this seed, input size and model to go on from would find; raises NotFound."""
        with self._database.read() as session:
            state = project_state.of(session, project_id)
            key = (project_id, seed, input_size, None if parent is None else parent.id, state)
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            known = small_boxes.of(session, project_id, input_size, max(INPUT_SIZES), SMALLEST_SIDE)
            refusal = None
            try:
                composed = self._compose(session, project_id, seed, parent, state)
                counts = composed.sizes
                drawn = {each.class_id for each in known}
                # A class that nobody drew yet would be learnt as what is never there.
                bare = [each for each in composed.classes if each.id not in drawn]
                known += tuple(ClassSizes(each.id, each.name, 0, 0, 0, 0) for each in bare)
            except NothingToTrain as error:
                counts, refusal = {"train": 0, "val": 0}, str(error)
            found = Material(
                train=counts["train"],
                val=counts["val"],
                sizes=known,
                wrong=faults.unlearnable(session, project_id),
                refusal=refusal,
            )
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return found
