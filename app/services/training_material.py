"""What a project gives a run to learn from, found out once until the project changes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import faults, project_state, small_boxes, snapshots
from data.database import Database
from data.errors import NothingToTrain
from data.faults import Fault
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
    """Images to learn from and to validate on, the sizes of boxes per class, and boxes that teach nothing."""

    train: int
    val: int
    sizes: tuple[ClassSizes, ...]
    wrong: tuple[Fault, ...]


class TrainingMaterial:
    """Looks projects through, which takes seconds where there are many images."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[tuple[int, int, int, str], Material] = {}
        self._lock = threading.Lock()
        # One only: of a million boxes it is 140 MB of text.
        self._composed: tuple[tuple[int, int, str], Composed] | None = None
        self._composing = threading.Lock()

    def composed(self, project_id: int, seed: int) -> Composed:
        """The project as it is now, ready to be stored; at once if nothing changed since it was looked at.

        Raises:
            NothingToTrain: too few labelled images.
            NotFound: there is no such project.
        """
        with self._database.read() as session:
            return self._compose(session, project_id, seed, project_state.of(session, project_id))

    def _compose(self, session: Session, project_id: int, seed: int, state: str) -> Composed:
        key = (project_id, seed, state)
        # Whoever asks meanwhile waits, and does not do the same beside it.
        with self._composing:
            if self._composed is None or self._composed[0] != key:
                self._composed = key, snapshots.compose(session, project_id, seed)
            return self._composed[1]

    def of(self, project_id: int, seed: int, input_size: int) -> Material:
        """What a run with this seed and input size would find; raises NotFound."""
        with self._database.read() as session:
            state = project_state.of(session, project_id)
            key = (project_id, seed, input_size, state)
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                sizes = self._compose(session, project_id, seed, state).sizes
            except NothingToTrain:
                sizes = {"train": 0, "val": 0}
            found = Material(
                train=sizes["train"],
                val=sizes["val"],
                sizes=small_boxes.of(session, project_id, input_size, max(INPUT_SIZES), SMALLEST_SIDE),
                wrong=faults.unlearnable(session, project_id),
            )
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return found
