"""The JSON shapes of records, the same in every route."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.services.training import USEFUL_IMAGES
from data.records import (
    Box,
    Edit,
    Image,
    LabelClass,
    Model,
    Place,
    Project,
    Suggestion,
)

if TYPE_CHECKING:
    from app.services.labelling import Card
    from app.services.tasks import Task
    from data.browsing import Tallies
    from data.bulk import BulkChange
    from data.faults import Fault
    from data.looks import Look

#: Chosen by the caller once per change, so that a change sent again does nothing.
OperationId = Annotated[str, Field(min_length=8, max_length=64)]
SuggestionIds = Annotated[list[int], Field(max_length=5000)]


class BoxBody(BaseModel):
    """A box as the browser sends it: ``box`` is float xyxy pixels of the upright image."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    class_id: int
    box: tuple[float, float, float, float]
    source: str = Field(default="person", max_length=80)
    difficult: bool = False
    crowd: bool = False

    def record(self) -> Box:
        """The dataset's record of this box."""
        x0, y0, x1, y1 = self.box
        return Box(self.id, self.class_id, x0, y0, x1, y1, self.source, self.difficult, self.crowd)


def box_shape(box: Box) -> dict[str, Any]:
    """A box for the browser."""
    return {
        "id": box.id,
        "class_id": box.class_id,
        "box": list(box.xyxy),
        "source": box.source,
        "difficult": box.difficult,
        "crowd": box.crowd,
    }


def boxes_shape(image: Image, boxes: Sequence[Box]) -> dict[str, Any]:
    """An image's boxes with the revision that they are of."""
    return {
        "revision": image.revision,
        "status": image.status,
        "boxes": [box_shape(box) for box in boxes],
    }


def class_shape(label_class: LabelClass) -> dict[str, Any]:
    """A class for the browser."""
    return {
        "id": label_class.id,
        "name": label_class.name,
        "colour": label_class.colour,
        "position": label_class.position,
        "boxes": label_class.boxes,
        "archived": label_class.archived,
    }


def project_shape(project: Project, updated: datetime) -> dict[str, Any]:
    """A project with its counts; ``updated`` is when something of it was changed last.

    ``to_train`` is how many more images must be labelled before a training is worth its time.
    """
    return {
        "id": project.id,
        "name": project.name,
        "images": project.images,
        "labelled": project.labelled,
        "empty": project.empty,
        "boxes": project.boxes,
        "classes": project.classes,
        "to_train": max(0, USEFUL_IMAGES - (project.labelled + project.empty - project.tested)),
        "archived": project.archived.isoformat() if project.archived else None,
        "updated": updated.isoformat(),
    }


def image_shape(image: Image) -> dict[str, Any]:
    """An image without its boxes; ``version`` changes with the picture and belongs in its URLs."""
    return {
        "id": image.id,
        "project_id": image.project_id,
        "name": image.name,
        "width": image.width,
        "height": image.height,
        "status": image.status,
        "split": image.split,
        "revision": image.revision,
        "boxes": image.boxes,
        "flag": image.flag,
        "note": image.note,
        "warning": image.warning,
        "version": image.sha256[:12],
    }


def card_shape(card: Card, *, with_boxes: bool = False) -> dict[str, Any]:
    """An image as a grid shows it, with ``drawn`` as class id and float xyxy pixels if it is wanted."""
    drawn = {"drawn": [list(box) for box in card.drawn]} if with_boxes else {}
    return {
        **image_shape(card.image),
        "suggestions": card.suggestions,
        "look": look_shape(card.look),
        **drawn,
    }


def look_shape(look: Look | None) -> dict[str, Any] | None:
    """What the last model that looked made of an image that waits for labels, and why it is worth one."""
    if look is None:
        return None
    return {
        "uncertainty": look.uncertainty,
        "usefulness": look.usefulness,
        "reason": look.reason,
        "model_id": look.model_id,
    }


def tallies_shape(tallies: Tallies) -> dict[str, int]:
    """How many images each filter finds."""
    return {
        "unlabelled": tallies.unlabelled,
        "labelled": tallies.labelled,
        "empty": tallies.empty,
        "flagged": tallies.flagged,
        "suggested": tallies.suggested,
        "total": tallies.total,
        "bin": tallies.bin,
    }


def task_shape(task: Task) -> dict[str, Any]:
    """How far a task is, and what came of it."""
    return {
        "id": task.id,
        "state": task.state,
        "done": task.done,
        "total": task.total,
        "report": task.report,
        "error": task.error,
        "project_id": task.project_id,
    }


def bulk_shape(done: BulkChange) -> dict[str, Any]:
    """What a change to many images did; each entry of ``undo`` is a request that takes a part of it back."""
    return {
        "changed": done.changed,
        "skipped": [{"id": each.id, "name": each.name, "problem": each.problem} for each in done.skipped],
        "skipped_total": done.skipped_total,
        "undo": [
            {"action": step.action, "value": step.value, "ids": list(step.image_ids)} for step in done.undo
        ],
    }


def place_shape(place: Place) -> dict[str, Any]:
    """Where an image stands in its project."""
    return {
        "number": place.number,
        "total": place.total,
        "previous_id": place.previous_id,
        "next_id": place.next_id,
        "next_unlabelled_id": place.next_unlabelled_id,
    }


def suggestion_shape(suggestion: Suggestion) -> dict[str, Any]:
    """A model's box that nobody has decided on; ``box`` is float xyxy pixels of the upright image."""
    return {
        "id": suggestion.id,
        "class_id": suggestion.class_id,
        "box": [suggestion.x0, suggestion.y0, suggestion.x1, suggestion.y1],
        "score": suggestion.score,
        "model_id": suggestion.model_id,
    }


def edit_shape(edit: Edit) -> dict[str, Any]:
    """One change of an image: who, when, what, and the state it left."""
    return {
        "revision": edit.revision,
        "action": edit.action,
        "author": edit.author,
        "created": edit.created.isoformat(),
        "status": edit.status,
        "boxes": [box_shape(box) for box in edit.boxes],
        "restored": edit.restored,
    }


def fault_shape(fault: Fault) -> dict[str, Any]:
    """What is probably wrong with a project's labels, and the images to open."""
    return {
        "kind": fault.kind,
        "problem": fault.problem,
        "remedy": fault.remedy,
        "count": fault.count,
        "images": [{"id": image.id, "name": image.name, "detail": image.detail} for image in fault.images],
    }


def model_shape(
    model: Model, colours: dict[str, str], thresholds: dict[str, Any], lineage: dict[str, Any]
) -> dict[str, Any]:
    """A model with its classes' colours in the network's order, its thresholds, and where it comes from."""
    return {
        "id": model.id,
        "project_id": model.project_id,
        "run_id": model.run_id,
        "name": model.name,
        "classes": list(model.classes),
        "colours": [colours.get(name, "#3b82f6") for name in model.classes],
        "metrics": model.metrics,
        "params": model.params,
        "note": model.note,
        "is_default": model.is_default,
        "parent_id": model.parent_id,
        "thresholds": thresholds,
        "lineage": lineage,
        "created": model.created.isoformat(),
        "deleted": model.deleted.isoformat() if model.deleted else None,
    }
