"""Routes of evaluations: the report of a model on a split, and two models side by side.

Measuring takes seconds and goes on in a process of its own. Until it is done, a route answers 202 with how
far it is; ask it again after a moment.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from app.api.models import errand_shape
from app.bootstrap import Studio
from app.services.errands import Errand
from data.records import Split


class CompareBody(BaseModel):
    """The two models to compare, and on which images."""

    model_config = ConfigDict(extra="forbid")

    a: str
    b: str
    split: Split = "val"


def evaluations_router(studio: Studio) -> APIRouter:
    """Make the routes of evaluations, which lie under /models."""
    router = APIRouter(tags=["models"])

    def answer(found: dict[str, Any] | Errand, response: Response) -> dict[str, Any]:
        if isinstance(found, dict):
            return found
        response.status_code = 202
        return errand_shape(found)

    @router.get("/models/{model_id}/evaluation")
    def evaluation(model_id: str, response: Response, split: Split = "val") -> dict[str, Any]:
        """The full report of a model on a split; 202 with ``{state, done, total}`` while it is measured."""
        return answer(studio.evaluations.report(model_id, split), response)

    @router.post("/models/compare")
    def compare(body: CompareBody, response: Response) -> dict[str, Any]:
        """Two models on the same images, with a verdict; 202 with ``{state, done, total}`` while measured."""
        return answer(studio.evaluations.comparison(body.a, body.b, body.split), response)

    return router
