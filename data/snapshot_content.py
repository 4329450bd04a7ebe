"""A snapshot's content: the text that is stored, and its hash, without an object for each box."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from data.annotations import box_from_json
from data.box_overlap import Corners
from data.database import WrittenJson, dump_json
from data.records import LabelClass, Snapshot, SnapshotImage, Split

#: Where an image's id and split stand in its stored list.
ID_PLACE, SPLIT_PLACE = 0, 5

_hashed_json = json.JSONEncoder(separators=(",", ":")).encode


class ImageFacts(Protocol):
    """What a snapshot keeps of an image beside its boxes."""

    id: int
    name: str
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class WrittenBoxes:
    """An image's boxes and rejected suggestions, as they are stored and as they are hashed."""

    stored: str
    hashed: str
    class_ids: frozenset[int]


class SnapshotContent:
    """Writes a snapshot's content, image by image."""

    def __init__(self, label_classes: Sequence[LabelClass]) -> None:
        self._classes = label_classes
        self._index = {label_class.id: number for number, label_class in enumerate(label_classes)}
        self._boxes: Counter[int] = Counter()
        self._images: Counter[Split] = Counter()
        self._stored: list[str] = []
        self._hashed: list[tuple[str, str, str]] = []

    def write_boxes(self, boxes: Iterable[Sequence[Any]], rejected: Sequence[Corners]) -> WrittenBoxes:
        """Write what is drawn on an image.

        Args:
            boxes: the fields of each :class:`Box` in their order, as they come from the database.
            rejected: where suggestions were rejected.
        """
        stored = [[*box[:7], int(box[7]), int(box[8])] for box in boxes]
        hashed = sorted([self._index[box[1]], *box[2:6], box[7] > 0, box[8] > 0] for box in stored)
        self._boxes.update(box[1] for box in stored)
        # Rejections only where there are any: the hash of what has none stays as before they counted.
        return WrittenBoxes(
            dump_json([stored, rejected] if rejected else [stored])[1:-1],
            _hashed_json([hashed, sorted(rejected)] if rejected else [hashed])[1:-1],
            frozenset(box[1] for box in stored),
        )

    def add(self, image: ImageFacts, split: Split, boxes: WrittenBoxes) -> None:
        """Add an image; in order of id."""
        facts = [image.name, image.sha256, image.width, image.height, split]
        self._stored.append(f"{dump_json([image.id, *facts])[:-1]},{boxes.stored}]")
        self._hashed.append((image.name, image.sha256, f"{_hashed_json(facts)[:-1]},{boxes.hashed}]"))
        self._images[split] += 1

    @property
    def classes(self) -> tuple[LabelClass, ...]:
        """The classes with their numbers of boxes."""
        return tuple(replace(entry, boxes=self._boxes[entry.id]) for entry in self._classes)

    @property
    def sizes(self) -> dict[Split, int]:
        """How many images each split has."""
        return {split: self._images[split] for split in ("train", "val", "test")}

    def text(self) -> WrittenJson:
        """The content as it is stored; ``read`` takes it apart again."""
        described = dump_json([[c.id, c.name, c.colour, c.position] for c in self._classes])
        return WrittenJson(f'{{"classes":{described},"images":[{",".join(self._stored)}]}}')

    def hash(self) -> str:
        """The SHA-256 of the content, the same in every workspace.

        Ids, colours, and the order of images and boxes do not matter; the order of classes does.
        """
        names = _hashed_json([entry.name for entry in self._classes])
        images = ",".join(text for _, _, text in sorted(self._hashed))
        return hashlib.sha256(f"[{names},[{images}]]".encode()).hexdigest()


def read(snapshot_id: str, project_id: int, content_hash: str, content: Mapping[str, Any]) -> Snapshot:
    """Make a snapshot of its stored content."""
    images = tuple(
        SnapshotImage(
            *(image_id, name, sha256, width, height, split),
            boxes=tuple(map(box_from_json, boxes)),
            rejected_xyxy=tuple(tuple(place) for place in (rejected[0] if rejected else ())),
        )
        for image_id, name, sha256, width, height, split, boxes, *rejected in content["images"]
    )
    numbers = Counter(box.class_id for image in images for box in image.boxes)
    return Snapshot(
        id=snapshot_id,
        project_id=project_id,
        content_hash=content_hash,
        classes=tuple(
            LabelClass(class_id, project_id, name, colour, position, numbers[class_id])
            for class_id, name, colour, position in content["classes"]
        ),
        images=images,
    )
