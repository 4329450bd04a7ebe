"""The dataset's values as they cross its border: frozen, without a session behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

ImageStatus = Literal["unlabelled", "labelled", "empty"]
Split = Literal["train", "val", "test"]
EditAction = Literal["draw", "mark", "restore"]
SuggestionState = Literal["open", "accepted", "rejected"]
Stop = Literal["cancel", "pause", "finish"]
Outcome = Literal["done", "failed", "cancelled", "paused"]
RunStatus = Literal["queued", "running", "stopping", "stalled", "done", "failed", "cancelled", "paused"]
FailureKind = Literal[
    "out_of_memory", "disk_full", "diverged", "worker_gone", "weights_unavailable", "bad_data", "unknown"
]

OnExisting = Literal["keep", "replace"]
ImageSort = Literal["name", "-name", "added", "-added", "boxes", "-boxes", "useful"]

#: Formats that can be written, and all that an import may be told.
EXPORT_FORMATS = ("voc", "coco", "yolo", "labelme", "label-studio", "cvat", "open-images", "csv")
FORMATS = ("auto", *EXPORT_FORMATS, "images")

#: Seconds after which a run whose worker gave no sign of life counts as stalled.
LEASE_SECONDS = 15.0

#: Endings of files taken for images, lower case. HEIC needs a reader that the user installs; what cannot be
#: read (``.avif``, ``.jp2``) is rejected by name rather than passed over.
IMAGE_ENDINGS = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".webp",
    ".bmp",
    ".dib",
    ".tif",
    ".tiff",
    ".gif",
    ".heic",
    ".heif",
    ".avif",
    ".jp2",
)


@dataclass(frozen=True, slots=True)
class Box:
    """One labelled box.

    Coordinates are float pixels of the upright image, half-open: ``x0 < x1`` and ``y0 < y1``.
    ``id`` is chosen by whoever draws the box and stays with it. ``source`` is ``person``, ``import`` or
    ``model:<id>``. ``difficult`` and ``crowd`` boxes are left out of matching, mining and AP.
    """

    id: str
    class_id: int
    x0: float
    y0: float
    x1: float
    y1: float
    source: str = "person"
    difficult: bool = False
    crowd: bool = False

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """The corners as (x0, y0, x1, y1)."""
        return (self.x0, self.y0, self.x1, self.y1)

    def fault(self, width: int, height: int) -> str | None:
        """Say in a sentence why this box cannot be stored on a width × height image, or None if it can."""
        if not all(math.isfinite(v) for v in self.xyxy):
            return f"Box {self.xyxy} has a coordinate that is not a finite number."
        if not (self.x0 < self.x1 and self.y0 < self.y1):
            return f"Box {self.xyxy} has no area: x0 < x1 and y0 < y1 must hold."
        if self.x0 < 0 or self.y0 < 0 or self.x1 > width or self.y1 > height:
            return f"Box {self.xyxy} reaches outside the {width}×{height} image."
        return None


@dataclass(frozen=True, slots=True)
class Project:
    """A dataset with its counts when read; ``tested`` are labelled or empty images kept for testing."""

    id: int
    name: str
    images: int = 0
    labelled: int = 0
    empty: int = 0
    boxes: int = 0
    classes: int = 0
    archived: datetime | None = None
    tested: int = 0


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of things: its id never changes or is reused; ``boxes`` counts its boxes when read.

    An archived one is not offered for new boxes; those that have it keep it.
    """

    id: int
    project_id: int
    name: str
    colour: str
    position: int
    boxes: int = 0
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """One photograph of a project; width and height are of the upright image, in pixels.

    ``sha256`` names the stored upright file. ``revision`` grows by one at each change of boxes or status.
    ``warning`` tells what was wrong with the file received; ``deleted`` when it went to the bin.
    ``perceptual_hash``: 64 bits as a signed number, close for photographs that look alike; None at first.
    """

    id: int
    project_id: int
    name: str
    sha256: str
    mime: str
    width: int
    height: int
    status: ImageStatus
    split: Split | None
    revision: int
    boxes: int = 0
    note: str = ""
    flag: bool = False
    warning: str = ""
    deleted: datetime | None = None
    perceptual_hash: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of an image: who, when, what, and the state it left, which can be put back.

    ``restored`` is the revision whose state a ``restore`` put back. Revision 0 is the image as it came.
    """

    image_id: int
    revision: int
    action: EditAction
    author: str
    created: datetime
    status: ImageStatus
    boxes: tuple[Box, ...]
    restored: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model's box on an image, not yet drawn by anybody; float pixels of the upright image, half-open."""

    id: int
    image_id: int
    model_id: str
    class_id: int
    x0: float
    y0: float
    x1: float
    y1: float
    score: float
    state: SuggestionState
    created: datetime


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images of a project are wanted, and in which order; what is left as it is rules nothing out.

    ``split`` ``none`` means images without one. ``class_id`` asks for a box of that class, ``suggested`` for
    an open suggestion on an unlabelled image, ``text`` for a part of the name or note, in either case.
    ``sort`` counts names in natural order, ``added`` oldest first, ``boxes`` fewest first, ``-`` the other
    way round; ``useful`` begins with what a model would learn most from, then what it has not looked at.
    """

    status: ImageStatus | None = None
    split: Split | Literal["none"] | None = None
    class_id: int | None = None
    flagged: bool = False
    suggested: bool = False
    text: str = ""
    sort: ImageSort = "name"


@dataclass(frozen=True, slots=True)
class ImagePage:
    """A page of images in the order asked for; ``next_after`` continues it, None at the end."""

    images: tuple[Image, ...]
    total: int
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image stands among its project's images in order; ``number`` counts from 1.

    It is None for an image that the filter does not want; its neighbours are those that it would have.
    """

    number: int | None
    total: int
    previous_id: int | None
    next_id: int | None
    next_unlabelled_id: int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was wrong with an input: file, line if known, what, and what to do about it."""

    file: str
    problem: str
    remedy: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. ``notes`` are facts worth telling that are not faults (equal files, say)."""

    added: int
    existing: int
    boxes: int
    classes: tuple[str, ...]
    rejected: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewClass:
    """A class as a data set names it, and as it will be here: ``exists`` tells whether it is already.

    ``written`` is its name in the files, ``name`` the one it gets, empty if it is left out. ``boxes`` counts
    its boxes in the data set; ``similar`` are classes, of the project or of the data set, whose names differ
    so little that the two may be one.
    """

    written: str
    name: str
    boxes: int
    exists: bool
    similar: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would find; nothing was written.

    ``existing`` counts images that the project has, be it under another path; ``by_split`` those without a
    split under None. ``format`` is the one that was read. ``base_in_doubt``: a person may know better what
    the coordinates of Pascal VOC count from.
    """

    images: int
    existing: int
    labelled: int
    empty: int
    unlabelled: int
    boxes: int
    by_split: dict[Split | None, int]
    classes: tuple[PreviewClass, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    format: str = ""
    base_in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote, and to where; ``lost`` says what the format could not carry."""

    target: str
    format: str
    images: int
    boxes: int
    classes: tuple[str, ...]
    lost: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SnapshotImage:
    """An image as it was frozen, with the project's class ids and the places of rejected suggestions."""

    image_id: int
    name: str
    sha256: str
    width: int
    height: int
    split: Split
    boxes: tuple[Box, ...]
    rejected_xyxy: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen dataset that a run trains on: classes in frozen order, and images in order of id."""

    id: str
    project_id: int
    content_hash: str
    classes: tuple[LabelClass, ...]
    images: tuple[SnapshotImage, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One training, as its row says. ``outcome`` is None while it lives. Times are UTC.

    ``device`` is None where any will do; of ``priority`` the lower goes first. ``failure`` says why the run
    failed, or why it paused by itself, and ``failure_detail`` what a remedy needs to know. ``worked_seconds``
    adds up all attempts.
    """

    id: str
    project_id: int
    snapshot_id: str
    job_id: str | None
    params: dict[str, Any]
    stop: Stop | None
    outcome: Outcome | None
    error: str | None
    phase: str
    step: int
    total_steps: int
    epoch: int
    total_epochs: int
    seconds_left: float | None
    metrics: dict[str, Any]
    model_id: str | None
    attempts: int
    host: str | None
    pid: int | None
    pid_start: float | None
    beat: float | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    priority: int = 10
    device: str | None = None
    failure: FailureKind | None = None
    failure_detail: dict[str, Any] | None = None
    promised_seconds: float | None = None
    worked_seconds: float = 0.0

    def status(self, now: float) -> RunStatus:
        """Tell the run's state at a Unix time, taking a silent worker for stalled."""
        if self.outcome is not None:
            return self.outcome
        if self.beat is None:
            return "queued"
        if now - self.beat > LEASE_SECONDS:
            return "stalled"
        return "stopping" if self.stop else "running"


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One measured value of a run at an optimiser step (``loss``, ``val_AP``, ``val_AP50``, …)."""

    step: int
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Model:
    """A finished model; its files lie in ``models/<id>/``. ``classes`` are in the network's order.

    ``deleted`` tells when it went to the bin; ``parent_id`` is the model that its training started from,
    which may be gone. A project has one default model at most.
    """

    id: str
    project_id: int
    run_id: str | None
    name: str
    classes: tuple[str, ...]
    metrics: dict[str, Any]
    created: datetime
    params: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    deleted: datetime | None = None
    is_default: bool = False
    parent_id: str | None = None
