"""Routes of projects: list, create, their classes, their images, and the sample."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, UploadFile
from pydantic import BaseModel, Field

from app.api.shapes import class_shape, fault_shape, image_shape, project_shape, report_shape
from app.bootstrap import Studio
from data.records import ImageStatus


class NameBody(BaseModel):
    """A name someone typed."""

    name: str = Field(min_length=1, max_length=200)


def projects_router(studio: Studio) -> APIRouter:
    """Make the routes under /projects and /samples."""
    router = APIRouter(tags=["projects"])

    @router.get("/projects")
    def list_projects() -> list[dict[str, Any]]:
        """Every project with its counts."""
        return [project_shape(project) for project in studio.labelling.projects()]

    @router.post("/projects", status_code=201)
    def create_project(body: NameBody) -> dict[str, Any]:
        """Create an empty project."""
        return project_shape(studio.labelling.create_project(body.name))

    @router.post("/samples", status_code=201)
    def load_samples() -> dict[str, Any]:
        """Put the sample that ships (80 pictures of workshop parts, 60 of them labelled) into its project."""
        project, report = studio.exchange.load_samples()
        return {"project": project_shape(project), "report": report_shape(report)}

    @router.get("/projects/{project_id}")
    def read_project(project_id: int) -> dict[str, Any]:
        """One project with its classes."""
        project = studio.labelling.project(project_id)
        return {
            **project_shape(project),
            "label_classes": [class_shape(item) for item in studio.labelling.classes(project_id)],
        }

    @router.get("/projects/{project_id}/faults")
    def faults(project_id: int) -> list[dict[str, Any]]:
        """What is probably wrong with the project's labels, the worst first, with the images to open."""
        return [fault_shape(fault) for fault in studio.upkeep.faults(project_id)]

    @router.post("/projects/{project_id}/classes", status_code=201)
    def add_class(project_id: int, body: NameBody) -> dict[str, Any]:
        """Add a class; one of that name that exists already is returned."""
        return class_shape(studio.labelling.add_class(project_id, body.name))

    @router.get("/projects/{project_id}/images")
    def list_images(
        project_id: int,
        after: int | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 60,
        status: ImageStatus | None = None,
    ) -> dict[str, Any]:
        """A page of images in name order; ``next_after`` asks for the next one."""
        page = studio.labelling.images(project_id, after=after, limit=limit, status=status)
        return {
            "images": [image_shape(image) for image in page.images],
            "total": page.total,
            "next_after": page.next_after,
        }

    @router.post("/projects/{project_id}/images")
    def upload_images(project_id: int, files: Annotated[list[UploadFile], File()]) -> dict[str, Any]:
        """Add photographs; each is accepted or refused by itself, the report says which and why."""
        named = ((file.filename or "unnamed", file.file) for file in files)
        return report_shape(studio.exchange.upload(project_id, named))

    return router
