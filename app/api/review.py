"""Routes of Review: a model looks for errors in the labels, and a person decides who is right."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.errors import CHANGED_MEANWHILE, NOT_FOUND
from app.api.image_filter import LARGEST_ID
from app.api.shapes import OperationId, box_shape, boxes_shape, class_shape, image_shape
from app.bootstrap import Studio
from app.services.review import ReviewState, Shown
from data.findings import Finding, FindingKind, FindingState


class LookBody(BaseModel):
    """Which model looks; left out, the project's default."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(default=None, max_length=400)


class DecisionBody(BaseModel):
    """What a person says of a finding: ``dismissed`` means that the labels are right as they are."""

    model_config = ConfigDict(extra="forbid")

    state: FindingState


class ChangeBody(BaseModel):
    """The revision of the image that was seen."""

    model_config = ConfigDict(extra="forbid")

    revision: int
    operation_id: OperationId


def review_router(studio: Studio) -> APIRouter:
    """Make the routes under /projects/…/review and /findings."""
    router = APIRouter(tags=["review"], responses=NOT_FOUND)

    @router.post("/projects/{project_id}/review", status_code=202)
    def begin_review(project_id: int, body: LookBody) -> dict[str, Any]:
        """Begin to look for label errors on all labelled and empty images; answers how far it is."""
        return _state_shape(studio.review.look(project_id, body.model))

    @router.delete("/projects/{project_id}/review", status_code=204)
    def stop_review(project_id: int) -> None:
        """Stop looking; what was found by then is told."""
        studio.review.stop(project_id)

    @router.get("/projects/{project_id}/review")
    def read_review(
        project_id: int,
        kind: FindingKind | None = None,
        after: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="a finding's id")] = None,
        limit: Annotated[int, Query(ge=0, le=200)] = 50,
    ) -> dict[str, Any]:
        """How far the look is, and what is in doubt, worst first.

        A finding whose image has changed since is checked again: what was mended is not told any more. Of the
        last look, ``recall`` says which part of the drawn boxes the model finds itself, and ``left_out`` how
        many doubts less bad than these are not told.
        """
        state = studio.review.state(project_id)
        page = studio.review.page(project_id, kind, after, limit) if limit else None
        return {
            **_state_shape(state),
            "findings": [_shown_shape(each) for each in page.shown] if page else [],
            "classes": [class_shape(each) for each in page.classes] if page else [],
            "next_after": page.next_after if page else None,
        }

    @router.post("/findings/{finding_id}")
    def decide_finding(finding_id: int, body: DecisionBody) -> dict[str, Any]:
        """Say that the labels are right as they are, that they were mended, or that it is open again."""
        return _finding_shape(studio.review.decide(finding_id, body.state))

    @router.post("/findings/{finding_id}/draw", responses=CHANGED_MEANWHILE)
    def draw_finding(finding_id: int, body: ChangeBody) -> dict[str, Any]:
        """Do what the model says, as one change of the image; answers all its boxes.

        A missing box is drawn, one that the model does not see deleted; another class or a better fit goes to
        the box that was drawn.
        """
        finding, image, boxes = studio.review.carry_out(finding_id, body.revision, body.operation_id)
        return {**boxes_shape(image, boxes), "finding": _finding_shape(finding)}

    return router


def _state_shape(state: ReviewState) -> dict[str, Any]:
    task, last = state.task, state.last
    return {
        "state": task.state if task else "idle",
        "done": task.done if task else 0,
        "total": task.total if task else 0,
        "error": task.error if task else None,
        "images": state.images,
        "seconds": state.seconds,
        "model": {"id": last.model_id, "name": last.model_name} if last else None,
        "looked": last.images if last else 0,
        "learnt": last.learnt if last else 0,
        "unreadable": list(last.unreadable) if last else [],
        "unreadable_images": last.unreadable_images if last else 0,
        "recall": last.recall if last else None,
        "weak": last.weak if last else False,
        "left_out": last.left_out if last else 0,
        "counts": state.counts["open"],
        "dismissed": sum(state.counts["dismissed"].values()),
        "fixed": sum(state.counts["fixed"].values()),
    }


def _finding_shape(finding: Finding) -> dict[str, Any]:
    doubt = finding.doubt
    return {
        "id": finding.id,
        "image_id": finding.image_id,
        "model_id": finding.model_id,
        "kind": doubt.kind,
        "class_id": doubt.class_id,
        "box": list(doubt.xyxy),
        "box_id": doubt.box_id,
        "score": doubt.score,
        "badness": doubt.badness,
        "state": finding.state,
    }


def _shown_shape(shown: Shown) -> dict[str, Any]:
    return {
        **_finding_shape(shown.finding),
        "image": image_shape(shown.image),
        "boxes": [box_shape(box) for box in shown.boxes],
    }
