"""Labelling: projects, classes, images and their boxes, as the pages and the API need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data import annotations as boxes_of_images
from data import classes, images, projects
from data.blobs import Blobs
from data.database import Database
from data.records import Box, Edit, Image, ImagePage, ImageStatus, LabelClass, Place, Project
from data.thumbnails import Thumbnails


@dataclass(frozen=True, slots=True)
class LabellingView:
    """All that the editor needs to show one image: one read, one moment."""

    image: Image
    boxes: tuple[Box, ...]
    classes: tuple[LabelClass, ...]
    place: Place


class Labelling:
    """Reads and writes what people draw; every call is one transaction of its own."""

    def __init__(self, database: Database, blobs: Blobs, thumbnails: Thumbnails) -> None:
        self._database = database
        self._blobs = blobs
        self._thumbnails = thumbnails

    def projects(self) -> tuple[Project, ...]:
        """List every project with its counts."""
        with self._database.read() as session:
            return projects.list_all(session)

    def project(self, project_id: int) -> Project:
        """Read one project; raises NotFound."""
        with self._database.read() as session:
            return projects.get(session, project_id)

    def project_by_name(self, name: str) -> Project:
        """Read the project of that name; raises NotFound."""
        with self._database.read() as session:
            return projects.by_name(session, name)

    def create_project(self, name: str) -> Project:
        """Create a project; raises AlreadyExists."""
        with self._database.write() as session:
            return projects.create(session, name)

    def classes(self, project_id: int) -> tuple[LabelClass, ...]:
        """List a project's classes in their order."""
        with self._database.read() as session:
            projects.require(session, project_id)
            return classes.list_all(session, project_id)

    def add_class(self, project_id: int, name: str) -> LabelClass:
        """Add a class at the end; a class of that name that exists already is returned as it is."""
        with self._database.write() as session:
            projects.require(session, project_id)
            return classes.get_or_create(session, project_id, name)

    def images(
        self, project_id: int, after: int | None = None, limit: int = 60, status: ImageStatus | None = None
    ) -> ImagePage:
        """Read a page of images in name order, after the image with the id given."""
        with self._database.read() as session:
            projects.require(session, project_id)
            return images.page(session, project_id, after=after, limit=limit, status=status)

    def image(self, image_id: int) -> Image:
        """Read one image; raises NotFound."""
        with self._database.read() as session:
            return images.get(session, image_id)

    def image_for_labelling(self, image_id: int) -> LabellingView:
        """Read an image with its boxes, its project's classes and its neighbours."""
        with self._database.read() as session:
            image = images.get(session, image_id)
            return LabellingView(
                image=image,
                boxes=boxes_of_images.read(session, image_id),
                classes=classes.list_all(session, image.project_id),
                place=images.place(session, image_id),
            )

    def save_boxes(self, image_id: int, boxes: Sequence[Box], revision: int, operation_id: str) -> Image:
        """Replace an image's boxes if it still is at ``revision``; repeating an operation changes nothing.

        Raises:
            StaleRevision: the image changed meanwhile.
            InvalidBox: a box cannot be stored.
        """
        with self._database.write() as session:
            return boxes_of_images.replace(session, image_id, boxes, revision, operation_id)

    def mark_empty(self, image_id: int, revision: int, operation_id: str, *, empty: bool) -> Image:
        """Say that an image without boxes was checked and holds nothing, or take that back."""
        with self._database.write() as session:
            return boxes_of_images.mark_empty(session, image_id, revision, operation_id, empty=empty)

    def history(self, image_id: int) -> tuple[Edit, ...]:
        """Read every change of an image, the oldest first; raises NotFound."""
        with self._database.read() as session:
            images.get(session, image_id)
            return boxes_of_images.history(session, image_id)

    def restore(self, image_id: int, earlier: int, revision: int, operation_id: str) -> Image:
        """Put an earlier revision's boxes and status back; 0 is the image as it came.

        Raises:
            NotFound: there is no such image, or it never had this revision.
            StaleRevision: the image changed meanwhile.
        """
        with self._database.write() as session:
            return boxes_of_images.restore(session, image_id, earlier, revision, operation_id)

    def delete_image(self, image_id: int) -> None:
        """Remove an image and its boxes from the project; its file stays for the snapshots that use it."""
        with self._database.write() as session:
            images.delete(session, image_id)

    def thumbnail(self, image_id: int) -> Path:
        """Path of the image's small copy, made on demand."""
        return self._thumbnails.thumbnail(self.image(image_id).sha256)

    def display(self, image_id: int) -> tuple[Path, str]:
        """Path and MIME type of a copy of at most 2048 px, made on demand."""
        return self._thumbnails.display(self.image(image_id).sha256)

    def file(self, image_id: int) -> tuple[Path, str]:
        """Path and MIME type of the stored upright image."""
        image = self.image(image_id)
        return self._blobs.path(image.sha256), image.mime
