"""What can go wrong in the dataset, as one small tree.

DataError
├── NotFound            a project, image, class, run or model that is not there
├── AlreadyExists       a name that is taken
│   └── ClassExists     a class's name that another class of the project has
├── ClassInUse          a class that cannot be deleted, because something has it
├── InvalidName         a name that cannot be stored
├── InvalidBox          a box that cannot be stored
├── ImageRejected       bytes that cannot become an image of the dataset
├── AnnotationRejected  an annotation file that cannot be read
├── ArchiveRejected     an archive that cannot or must not be unpacked
├── AmbiguousFormat     a data set folder that could be of several formats
├── NothingToTrain      a project without enough labelled images
├── StaleRevision       someone else changed the boxes meanwhile
├── RunBusy             a run whose state does not allow what was asked
├── BackupUnusable      a backup that is none, is damaged, or does not fit where it shall go
└── DatabaseUnusable    a database this program cannot or must not open
    └── DiskFull        no room is left where the workspace lies
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.records import Box, ImageStatus


class DataError(Exception):
    """Base of every error the dataset raises on purpose; its text is a sentence for the user."""


class NotFound(DataError):
    """The named project, image, class, run or model does not exist."""


class NoImages(NotFound):
    """A data set holds no image."""


class AlreadyExists(DataError):
    """The name is already taken."""


class ClassExists(AlreadyExists):
    """Another class of the project has the name; the two can be merged.

    Args:
        name: the name.
        class_id: the class that has it.
    """

    def __init__(self, name: str, class_id: int) -> None:
        super().__init__(f"The project has a class named {name!r} already.")
        self.class_id = class_id


class ClassInUse(DataError):
    """A class cannot be deleted, because boxes, suggestions or the history of images have it."""


class InvalidName(DataError):
    """A name is empty, too long or has characters that cannot be stored."""


class InvalidBox(DataError):
    """A box is degenerate, not finite, outside its image or of an unknown class."""


class Rejected(DataError):
    """A file cannot be used; carries the problem and its remedy as two sentences.

    Args:
        problem: what is wrong, naming the value.
        remedy: what the person can do about it.
        line: line in the file, where one is known.
    """

    def __init__(self, problem: str, remedy: str, line: int | None = None) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy
        self.line = line


class ImageRejected(Rejected):
    """Bytes that cannot become an image of the dataset."""


class AnnotationRejected(Rejected):
    """An annotation file, or a part of it, that cannot be read."""


class ArchiveRejected(Rejected):
    """An archive that cannot or must not be unpacked; nothing of it was."""


class AmbiguousFormat(DataError):
    """A data set folder holds annotations of several formats.

    Args:
        message: the sentence for the user.
        candidates: the names of the formats.
    """

    def __init__(self, message: str, candidates: tuple[str, ...]) -> None:
        super().__init__(message)
        self.candidates = candidates


class NothingToTrain(DataError):
    """The project has too few labelled images to train on."""


class StaleRevision(DataError):
    """The image changed since it was read; nothing was written.

    Args:
        image_id: the image.
        revision: its revision now.
        status: its status now.
        boxes: its boxes now.
    """

    def __init__(self, image_id: int, revision: int, status: ImageStatus, boxes: tuple[Box, ...]) -> None:
        super().__init__(f"Image {image_id} was changed elsewhere; it is now at revision {revision}.")
        self.image_id = image_id
        self.revision = revision
        self.status = status
        self.boxes = boxes


class RunBusy(DataError):
    """The run's state does not allow what was asked (resuming one that has not ended, say)."""


class BackupUnusable(DataError):
    """A backup is none, is damaged, or cannot go where it shall be restored to."""


class DatabaseUnusable(DataError):
    """The database cannot or must not be opened by this program."""


class DatabaseAway(DatabaseUnusable):
    """The database gives no answer just now; it may do so later."""


class DiskFull(DatabaseUnusable):
    """No room is left where the workspace lies; nothing was saved."""
