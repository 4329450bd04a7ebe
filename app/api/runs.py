"""Routes of runs: start a training, follow it, stop it, resume it."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.shapes import point_shape, run_shape
from app.bootstrap import Studio


class TrainBody(BaseModel):
    """What a training is asked to be."""

    model_config = ConfigDict(extra="forbid")

    preset: Literal["quick", "balanced", "best"] = "quick"
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    steps: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    minutes: Annotated[float | None, Field(gt=0, le=7 * 24 * 60)] = None
    backbone: str = "efficientnet_lite0"
    input_size: Literal[300, 512] = 300


class StopBody(BaseModel):
    """How a run is to stop: for good, or to be resumed."""

    stop: Literal["cancel", "pause"]


def runs_router(studio: Studio) -> APIRouter:
    """Make the routes of training."""
    router = APIRouter(tags=["runs"])

    @router.get("/training/options")
    def options(project: int) -> dict[str, Any]:
        """Whether a project can be trained on, in a sentence, and the presets to choose from."""
        ready, sentence = studio.training.readiness(project)
        return {"ready": ready, "sentence": sentence, "presets": studio.training.presets()}

    @router.post("/projects/{project_id}/runs", status_code=201)
    def start(project_id: int, body: TrainBody) -> dict[str, Any]:
        """Freeze the dataset and queue a training."""
        options = body.model_dump(exclude={"preset"})
        run = studio.training.start(project_id, body.preset, **options)
        return run_shape(run, time.time())

    @router.get("/projects/{project_id}/runs")
    def list_runs(project_id: int) -> list[dict[str, Any]]:
        """A project's runs, newest first."""
        return [run_shape(run, time.time()) for run in studio.training.runs(project_id)]

    @router.get("/runs/{run_id}")
    def progress(run_id: str, after_step: int = -1) -> dict[str, Any]:
        """How far a run is, with its measured values after a step."""
        view = studio.training.progress(run_id, after_step)
        return {
            "run": run_shape(view.run, time.time()),
            "points": [point_shape(point) for point in view.points],
        }

    @router.post("/runs/{run_id}/stop")
    def stop(run_id: str, body: StopBody) -> dict[str, Any]:
        """Ask a run to stop at its next step."""
        return run_shape(studio.training.stop(run_id, body.stop), time.time())

    @router.post("/runs/{run_id}/resume")
    def resume(run_id: str) -> dict[str, Any]:
        """Queue a paused, failed or cancelled run again; it goes on where it was saved."""
        return run_shape(studio.training.resume(run_id), time.time())

    return router
