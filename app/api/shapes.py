"""The JSON shapes of records, the same in every route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from data.records import (
    Box,
    Edit,
    Image,
    ImportReport,
    LabelClass,
    MetricPoint,
    Model,
    Place,
    Problem,
    Project,
    Run,
)

if TYPE_CHECKING:
    from data.faults import Fault


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


def class_shape(label_class: LabelClass) -> dict[str, Any]:
    """A class for the browser."""
    return {
        "id": label_class.id,
        "name": label_class.name,
        "colour": label_class.colour,
        "position": label_class.position,
        "boxes": label_class.boxes,
    }


def project_shape(project: Project) -> dict[str, Any]:
    """A project with its counts."""
    return {
        "id": project.id,
        "name": project.name,
        "images": project.images,
        "labelled": project.labelled,
        "empty": project.empty,
        "boxes": project.boxes,
        "classes": project.classes,
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
        "version": image.sha256[:12],
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


def problem_shape(problem: Problem) -> dict[str, Any]:
    """One refused thing of an import."""
    return {
        "file": problem.file,
        "line": problem.line,
        "problem": problem.problem,
        "remedy": problem.remedy,
    }


def report_shape(report: ImportReport) -> dict[str, Any]:
    """What an import did."""
    return {
        "added": report.added,
        "existing": report.existing,
        "boxes": report.boxes,
        "classes": list(report.classes),
        "rejected": [problem_shape(problem) for problem in report.rejected],
        "notes": list(report.notes),
    }


def run_shape(run: Run, now: float) -> dict[str, Any]:
    """A run as the Train screen shows it; ``now`` is Unix time and decides what counts as stalled."""
    return {
        "id": run.id,
        "project_id": run.project_id,
        "status": run.status(now),
        "phase": run.phase,
        "params": run.params,
        "step": run.step,
        "total_steps": run.total_steps,
        "epoch": run.epoch,
        "total_epochs": run.total_epochs,
        "seconds_left": run.seconds_left,
        "metrics": run.metrics,
        "error": run.error,
        "model_id": run.model_id,
        "attempts": run.attempts,
        "created": run.created.isoformat(),
        "started": run.started.isoformat() if run.started else None,
        "finished": run.finished.isoformat() if run.finished else None,
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


def point_shape(point: MetricPoint) -> dict[str, Any]:
    """One measured value of a run."""
    return {"step": point.step, "name": point.name, "value": point.value}


def model_shape(model: Model, colours: dict[str, str], thresholds: dict[str, float]) -> dict[str, Any]:
    """A finished model with its classes' colours in the network's order, and the thresholds that suit it."""
    return {
        "id": model.id,
        "project_id": model.project_id,
        "run_id": model.run_id,
        "name": model.name,
        "classes": list(model.classes),
        "colours": [colours.get(name, "#3b82f6") for name in model.classes],
        "metrics": model.metrics,
        "thresholds": thresholds,
        "created": model.created.isoformat(),
    }
