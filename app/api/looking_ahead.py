"""Routes of looking ahead: what a model makes of the images that wait; and of training again on what came."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from app.api.errors import NOT_FOUND
from app.api.run_shapes import run_shape
from app.bootstrap import Studio
from app.services.looking_ahead import LookingState
from app.services.retraining import Offer
from data.records import Model


class LookBody(BaseModel):
    """Whose look it shall be; null for the project's default model."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = None


class LookPatch(BaseModel):
    """Whether looks begin by themselves in the project."""

    model_config = ConfigDict(extra="forbid")

    by_itself: bool


def looking_ahead_router(studio: Studio) -> APIRouter:
    """Make the routes under /projects/{id} of looking ahead and of training again."""
    router = APIRouter(prefix="/projects/{project_id}", tags=["looking ahead"], responses=NOT_FOUND)

    @router.post("/look-ahead", status_code=202)
    def begin(project_id: int, body: LookBody | None = None) -> dict[str, Any]:
        """Have a model look at all unlabelled images, in the background: it suggests boxes and orders them.

        What it has looked at as it is now is not looked at again.
        """
        return _state_shape(studio.looking_ahead.begin(project_id, body.model if body else None))

    @router.get("/look-ahead")
    def read(project_id: int) -> dict[str, Any]:
        """How many of the unlabelled images have been looked at, and by which model."""
        return _state_shape(studio.looking_ahead.state(project_id))

    @router.patch("/look-ahead")
    def change(project_id: int, body: LookPatch) -> dict[str, Any]:
        """Say whether the project's model looks by itself at new images, and each new model at all."""
        return _state_shape(studio.looking_ahead.let_look_by_itself(project_id, wanted=body.by_itself))

    @router.delete("/look-ahead", status_code=204)
    def stop(project_id: int) -> Response:
        """Stop looking after the present image."""
        studio.looking_ahead.stop(project_id)
        return Response(status_code=204)

    @router.get("/retrain-offer")
    def read_offer(project_id: int) -> dict[str, Any]:
        """Whether enough was labelled since the default model was made, and how long a training takes.

        ``batch`` counts how many times as much as is needed that is.
        """
        return _offer_shape(studio.retraining.offer(project_id))

    @router.post("/retrain", status_code=201)
    def retrain(project_id: int) -> dict[str, Any]:
        """Queue a run that goes on from the default model, with the settings that made it."""
        run = studio.retraining.start(project_id)
        studio.workers.want(run.device)
        return run_shape(run, time.time())

    return router


def _state_shape(state: LookingState) -> dict[str, Any]:
    return {
        "state": state.state,
        "done": state.done,
        "total": state.total,
        "model": _model_shape(state.model),
        "error": state.error,
        "ordered": state.ordered,
        "by_itself": state.by_itself,
        "allowed": state.allowed,
    }


def _offer_shape(offer: Offer) -> dict[str, Any]:
    return {
        "offer": offer.offer,
        "new_labels": offer.new_labels,
        "batch": offer.batch,
        "since_model": _model_shape(offer.since_model),
        "seconds": offer.seconds,
    }


def _model_shape(model: Model | None) -> dict[str, str] | None:
    return None if model is None else {"id": model.id, "name": model.name}
