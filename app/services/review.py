"""Review: a model looks for errors in the labels, in the background, and a person decides who is right."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.jobs import model_images
from app.jobs.evaluation import write_json
from app.services.detection import Detection
from app.services.fair_turns import Overloaded
from app.services.models import Models
from app.services.sights import Sights
from app.services.tasks import Busy, OnProgress, Stopped, Task, Tasks
from app.workspace import Workspace
from data import classes, findings, images, projects, suggestions
from data.annotations import read_many
from data.blobs import Blobs
from data.database import Database
from data.errors import DataError, NotFound
from data.findings import Doubt, Finding, FindingKind, FindingState, Labelled
from data.records import Box, Image, LabelClass, Model
from ssd_core.errors import SSDError

if TYPE_CHECKING:
    from ssd_core.label_errors import LabelError

log = logging.getLogger(__name__)

#: Who asks the model, so that the turns go round him and those who stream.
CLIENT = "review"
#: Seconds that one image takes, until a look has been timed.
USUAL_SECONDS = 0.06
SECONDS_TO_WAIT = 0.5
#: Images whose findings are written in one transaction.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class LastLook:
    """What is remembered of a project's last look: whose, at how many images, and how it went.

    Args:
        model_id: the model.
        model_name: its name then.
        images: images looked at.
        wanted: images that there were; more than ``images`` if it was stopped or some could not be read.
        learnt: of those looked at, how many the model had learnt from.
        unreadable: names of images that could not be read, the first few.
        seconds_per_image: how long one took.
    """

    model_id: str
    model_name: str
    images: int
    wanted: int
    learnt: int
    unreadable: tuple[str, ...]
    seconds_per_image: float


@dataclass(frozen=True, slots=True)
class ReviewState:
    """How far a look is, and what the last one was; ``seconds`` is a guess of what a new one takes."""

    task: Task | None
    last: LastLook | None
    images: int
    seconds: float
    counts: dict[FindingState, dict[FindingKind, int]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with the image and all its boxes, as a person judges it."""

    finding: Finding
    image: Image
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Open findings, worst first; ``next_after`` continues them, None at the end."""

    shown: tuple[Shown, ...]
    classes: tuple[LabelClass, ...]
    next_after: int | None


class Review:
    """Looks for label errors, one look a project at a time. Threads may share it; close it at the end."""

    def __init__(
        self, database: Database, blobs: Blobs, workspace: Workspace, models: Models, detection: Detection
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._folder = workspace.cache / "review"
        self._models = models
        self._detection = detection
        self._looks: Tasks[Task] = Tasks("look for label errors")
        self._beginning = threading.Lock()
        self._closed = threading.Event()

    def close(self) -> None:
        """Stop what looks; the next look goes on where it was."""
        self._closed.set()
        self._looks.close()

    def look(self, project_id: int, model: str | None = None) -> ReviewState:
        """Begin to look at all labelled and empty images of a project, unless that is under way.

        Args:
            project_id: the project.
            model: an id or a name; None for the project's default.

        Raises:
            Busy: it was stopped, and has not ended yet.
            NotFound: there is no such project or model, or the project has none.
        """
        chosen = self._models.of_project(project_id, model)
        with self._beginning:
            known = self._task(project_id)
            if known is not None and known.state == "running" and known.stop.is_set():
                raise Busy("The look before is about to end. Begin again in a moment.")
            if known is None or known.state != "running":
                task = Task(_name(project_id), "ready")
                task.project_id = project_id
                self._looks.run_anew(task, lambda progress: self._look(project_id, chosen, progress))
        return self.state(project_id)

    def stop(self, project_id: int) -> None:
        """Stop a project's look; what it has found by then is told."""
        task = self._task(project_id)
        if task is not None and task.state == "running":
            task.stop.set()

    def state(self, project_id: int) -> ReviewState:
        """How far the look at a project is, and what there is to decide; raises NotFound."""
        self._check_again(project_id)
        with self._database.read() as session:
            projects.require(session, project_id)
            number = findings.count_labelled(session, project_id)
            counts = findings.counts(session, project_id)
        last = self._last(project_id)
        seconds = number * (last.seconds_per_image if last else USUAL_SECONDS)
        return ReviewState(self._task(project_id), last, number, seconds, counts)

    def page(
        self, project_id: int, kind: FindingKind | None = None, after: int | None = None, limit: int = 50
    ) -> ReviewPage:
        """The open findings of a project with their images, worst first; raises NotFound."""
        with self._database.read() as session:
            projects.require(session, project_id)
            found = findings.page(session, project_id, kind, after, limit)
            ids = sorted({each.image_id for each in found.findings})
            pictured = {image.id: image for image in images.get_many(session, ids)}
            drawn = read_many(session, ids)
            known = classes.list_all(session, project_id)
        shown = tuple(
            Shown(each, pictured[each.image_id], tuple(drawn.get(each.image_id, ())))
            for each in found.findings
        )
        return ReviewPage(shown, known, found.next_after)

    def decide(self, finding_id: int, state: FindingState) -> Finding:
        """Say that the labels are right (``dismissed``), were mended, or are in doubt again."""
        with self._database.write() as session:
            return findings.decide(session, finding_id, state)

    def carry_out(
        self, finding_id: int, revision: int, operation_id: str
    ) -> tuple[Finding, Image, tuple[Box, ...]]:
        """Do what the model says, as one change of the image.

        Raises:
            NotFound: there is no such finding, or the box that it is about is gone.
            StaleRevision: the image changed meanwhile.
        """
        with self._database.write() as session:
            image_id = findings.get(session, finding_id).image_id
            before = read_many(session, [image_id]).get(image_id, ())
            image, boxes = findings.carry_out(session, finding_id, revision, operation_id)
            # A suggestion whose box is deleted as wrong is not to be suggested again.
            kept = {box.id for box in boxes}
            unwanted = suggestions.accepted_by([box for box in before if box.id not in kept])
            suggestions.settle(session, image_id, boxes, unwanted)
            return findings.get(session, finding_id), image, boxes

    def _task(self, project_id: int) -> Task | None:
        return self._looks.find(_name(project_id))

    def _check_again(self, project_id: int) -> None:
        # Asked first: whoever only looks must not wait for those who write.
        with self._database.read() as session:
            outdated = findings.outdated(session, project_id)
        if outdated:
            with self._database.write() as session:
                findings.check_again(session, project_id)

    def _look(self, project_id: int, model: Model, progress: OnProgress) -> dict[str, Any]:
        self._forget_those_gone()
        with self._database.read() as session:
            wanted = findings.labelled(session, project_id)
            known = classes.list_all(session, project_id)
            learnt = model_images.trained_on(session, model)
        seen = Sights(self._folder / f"{model.id}.jsonl")
        unreadable: list[str] = []
        begun, asked, stopped = time.monotonic(), 0, False
        try:
            for done, image in enumerate(wanted):
                go_on = partial(progress, done, len(wanted))
                go_on()
                if image.sha256 not in seen:
                    asked += self._see(model, image, seen, unreadable, go_on)
            progress(len(wanted), len(wanted))
        except Stopped:
            if self._closed.is_set():
                raise
            stopped = True
        pace = (time.monotonic() - begun) / asked if asked else self._pace(project_id)
        looked = [image for image in wanted if image.sha256 in seen]
        self._compare(model, looked, seen, known)
        part = sum(image.id in learnt for image in looked)
        told = LastLook(model.id, model.name, len(looked), len(wanted), part, tuple(unreadable[:20]), pace)
        write_json(self._summary(project_id), asdict(told))
        if stopped:
            raise Stopped
        return asdict(told)

    def _see(
        self, model: Model, image: Labelled, seen: Sights, unreadable: list[str], go_on: Callable[[], None]
    ) -> int:
        """Have the model look at one image; 1 if it did."""
        try:
            file = self._blobs.path(image.sha256)
        except NotFound as error:
            return self._pass_over(image, unreadable, error)
        while True:
            try:
                answer = self._detection.begin_candidates(model.id, file, client=CLIENT).result()
            except Overloaded:
                time.sleep(SECONDS_TO_WAIT)
                go_on()
            except NotFound:
                raise  # The model is gone, and with it the reason to look.
            except (DataError, SSDError, OSError) as error:
                return self._pass_over(image, unreadable, error)
            else:
                seen.add(image.sha256, answer["candidates"])
                return 1

    def _pass_over(self, image: Labelled, unreadable: list[str], error: Exception) -> int:
        log.warning("%s was left out of the look for label errors: %s", image.name, error)
        unreadable.append(image.name)
        return 0

    def _compare(
        self, model: Model, looked: Sequence[Labelled], seen: Sights, known: Sequence[LabelClass]
    ) -> None:
        """Compare what was seen with the labels, and write down what is in doubt."""
        from ssd_core.label_errors import label_errors, reliability

        config = self._detection.detector(model.id).config
        table = _ClassTable(config.classes, known)
        pairs = [(image, *table.example(image)) for image in looked]
        sights = [seen.of(image.sha256) for image in looked]
        believed = reliability(sights, [example for _, example, _ in pairs], config.classes)
        for start in range(0, len(pairs), _BATCH):
            if self._closed.is_set():
                raise Stopped
            with self._database.write() as session:
                for (image, example, boxes), sight in zip(
                    pairs[start : start + _BATCH], sights[start : start + _BATCH], strict=True
                ):
                    size_hw = (image.height, image.width)
                    errors = label_errors(sight, example, believed, size_hw, config.input_size_hw)
                    doubts = [doubt for error in errors if (doubt := table.doubt(error, image, boxes))]
                    findings.put(session, image.id, model.id, image.revision, doubts)

    def _forget_those_gone(self) -> None:
        """Remove what models saw that are not there any more."""
        kept = {model.id for deleted in (False, True) for model in self._models.list_all(deleted=deleted)}
        for file in self._folder.glob("*.jsonl"):
            if file.stem not in kept:
                file.unlink(missing_ok=True)

    def _summary(self, project_id: int) -> Path:
        return self._folder / f"project-{project_id}.json"

    def _last(self, project_id: int) -> LastLook | None:
        try:
            document = json.loads(self._summary(project_id).read_bytes())
            return LastLook(**{**document, "unreadable": tuple(document["unreadable"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _pace(self, project_id: int) -> float:
        last = self._last(project_id)
        return last.seconds_per_image if last else USUAL_SECONDS


class _ClassTable:
    """Brings a project's classes and a model's together, by name."""

    def __init__(self, class_names: Sequence[str], known: Sequence[LabelClass]) -> None:
        of_name = {entry.name: entry.id for entry in known if not entry.archived}
        self._ids = [of_name.get(name) for name in class_names]
        self._index = {class_id: index for index, class_id in enumerate(self._ids) if class_id is not None}

    def example(self, image: Labelled) -> tuple[Any, list[Box]]:
        """The image for the comparison, and its boxes in the order of the example's.

        A box of a class that the model does not know is there to be left out: what lies in it is no error.
        """
        import numpy as np

        from ssd_core.example import Example

        boxes = list(image.boxes)
        strange = [box.class_id not in self._index for box in boxes]
        return (
            Example(
                image.name,
                b"",
                np.array([box.xyxy for box in boxes], np.float32).reshape(-1, 4),
                np.array([self._index.get(box.class_id, 0) for box in boxes], np.int64),
                np.array(
                    [box.difficult or box.crowd or odd for box, odd in zip(boxes, strange, strict=True)], bool
                ),
            ),
            boxes,
        )

    def doubt(self, error: LabelError, image: Labelled, boxes: Sequence[Box]) -> Doubt | None:
        """A doubt in the project's terms; None for one that it has no class for, or that cannot be drawn."""
        class_id = self._ids[error.class_id]
        box_id = None if error.truth is None else boxes[error.truth].id
        if class_id is None or Box("", class_id, *error.box_xyxy).fault(image.width, image.height):
            return None
        return Doubt(error.kind, class_id, error.box_xyxy, error.badness, error.score, box_id)


def _name(project_id: int) -> str:
    return f"project-{project_id}"
