"""Routes of projects: list, create, name, archive and delete them, add photographs, and the sample."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.api.shapes import class_shape, fault_shape, project_shape
from app.bootstrap import Studio
from app.services.reports import import_report_shape


class NameBody(BaseModel):
    """A name someone typed."""

    name: str = Field(min_length=1, max_length=200)


class ProjectBody(BaseModel):
    """What shall be different about a project; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    archived: bool | None = None


def projects_router(studio: Studio) -> APIRouter:
    """Make the routes under /projects and /samples."""
    router = APIRouter(tags=["projects"])

    @router.get("/projects")
    def list_projects() -> list[dict[str, Any]]:
        """Every project with its counts, since when it is archived, and when it was changed last."""
        return [project_shape(*listed) for listed in studio.organising.projects()]

    @router.post("/projects", status_code=201)
    def create_project(body: NameBody) -> dict[str, Any]:
        """Create an empty project."""
        made = studio.labelling.create_project(body.name)
        return project_shape(*studio.organising.project(made.id))

    @router.post("/samples", status_code=201)
    def load_samples() -> dict[str, Any]:
        """Put the sample that ships (80 pictures of workshop parts, 60 of them labelled) into its project."""
        project, report = studio.exchange.load_samples()
        shape = project_shape(*studio.organising.project(project.id))
        return {"project": shape, "report": import_report_shape(report)}

    @router.get("/projects/{project_id}")
    def read_project(project_id: int) -> dict[str, Any]:
        """One project with its classes."""
        return {
            **project_shape(*studio.organising.project(project_id)),
            "label_classes": [class_shape(item) for item in studio.organising.classes(project_id)],
        }

    @router.patch("/projects/{project_id}")
    def change_project(project_id: int, body: ProjectBody) -> dict[str, Any]:
        """Rename or archive a project; 409 for a name in use."""
        changed = studio.organising.change_project(project_id, name=body.name, archived=body.archived)
        return project_shape(*changed)

    @router.delete("/projects/{project_id}", status_code=204)
    def delete_project(
        project_id: int, name: Annotated[str, Query(description="the project's name, typed again")]
    ) -> Response:
        """Delete a project for good: images, boxes, history, runs, models, and the files nothing else needs.

        422 if the name is another one, 409 while one of its runs has not ended.
        """
        studio.organising.delete_project(project_id, name)
        return Response(status_code=204)

    @router.get("/projects/{project_id}/faults")
    def faults(project_id: int) -> list[dict[str, Any]]:
        """What is probably wrong with the project's labels, the worst first, with the images to open."""
        return [fault_shape(fault) for fault in studio.upkeep.faults(project_id)]

    @router.post("/projects/{project_id}/images")
    def upload_images(project_id: int, files: Annotated[list[UploadFile], File()]) -> dict[str, Any]:
        """Add photographs; each is accepted or refused by itself, the report says which and why."""
        named = ((file.filename or "unnamed", file.file) for file in files)
        return import_report_shape(studio.exchange.upload(project_id, named))

    return router
