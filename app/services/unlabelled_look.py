"""One look at the unlabelled images of a project: image by image, and then their order."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.services.detection import Detection
from app.services.fair_turns import Overloaded
from app.services.queue_order import in_order, reason_of
from app.services.tasks import OnProgress, Stopped
from data import looks, model_classes
from data.blobs import Blobs
from data.database import Database
from data.errors import DataError, InvalidBox, NotFound
from data.looks import Found, Waiting
from data.records import Model
from data.thumbnails import Thumbnails
from ssd_core.errors import SSDError

if TYPE_CHECKING:
    from ssd_core.candidates import Candidates

log = logging.getLogger(__name__)

#: Whose turn it takes.
CLIENT = "looking-ahead"
UNREADABLE = "The model could not read this image"
#: Images looked at until the queue is put in order for the first time, and between later times: at least so
#: many, and a part of all that are in it, because a longer queue takes longer to order.
_FIRST_ORDER, _ORDER_EVERY, _ORDER_PART = 20, 500, 0.1
#: Finished images that the others are compared with, the newest ones.
_MOST_DESCRIBED = 2000
_BATCH = 100
#: Rows of the order written in one transaction: whoever saves meanwhile waits no longer than for these.
_ROWS_AT_ONCE = 500
_SECONDS_UNTIL_STOP_IS_SEEN = 0.2
_LONGEST_REST = 1.0


class UnlabelledLook:
    """Has a model look at what waits for labels; each image is written down before the next."""

    def __init__(
        self, database: Database, blobs: Blobs, thumbnails: Thumbnails, detection: Detection
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._thumbnails = thumbnails
        self._detection = detection

    def carry_out(
        self, project_id: int, model: Model, threshold: float, progress: OnProgress
    ) -> dict[str, Any]:
        """Look at all that waits, and put it in order, also where the look is stopped.

        Args:
            project_id: the project.
            model: whose look it is.
            threshold: the score from which it is believed.
            progress: told of unlabelled images looked at and of all; raises `Stopped`.

        Raises:
            NotFound: the model or the project is gone.
            InvalidArtifact: the model is damaged.
        """
        # Loaded here, so that what fails later is the fault of an image.
        class_names = self._detection.detector(model.id).classes
        with self._database.read() as session:
            known = model_classes.class_ids(session, project_id, model.id)
        class_ids = [known.get(name) for name in class_names]
        looked = unreadable = 0
        next_order = _FIRST_ORDER
        try:
            while True:
                with self._database.read() as session:
                    batch = looks.waiting(session, project_id, model.id, _BATCH)
                    share = looks.share_with_objects(session, project_id)
                    done, total = looks.progress(session, project_id, model.id)
                progress(done, total)
                if not batch:
                    break
                for number, image in enumerate(batch):
                    step = _Step(progress, done + number, total)
                    begun = time.monotonic()
                    unreadable += not self._see(image, model, class_ids, threshold, share, step)
                    looked += 1
                    if looked >= next_order:
                        self._describe_finished(project_id, model, step)
                        ordered = self._put_in_order(project_id)
                        next_order = looked + max(_ORDER_EVERY, round(_ORDER_PART * ordered))
                    # As long as it worked: half of a processor is left to whoever does something else.
                    step.rest(time.monotonic() - begun)
            self._describe_finished(project_id, model, _Step(progress, done, total))
        except Stopped:
            self._put_in_order(project_id)
            raise
        self._put_in_order(project_id)
        return {"looked": looked, "unreadable": unreadable}

    def _see(
        self,
        image: Waiting,
        model: Model,
        class_ids: Sequence[int | None],
        threshold: float,
        share: float,
        step: _Step,
    ) -> bool:
        """Look at one image and write down what came of it; False for one that cannot be read."""
        from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, non_max_suppression
        from ssd_core.uncertainty import LEAST_SCORE, doubt

        try:
            file = self._blobs.path(image.sha256)
        except NotFound as error:
            return self._pass_over(image, model, error)
        try:
            candidates = self._candidates_of(file, model, class_ids, step)
            # One thing is suggested once, as what it most likely is: who accepts all would box it twice.
            found = non_max_suppression(
                candidates, LEAST_SCORE, IOU_THRESHOLD, MAX_BOXES, class_agnostic=True
            )
            boxes = zip(
                found.class_ids.tolist(), found.boxes_xyxy.tolist(), found.scores.tolist(), strict=True
            )
            offered: list[Found] = [
                (class_id, (x0, y0, x1, y1), score)
                for index, (x0, y0, x1, y1), score in boxes
                if (class_id := class_ids[index]) is not None
            ]
            doubted = doubt(candidates, threshold, share)
            descriptor = self._descriptor_of(image)
            self._write(image, model, doubted.uncertainty, reason_of(doubted), descriptor, offered)
        except (InvalidBox, SSDError, OSError) as error:
            return self._pass_over(image, model, error)
        return True

    def _pass_over(self, image: Waiting, model: Model, error: Exception) -> bool:
        log.warning("%s was left out of looking ahead: %s", image.name, error)
        self._write(image, model, 0.0, UNREADABLE, None, [])
        return False

    def _candidates_of(
        self, file: Path, model: Model, class_ids: Sequence[int | None], step: _Step
    ) -> Candidates:
        from ssd_core.candidates import Candidates

        while True:
            try:
                asked = self._detection.begin_candidates(model.id, file, client=CLIENT, background=True)
                rows = step.answer_of(asked)["candidates"]
                # What the project has no class for any more is no reason to look, as it is not suggested.
                return Candidates.from_rows([row for row in rows if class_ids[int(row[5])] is not None])
            except Overloaded:
                step.rest(_LONGEST_REST)

    def _descriptor_of(self, image: Waiting) -> list[float] | None:
        from ssd_core.diversity import descriptor
        from ssd_core.preprocess import load_rgb

        try:
            numbers: list[float] = descriptor(load_rgb(self._thumbnails.thumbnail(image.sha256))).tolist()
        except (DataError, SSDError, OSError):
            return None  # It is then never put in order, and comes behind all that are.
        return [round(number, 3) for number in numbers]

    def _write(
        self,
        image: Waiting,
        model: Model,
        uncertainty: float,
        reason: str,
        descriptor: Sequence[float] | None,
        found: Sequence[Found],
    ) -> None:
        with self._database.write() as session:
            looks.note(session, image, model.id, uncertainty, reason, descriptor, found)

    def _describe_finished(self, project_id: int, model: Model, step: _Step) -> None:
        """Note of what was labelled elsewhere, or before anybody looked, what tells it from others."""
        with self._database.read() as session:
            finished = looks.undescribed(session, project_id, _MOST_DESCRIBED)
        for image in finished:
            step.go_on()
            known = self._descriptor_of(image)
            with self._database.write() as session:
                looks.describe(session, image, model.id, known)

    def _put_in_order(self, project_id: int) -> int:
        """Work out which image comes when, beside what is labelled by now; gives how many there are."""
        with self._database.read() as session:
            ahead, behind = looks.described(session, project_id, _MOST_DESCRIBED)
            finished = looks.finished_in_order(session, project_id)
        order = in_order(ahead, behind)
        for begin in range(0, len(finished), _ROWS_AT_ONCE):
            with self._database.write() as session:
                looks.pass_finished(session, finished[begin : begin + _ROWS_AT_ONCE])
        for begin in range(0, len(order), _ROWS_AT_ONCE):
            with self._database.write() as session:
                looks.put_in_order(session, order[begin : begin + _ROWS_AT_ONCE])
        return len(order)


class _Step:
    """The place in a look: waiting here, a stop is noticed soon."""

    def __init__(self, progress: OnProgress, done: int, total: int) -> None:
        self._progress, self._done, self._total = progress, done, total
        self.go_on()

    def rest(self, seconds: float) -> None:
        """Let others work for so long, a second at most."""
        end = time.monotonic() + min(seconds, _LONGEST_REST)
        while (left := end - time.monotonic()) > 0:
            self.go_on()
            time.sleep(min(left, _SECONDS_UNTIL_STOP_IS_SEEN))

    def answer_of(self, asked: Future[dict[str, Any]]) -> dict[str, Any]:
        """Wait for an answer whose turn may be long in coming."""
        while True:
            try:
                return asked.result(_SECONDS_UNTIL_STOP_IS_SEEN)
            except NotYet:
                if asked.done():
                    raise  # It is the answer: a drive took too long.
                try:
                    self.go_on()
                except Stopped:
                    asked.cancel()
                    raise

    def go_on(self) -> None:
        """Tell how far it is; raises `Stopped`."""
        self._progress(self._done, self._total)
