"""Review: a model looks for errors in the labels, in the background, and a person decides who is right."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from app.jobs import model_images
from app.jobs.evaluation import write_json
from app.services.detection import Detection
from app.services.fair_turns import Overloaded
from app.services.label_comparison import Compared, LabelComparison
from app.services.models import Models
from app.services.sights import Sights
from app.services.tasks import Busy, OnProgress, Stopped, Task, Tasks
from app.workspace import Workspace
from data import classes, findings, images, labelled_images, projects, suggestions
from data.annotations import read_many
from data.blobs import Blobs
from data.database import Database
from data.errors import DataError, NotFound
from data.findings import Finding, FindingKind, FindingState
from data.labelled_images import ToLookAt
from data.records import Box, Image, LabelClass, Model
from ssd_core.errors import InvalidExample, SSDError

log = logging.getLogger(__name__)

#: Who asks the model, so that the turns go round him and those who stream.
CLIENT = "review"
#: Seconds that one image takes, until a look has been timed.
USUAL_SECONDS = 0.06
SECONDS_TO_WAIT = 0.5
#: A model that finds fewer of the boxes is weak. One that misses a quarter of them sees about as many where
#: nothing is drawn; where one label in twenty is wrong, that is one in ten of all that it doubts.
WEAK_RECALL = 0.75
#: Unreadable images that are told by name.
NAMES_KEPT = 20


@dataclass(frozen=True, slots=True)
class LastLook:
    """What is remembered of a project's last look: whose, at how many images, and how it went.

    Args:
        model_id: the model.
        model_name: its name then.
        images: images looked at.
        learnt: of those looked at, how many the model had learnt from.
        unreadable: names of images that could not be read, the first few.
        seconds_per_image: how long one took.
        unreadable_images: how many could not be read.
        recall: the part of the drawn boxes that the model finds; None where that is not known.
        left_out: doubts that are not told, because enough worse ones are.
    """

    model_id: str
    model_name: str
    images: int
    learnt: int
    unreadable: tuple[str, ...]
    seconds_per_image: float
    # Looks from before these were measured are without them.
    unreadable_images: int = 0
    recall: float | None = None
    left_out: int = 0

    @property
    def weak(self) -> bool:
        """Whether many of the doubts will be wrong, because of the model."""
        return self.recall is not None and self.recall < WEAK_RECALL


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
        # First, and as it is now: whoever is told that it has ended is told what it found, too.
        task = copy(self._task(project_id))
        self._check_again(project_id)
        with self._database.read() as session:
            projects.require(session, project_id)
            number = labelled_images.count_labelled(session, project_id)
            counts = findings.counts(session, project_id)
        last = self._last(project_id)
        seconds = number * (last.seconds_per_image if last else USUAL_SECONDS)
        return ReviewState(task, last, number, seconds, counts)

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
        try:
            return self._look_at_all(project_id, model, progress)
        except SSDError as error:
            # Of the model, not of an image: as a sentence for whoever asked.
            raise DataError(str(error)) from error

    def _look_at_all(self, project_id: int, model: Model, progress: OnProgress) -> dict[str, Any]:
        self._forget_those_gone()
        with self._database.read() as session:
            total = labelled_images.count_labelled(session, project_id)
            learnt = model_images.trained_on(session, model)
        seen = Sights(self._folder / f"{model.id}.jsonl")
        looked: list[int] = []
        unreadable: list[str] = []
        begun, done, asked, stopped = time.monotonic(), 0, 0, False
        try:
            for done, image in enumerate(self._to_look_at(project_id), 1):
                # More than there were at first, if others finished images meanwhile.
                total = max(total, done)
                go_on = partial(progress, done - 1, total)
                go_on()
                if image.sha256 not in seen:
                    asked += self._see(model, image, seen, unreadable, go_on)
                if image.sha256 in seen:
                    looked.append(image.id)
            progress(done, done)
        except Stopped:
            if self._closed.is_set():
                raise
            stopped = True
        pace = (time.monotonic() - begun) / asked if asked else self._pace(project_id)
        compared = self._compare(model, seen, looked)
        told = LastLook(
            model_id=model.id,
            model_name=model.name,
            images=len(looked),
            learnt=len(learnt.intersection(looked)),
            unreadable=tuple(unreadable[:NAMES_KEPT]),
            unreadable_images=len(unreadable),
            seconds_per_image=pace,
            recall=compared.recall,
            left_out=compared.left_out,
        )
        # Where it was stopped before it began, what there is to decide is still of the look before.
        if looked or not stopped:
            write_json(self._summary(project_id), asdict(told))
        if stopped:
            raise Stopped
        return asdict(told)

    def _to_look_at(self, project_id: int) -> Iterator[ToLookAt]:
        last = 0
        while True:
            with self._database.read() as session:
                few = labelled_images.to_look_at(session, project_id, last)
            if not few:
                return
            yield from few
            last = few[-1].id

    def _see(
        self, model: Model, image: ToLookAt, seen: Sights, unreadable: list[str], go_on: Callable[[], None]
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
            except (InvalidExample, OSError) as error:
                return self._pass_over(image, unreadable, error)
            else:
                seen.add(image.sha256, answer["candidates"])
                return 1

    def _pass_over(self, image: ToLookAt, unreadable: list[str], error: Exception) -> int:
        log.warning("%s was left out of the look for label errors: %s", image.name, error)
        unreadable.append(image.name)
        return 0

    def _compare(self, model: Model, seen: Sights, looked: Sequence[int]) -> Compared:
        """Compare what was seen with the labels, and write down what is in doubt."""
        from ssd_core.artifacts import read_config

        if not looked:
            return Compared(None, 0)
        config = read_config(self._models.folder(model.id))
        comparison = LabelComparison(self._database, model, config, seen, self._unless_closed)
        return comparison.compare(looked)

    def _unless_closed(self) -> None:
        if self._closed.is_set():
            raise Stopped

    def _forget_those_gone(self) -> None:
        """Remove what models saw that are not there any more."""
        # The files first: the model of one that is made meanwhile would not be among those known.
        files = list(self._folder.glob("*.jsonl"))
        kept = {model.id for deleted in (False, True) for model in self._models.list_all(deleted=deleted)}
        for file in files:
            if file.stem not in kept:
                file.unlink(missing_ok=True)

    def _summary(self, project_id: int) -> Path:
        return self._folder / f"project-{project_id}.json"

    def _last(self, project_id: int) -> LastLook | None:
        try:
            document = json.loads(self._summary(project_id).read_bytes())
            known = {field.name: document[field.name] for field in fields(LastLook) if field.name in document}
            return LastLook(**{**known, "unreadable": tuple(document["unreadable"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _pace(self, project_id: int) -> float:
        last = self._last(project_id)
        return last.seconds_per_image if last else USUAL_SECONDS


def _name(project_id: int) -> str:
    return f"project-{project_id}"
