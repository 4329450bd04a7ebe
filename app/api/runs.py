"""Routes of runs: look before one, start it, follow it, stop it, resume it, and read what it left."""

from __future__ import annotations

import csv
import io
import json
import time
from collections import defaultdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.run_shapes import point_shape, preflight_shape, run_shape
from app.bootstrap import Studio
from app.services.run_params import IMAGENET, LARGEST_BATCH, LONGEST_MINUTES, MOST_EPOCHS, MOST_STEPS, Wanted
from app.settings import DEVICE
from data.records import MetricPoint

#: No log has more bytes, and no file system can be asked for a byte far beyond.
LARGEST_LOG = 2**40
Priority = Annotated[int, Field(ge=0, le=1000)]


class TrainBody(BaseModel):
    """What a training is asked to be; of steps, epochs and minutes at most one."""

    model_config = ConfigDict(extra="forbid")

    preset: Literal["quick", "balanced", "best"] = "quick"
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    steps: Annotated[int | None, Field(ge=1, le=MOST_STEPS)] = None
    epochs: Annotated[int | None, Field(ge=1, le=MOST_EPOCHS)] = None
    minutes: Annotated[float | None, Field(gt=0, le=LONGEST_MINUTES)] = None
    backbone: str | None = None
    input_size: Literal[300, 512] | None = None
    batch: Annotated[int | None, Field(ge=1, le=LARGEST_BATCH)] = None
    augmentation: Literal["none", "light", "standard", "strong"] | None = None
    start: str = IMAGENET
    device: Annotated[str | None, Field(pattern=DEVICE)] = None
    priority: Priority = 10


class StopBody(BaseModel):
    """How a run is to stop: for good, to be resumed, or with its best so far as a model."""

    model_config = ConfigDict(populate_by_name=True)

    how: Literal["cancel", "pause", "finish"] = Field(alias="stop")


class Changes(BaseModel):
    """Settings that a resumed run may have others of; of any else it is said that a new run is needed."""

    model_config = ConfigDict(extra="allow")

    batch: Annotated[int | None, Field(ge=1, le=LARGEST_BATCH)] = None
    backbone: str | None = None
    input_size: Literal[300, 512] | None = None
    device: Annotated[str | None, Field(pattern=DEVICE)] = None

    def wanted(self) -> dict[str, Any]:
        """What is to be different; null leaves a setting as it is, but stands for any device."""
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name == "device"}


class ResumeBody(BaseModel):
    """What is to be different when a run is resumed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    changes: Changes = Field(default_factory=Changes)


class RunPatch(BaseModel):
    """What can be changed of a run that waits."""

    model_config = ConfigDict(extra="forbid")

    priority: Priority


def runs_router(studio: Studio) -> APIRouter:
    """Make the routes of training."""
    router = APIRouter(tags=["runs"])
    _add_beginning(router, studio)
    _add_course(router, studio)
    _add_traces(router, studio)
    return router


def _add_beginning(router: APIRouter, studio: Studio) -> None:
    @router.get("/training/options")
    def options(project: int) -> dict[str, Any]:
        """Whether a project can be trained on, in a sentence, and the presets with the time they take."""
        ready, sentence = studio.training.readiness(project)
        presets = studio.training.presets()
        seconds = studio.preflight.preset_seconds(project, [preset["name"] for preset in presets])
        for preset in presets:
            preset["seconds"], preset["measured"] = seconds[preset["name"]]
        return {"ready": ready, "sentence": sentence, "presets": presets}

    @router.post("/projects/{project_id}/preflight")
    def preflight(project_id: int, body: TrainBody, measure: bool = True) -> dict[str, Any]:
        """What a run needs and whether it is there, and the promised time.

        While ``promise.measuring`` is true, ten steps are timed in the background: ask again.
        """
        return preflight_shape(
            studio.preflight.look(project_id, Wanted(**body.model_dump()), measure=measure)
        )

    @router.post("/projects/{project_id}/validation-split")
    def validation_split(project_id: int) -> dict[str, int]:
        """Free the images given to training by hand, so that each run keeps a part for validation."""
        return {"changed": studio.preflight.make_validation_split(project_id)}

    @router.get("/projects/{project_id}/augmentation-preview", response_class=Response)
    def augmentation(
        project_id: int,
        image_id: int,
        policy: Literal["none", "light", "standard", "strong"] = "standard",
        seed: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        """One variation of an image as JPEG; the header ``X-Boxes`` holds its size and boxes as JSON."""
        picture, boxes = studio.augmentation.picture(project_id, image_id, policy, seed)
        headers = {"X-Boxes": json.dumps(boxes), "Cache-Control": "private, max-age=60"}
        return Response(picture, media_type="image/jpeg", headers=headers)

    @router.post("/projects/{project_id}/runs", status_code=201)
    def start(project_id: int, body: TrainBody) -> dict[str, Any]:
        """Freeze the dataset and queue a training."""
        run = studio.training.start(project_id, **body.model_dump())
        studio.workers.want(run.device)
        return run_shape(run, time.time())

    @router.get("/projects/{project_id}/runs")
    def list_runs(project_id: int, limit: Annotated[int, Query(ge=1, le=500)] = 20) -> list[dict[str, Any]]:
        """A project's runs, newest first."""
        return [run_shape(run, time.time()) for run in studio.training.runs(project_id, limit)]


def _add_course(router: APIRouter, studio: Studio) -> None:
    @router.get("/runs/{run_id}")
    def progress(run_id: str, after_step: int = -1) -> dict[str, Any]:
        """How far a run is, with its measured values after a step."""
        view = studio.training.progress(run_id, after_step)
        return {
            "run": run_shape(view.run, time.time()),
            "points": [point_shape(point) for point in view.points],
        }

    @router.patch("/runs/{run_id}")
    def change(run_id: str, body: RunPatch) -> dict[str, Any]:
        """Move a run in the queue; lower goes first."""
        return run_shape(studio.training.prioritise(run_id, body.priority), time.time())

    @router.post("/runs/{run_id}/stop")
    def stop(run_id: str, body: StopBody) -> dict[str, Any]:
        """Ask a run to stop at its next step."""
        run = studio.training.stop(run_id, body.how)
        if body.how == "finish" and run.outcome is None:
            studio.workers.want(run.device)
        return run_shape(run, time.time())

    @router.post("/runs/{run_id}/resume")
    def resume(run_id: str, body: ResumeBody | None = None) -> dict[str, Any]:
        """Queue a paused, failed or cancelled run again; it goes on where it was saved.

        With another batch, backbone or input size it begins anew.
        """
        run = studio.training.resume(run_id, body.changes.wanted() if body else None)
        studio.workers.want(run.device)
        return run_shape(run, time.time())


def _add_traces(router: APIRouter, studio: Studio) -> None:
    @router.get("/runs/{run_id}/metrics")
    def metrics(run_id: str, after_step: int = -1) -> list[dict[str, Any]]:
        """All values measured after a step, in order of step and name."""
        points = studio.training.progress(run_id, after_step).points
        return [point_shape(point) for point in points]

    @router.get("/runs/{run_id}/metrics.csv", response_class=Response)
    def metrics_csv(run_id: str) -> Response:
        """All measured values as a table: a line for each step, a column for each name."""
        text = as_csv(studio.training.curves(run_id))
        return Response(text, media_type="text/csv; charset=utf-8", headers=_file(f"{run_id}.csv"))

    @router.get("/runs/{run_id}/metrics.json")
    def metrics_json(run_id: str) -> Response:
        """All measured values by name, each as pairs of step and value."""
        text = json.dumps(by_name(studio.training.curves(run_id)))
        return Response(text, media_type="application/json", headers=_file(f"{run_id}.json"))

    @router.get("/runs/{run_id}/log")
    def log(run_id: str, after: Annotated[int | None, Query(ge=0, le=LARGEST_LOG)] = None) -> dict[str, Any]:
        """A part of a run's log from a byte on, or the end of it, and where the next part begins."""
        text, following = studio.training.log(run_id, after)
        return {"text": text, "next": following}

    @router.get("/runs/{run_id}/progress-images")
    def progress_images(run_id: str) -> list[dict[str, Any]]:
        """Four validation photographs, and what was found on them at each validation."""
        return studio.training.progress_images(run_id)


def by_name(points: tuple[MetricPoint, ...]) -> dict[str, list[list[float]]]:
    """Measured values by name, each as pairs of step and value."""
    named: dict[str, list[list[float]]] = defaultdict(list)
    for point in points:
        named[point.name].append([point.step, point.value])
    return dict(named)


def as_csv(points: tuple[MetricPoint, ...]) -> str:
    """Measured values as CSV: a line for each step, a column for each name."""
    names = sorted({point.name for point in points})
    rows: dict[int, dict[str, float]] = defaultdict(dict)
    for point in points:
        rows[point.step][point.name] = point.value
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *names])
    for step in sorted(rows):
        writer.writerow([step, *(rows[step].get(name, "") for name in names)])
    return text.getvalue()


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
