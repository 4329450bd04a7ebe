"""Which labelled images a model is measured on, and what its classes are called there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.examples import example_of
from data import classes, models, runs, snapshots
from data.blobs import Blobs
from data.errors import NotFound
from data.records import Model, Snapshot, SnapshotImage, Split

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ssd_core.example import Example


@dataclass(frozen=True, slots=True)
class LabelledImages:
    """Images with the names of the classes of their boxes, by class id.

    Of images for two models, ``renamed`` says what the first one's classes are called here, by its own names.
    """

    images: tuple[SnapshotImage, ...]
    names: Mapping[int, str]
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Changes with every image and box that a measurement would see."""
        rows = [
            [
                image.image_id,
                image.sha256,
                [[self.names.get(box.class_id), *box.xyxy, box.difficult, box.crowd] for box in image.boxes],
            ]
            for image in self.images
        ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    def examples(self, class_names: Sequence[str], blobs: Blobs) -> list[Example]:
        """The images as the detector is measured by them; boxes of other classes are left out."""
        return [example_of(image, self.names, class_names, blobs) for image in self.images]


def of_model(session: Session, model: Model, split: Split) -> LabelledImages:
    """Read the images of a split for one model.

    ``test`` means the images of its project that are there now. ``train`` and ``val`` mean those of its own
    training as they were frozen; for a model that was not trained here, those that the project has now.
    """
    frozen = _snapshot_of(session, model)
    names = _names(session, model.project_id, frozen)
    if split == "test" or frozen is None:
        return LabelledImages(snapshots.split_images(session, model.project_id, split), names)
    return _part(frozen, split, names)


def of_training(snapshot: Snapshot, split: Split) -> LabelledImages:
    """Take the images of a split from what a run trains on."""
    return _part(snapshot, split, {item.id: item.name for item in snapshot.classes})


def of_both(session: Session, a: Model, b: Model, split: Split) -> LabelledImages:
    """Read the images on which two models of one project can be compared fairly.

    They are of the split for both models. For ``val`` and ``test`` none of them was trained on by either.
    Boxes are those of ``b``'s images, and so are the names of classes.
    """
    theirs, ours = of_model(session, a, split), of_model(session, b, split)
    known = {image.image_id for image in theirs.images}
    seen = set() if split == "train" else trained_on(session, a) | trained_on(session, b)
    images = tuple(image for image in ours.images if image.image_id in known and image.image_id not in seen)
    names = {**theirs.names, **ours.names}
    return LabelledImages(images, names, {name: names[class_id] for class_id, name in theirs.names.items()})


def trained_on(session: Session, model: Model) -> set[int]:
    """Give the ids of the images that a model learnt from, or those did that its training went on from.

    Nothing is known of one that was not trained here.
    """
    found: set[int] = set()
    line: list[str] = []
    earlier: Model | None = model
    while earlier is not None and earlier.id not in line:
        line.append(earlier.id)
        snapshot_id = runs.snapshot_id(session, earlier.run_id)
        found |= set() if snapshot_id is None else snapshots.image_ids(session, snapshot_id, "train")
        earlier = None if earlier.parent_id is None else models.find(session, earlier.parent_id)
    return found


def seen_by(session: Session, model: Model) -> dict[int, Split]:
    """Say by image id in which split a model had images when it was trained here."""
    snapshot_id = runs.snapshot_id(session, model.run_id)
    kept = set() if snapshot_id is None else snapshots.image_ids(session, snapshot_id, "val")
    seen: dict[int, Split] = dict.fromkeys(kept, "val")
    return seen | dict.fromkeys(trained_on(session, model), "train")


def _part(frozen: Snapshot, split: Split, names: Mapping[int, str]) -> LabelledImages:
    return LabelledImages(tuple(image for image in frozen.images if image.split == split), names)


def _snapshot_of(session: Session, model: Model) -> Snapshot | None:
    snapshot_id = runs.snapshot_id(session, model.run_id)
    try:
        return None if snapshot_id is None else snapshots.get(session, snapshot_id)
    except NotFound:
        return None


def _names(session: Session, project_id: int, frozen: Snapshot | None) -> dict[int, str]:
    """Class names by id; a class that was renamed since keeps the name that the model knows it by.

    A newer class that has such a name now is another one: the model was never taught it.
    """
    known = {} if frozen is None else {item.id: item.name for item in frozen.classes}
    now = {item.id: item.name for item in classes.list_all(session, project_id)}
    taken = set(known.values())
    return {**{class_id: name for class_id, name in now.items() if name not in taken}, **known}
