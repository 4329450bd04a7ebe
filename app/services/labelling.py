"""Labelling: projects, classes, images and their boxes, as the pages and the API need them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from data import annotations as boxes_of_images
from data import browsing, bulk, classes, images, looks, model_classes, models, projects, suggestions
from data.blobs import Blobs
from data.browsing import DrawnBox, Tallies
from data.bulk import BulkAction, BulkChange
from data.database import Database
from data.errors import NotFound
from data.image_filter import EVERY
from data.looks import Look
from data.records import (
    Box,
    Edit,
    Image,
    ImageFilter,
    ImagePage,
    LabelClass,
    Model,
    Place,
    Project,
    Split,
    Suggestion,
)
from data.thumbnails import Thumbnails

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

Corners = tuple[float, float, float, float]
#: The shortest side, in pixels, of what is left of a found box that reaches out of its image.
_MIN_SIDE = 1.0


@dataclass(frozen=True, slots=True)
class Card:
    """An image as a grid shows it: ``suggestions`` are open ones, ``drawn`` is empty unless asked for.

    An image that a person labelled has none: whoever did it was done with the image.
    """

    image: Image
    suggestions: int
    drawn: tuple[DrawnBox, ...] = ()
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class CardPage:
    """A page of cards in the order asked for; ``next_after`` continues it, None at the end."""

    cards: tuple[Card, ...]
    total: int
    next_after: int | None


@dataclass(frozen=True, slots=True)
class CardStrip:
    """Cards that follow each other; ``number`` is the place of the first among all ``total``, from 1."""

    cards: tuple[Card, ...]
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class LabellingView:
    """All that the editor needs to show one image: one read, one moment.

    ``suggesting`` are the models that the open suggestions come from.
    """

    image: Image
    boxes: tuple[Box, ...]
    classes: tuple[LabelClass, ...]
    place: Place
    suggestions: tuple[Suggestion, ...]
    suggesting: tuple[Model, ...]
    look: Look | None


class Labelling:
    """Reads and writes what people draw; every call is one transaction of its own."""

    #: Days for which a deleted image can be put back.
    days_in_bin = images.DAYS_IN_BIN

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

    def images(self, project_id: int, limit: int = 60, wanted: ImageFilter = EVERY) -> ImagePage:
        """Read the first page of the images wanted."""
        with self._database.read() as session:
            projects.require(session, project_id)
            return images.page(session, project_id, limit=limit, wanted=wanted)

    def cards(
        self,
        project_id: int,
        wanted: ImageFilter = EVERY,
        *,
        after: int | None = None,
        offset: int = 0,
        limit: int = 60,
        with_boxes: bool = False,
    ) -> CardPage:
        """Read a page of the images wanted as a grid shows them; raises NotFound."""
        with self._database.read() as session:
            projects.require(session, project_id)
            page = images.page(session, project_id, after, limit, wanted, offset)
            cards = _cards(session, page.images, with_boxes=with_boxes)
            return CardPage(cards, page.total, page.next_after)

    def cards_around(
        self, project_id: int, image_id: int, earlier: int, later: int, wanted: ImageFilter = EVERY
    ) -> CardStrip:
        """Read an image of a project with those before and behind it among the images wanted.

        Raises:
            NotFound: the project has no such image, or only in its bin.
        """
        with self._database.read() as session:
            projects.require(session, project_id)
            image = _present(session, image_id)
            if image.project_id != project_id:
                raise NotFound(f"Project {project_id} has no image {image_id}.")
            found = browsing.around(session, image_id, earlier, later, wanted)
            cards = _cards(session, found.images, with_boxes=True)
            return CardStrip(cards, found.number, found.total)

    def tallies(self, project_id: int) -> Tallies:
        """Count what each filter of a project would find; raises NotFound."""
        with self._database.read() as session:
            projects.require(session, project_id)
            return browsing.tallies(session, project_id)

    def change_many(
        self,
        project_id: int,
        action: BulkAction,
        value: bool | str | None,
        chosen: Sequence[int] | ImageFilter,
    ) -> BulkChange:
        """Change one thing of many images, by their ids or all that a filter finds; raises NotFound."""
        with self._database.write() as session:
            projects.require(session, project_id)
            return bulk.change(session, project_id, action, value, chosen)

    def bin(self, project_id: int, offset: int = 0, limit: int = 60) -> CardPage:
        """Read a page of a project's bin, the last deleted first; raises NotFound."""
        with self._database.read() as session:
            projects.require(session, project_id)
            found = images.discarded(session, project_id, limit, offset)
            total = images.count_discarded(session, project_id)
            return CardPage(tuple(Card(image, 0) for image in found), total, None)

    def clear_bin(self, project_id: int) -> int:
        """Remove for good all that lies in a project's bin; gives the number of images; raises NotFound."""
        with self._database.write() as session:
            projects.require(session, project_id)
            return images.clear_bin(session, project_id)

    def empty_old_bins(self) -> int:
        """Remove for good what lies in any project's bin for longer than it is kept."""
        with self._database.write() as session:
            removed = images.empty_bin(session, datetime.now(UTC), self.days_in_bin)
        if removed:
            log.info("%d images lay in the bin for %d days and were removed.", removed, self.days_in_bin)
        return removed

    def image(self, image_id: int) -> Image:
        """Read one image; raises NotFound."""
        with self._database.read() as session:
            return images.get(session, image_id)

    def change_image(
        self,
        image_id: int,
        *,
        flag: bool | None = None,
        note: str | None = None,
        split: Split | Literal["none"] | None = None,
    ) -> Image:
        """Give an image another flag, note or split, ``none`` for no split; what is None stays.

        Raises:
            InvalidName: the note is too long.
            NotFound: there is no such image, or it lies in the bin.
        """
        with self._database.write() as session:
            return images.change(session, image_id, flag=flag, note=note, split=split)

    def image_for_labelling(self, image_id: int, wanted: ImageFilter = EVERY) -> LabellingView:
        """Read an image with its boxes, its project's classes and its neighbours among those wanted."""
        with self._database.read() as session:
            image = _present(session, image_id)
            drawn = boxes_of_images.read(session, image_id)
            known = classes.list_all(session, image.project_id)
            in_use = {each.id for each in known if not each.archived}
            suggested = suggestions.undecided(session, image_id, drawn, in_use)
            return LabellingView(
                image=image,
                boxes=drawn,
                classes=known,
                place=browsing.place(session, image_id, wanted),
                suggestions=suggested,
                suggesting=_models_of(session, suggested),
                look=looks.of_images(session, [image_id]).get(image_id),
            )

    def boxes(self, image_id: int) -> tuple[Image, tuple[Box, ...]]:
        """Read an image with its boxes.

        Raises:
            NotFound: there is no such image, or it lies in the bin.
        """
        with self._database.read() as session:
            return _present(session, image_id), boxes_of_images.read(session, image_id)

    def accept_suggestions(
        self, image_id: int, suggestion_ids: Sequence[int], revision: int, operation_id: str
    ) -> tuple[Image, tuple[Box, ...]]:
        """Draw suggestions as boxes of their model, as one change; gives the image and all its boxes.

        Raises:
            NotFound: there is no such image, or a suggestion is not its own or was rejected.
            StaleRevision: the image changed meanwhile.
        """
        with self._database.write() as session:
            suggestions.accept(session, image_id, suggestion_ids, revision, operation_id)
            # Sent again after others followed, it gives what is there now: revision and boxes must fit.
            return images.get(session, image_id), boxes_of_images.read(session, image_id)

    def reject_suggestions(self, image_id: int, suggestion_ids: Sequence[int]) -> None:
        """Note that nobody wants these suggestions; raises NotFound."""
        with self._database.write() as session:
            suggestions.reject(session, image_id, suggestion_ids)

    def suggest(
        self, image_id: int, model_id: str, found: Sequence[tuple[str, Corners, float]]
    ) -> tuple[Suggestion, ...]:
        """Suggest what a model found: class names, xyxy in pixels of the upright image, and scores.

        Classes that the project has not, and parts outside the image, are left out.

        Raises:
            InvalidBox: a score is not 0 to 1.
            NotFound: there is no such image or model.
        """
        with self._database.read() as session:
            image = _present(session, image_id)
            # A large snapshot is searched for them, which those who save need not wait for.
            ids = model_classes.class_ids(session, image.project_id, model_id)
        with self._database.write() as session:
            _present(session, image_id)
            there = {item.id for item in classes.list_all(session, image.project_id)}
            drawn = [
                (box, score)
                for name, corners, score in found
                if ids.get(name) in there and (box := _cut(ids[name], corners, image)) is not None
            ]
            return suggestions.offer(session, image_id, model_id, drawn)

    def save_boxes(
        self,
        image_id: int,
        boxes: Sequence[Box],
        revision: int,
        operation_id: str,
        *,
        rejected: Sequence[int] = (),
        reopened: Sequence[int] = (),
    ) -> tuple[Image, tuple[int, ...]]:
        """Replace an image's boxes if it still is at ``revision``; repeating an operation changes nothing.

        Suggestions whose boxes are among them are accepted thereby, and what else was decided on suggestions
        is noted; gives the image, and those rejected that a newer look had replaced meanwhile.

        Raises:
            StaleRevision: the image changed meanwhile.
            InvalidBox: a box cannot be stored.
        """
        with self._database.write() as session:
            image = boxes_of_images.replace(session, image_id, boxes, revision, operation_id)
            if image.revision != images.get(session, image_id).revision:
                return image, ()  # sent again after others followed, whose decisions count
            return image, suggestions.settle(session, image_id, boxes, rejected, reopened)

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
            image = boxes_of_images.restore(session, image_id, earlier, revision, operation_id)
            suggestions.settle(session, image_id, boxes_of_images.read(session, image_id))
            return image

    def delete_image(self, image_id: int) -> None:
        """Put an image into the bin with all it has; raises NotFound."""
        with self._database.write() as session:
            images.discard(session, image_id)

    def thumbnail_of(self, image: Image) -> Path:
        """Path of an image's small copy, a WebP, made on demand."""
        return self._thumbnails.thumbnail(image.sha256)

    def display_of(self, image: Image) -> tuple[Path, str]:
        """Path and MIME type of a copy of at most 2048 px, made on demand."""
        return self._thumbnails.display(image.sha256)

    def file_of(self, image: Image) -> tuple[Path, str]:
        """Path and MIME type of the stored upright image."""
        return self._blobs.path(image.sha256), image.mime


def _present(session: Session, image_id: int) -> Image:
    image = images.get(session, image_id)
    if image.deleted is not None:
        raise images.in_bin(image.name)
    return image


def _models_of(session: Session, suggested: Sequence[Suggestion]) -> tuple[Model, ...]:
    # One in the bin may have suggested something too.
    found = (models.find(session, model_id) for model_id in sorted({each.model_id for each in suggested}))
    return tuple(model for model in found if model is not None)


def _cut(class_id: int, corners: Corners, image: Image) -> Box | None:
    x0, x1 = (min(max(0.0, value), float(image.width)) for value in corners[::2])
    y0, y1 = (min(max(0.0, value), float(image.height)) for value in corners[1::2])
    return Box("", class_id, x0, y0, x1, y1) if min(x1 - x0, y1 - y0) >= _MIN_SIDE else None


def _cards(session: Session, found: Sequence[Image], *, with_boxes: bool) -> tuple[Card, ...]:
    ids = [image.id for image in found]
    suggested = browsing.open_suggestions(session, ids)
    drawn = browsing.boxes_of(session, ids) if with_boxes else {}
    waiting = {image.id: suggested[image.id] if image.status == "unlabelled" else 0 for image in found}
    looked = looks.of_images(session, ids)
    return tuple(Card(one, waiting[one.id], drawn.get(one.id, ()), looked.get(one.id)) for one in found)
