"""Looking ahead: a model looks at the images that wait for labels, in the background, and orders them.

What it finds is suggested in Label, and what it would learn most from comes first in the queue. All that is
found out is in the database, image for image, so that a look goes on where it was after a stop, a restart or
a power cut.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.services.models import Models
from app.services.tasks import Busy, OnProgress, Stopped, Task, Tasks
from app.services.unlabelled_look import UnlabelledLook
from app.settings import Settings
from data import looks, runs
from data.database import Database
from data.errors import DatabaseUnusable, NotFound
from data.looks import Standing
from data.records import Model

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LookState = Literal["idle", "working", "done", "failed"]
#: A finished look is made again, of the order alone, after so many labels.
LABELS_UNTIL_REORDER = 10
_STATES: dict[str, LookState] = {"running": "working", "done": "done", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class LookingState:
    """How far a project's look is.

    Args:
        state: ``idle`` if none was begun since the start, or one was stopped.
        done: unlabelled images that the model has looked at as they are now.
        total: all unlabelled images.
        model: whose look it is or was that failed, else the default one; None if the project has no model.
        error: why it failed.
        ordered: whether images have their place in the queue.
        by_itself: whether it begins by itself in this project.
        allowed: whether that is allowed on this server.
    """

    state: LookState
    done: int
    total: int
    model: Model | None
    error: str | None
    ordered: bool
    by_itself: bool
    allowed: bool


class LookingAhead:
    """Looks at what waits for labels, one look a project at a time. Safe to share; close it at the end."""

    #: Between two glances at whether there is something to do, which take some milliseconds.
    seconds_between_glances = 5.0

    def __init__(
        self,
        database: Database,
        models: Models,
        look: UnlabelledLook,
        settings: Settings,
    ) -> None:
        self._database = database
        self._models = models
        self._look_at = look
        self._allowed = settings.look_ahead
        self._looks: Tasks[Task] = Tasks("look ahead")
        self._lock = threading.Lock()
        #: By project under way, whose look it shall be from the next image on; None to end it.
        self._wanted: dict[int, Model | None] = {}
        self._closed = False
        self._seen: dict[int, Standing] = {}
        #: By project, the model that shall not go on by itself: somebody stopped it, or it failed.
        self._resting: dict[int, str] = {}
        #: By project, whose look it was that failed.
        self._failed: dict[int, Model] = {}
        #: Projects whose look ended by something that passes, and goes on by itself.
        self._interrupted: set[int] = set()

    def close(self) -> None:
        """Stop every look; each goes on where it was when the studio is opened again."""
        self._closed = True
        self._looks.close()

    def begin(self, project_id: int, model: str | None = None) -> LookingState:
        """Begin to look at a project's unlabelled images, unless that is under way.

        Args:
            project_id: the project.
            model: an id or a name; None for the project's default.

        Raises:
            NotFound: there is no such project or model, or the project has none.
        """
        chosen = self._models.of_project(project_id, model)
        with self._lock:
            self._resting.pop(project_id, None)
            self._begin(project_id, chosen)
        return self.state(project_id)

    def stop(self, project_id: int) -> None:
        """Stop a project's look after the present image; it does not begin again by itself."""
        with self._lock:
            model = self._wanted.get(project_id)
            if model is not None:
                self._wanted[project_id] = None
                self._resting[project_id] = model.id

    def state(self, project_id: int) -> LookingState:
        """How far the look at a project is; raises NotFound."""
        task = self._task(project_id)
        model = self._models.default_of(project_id)
        if task is not None and task.state == "running":
            model = self._wanted.get(project_id) or model
        elif task is not None and task.state == "failed":
            model = self._failed.get(project_id) or model
        with self._database.read() as session:
            by_itself = looks.looks_by_itself(session, project_id)
            done, total = looks.progress(session, project_id, model.id if model else "")
            ordered = looks.has_any(session, project_id)
        state = "idle" if task is None else _STATES.get(task.state, "idle")
        error = task.error if task is not None and state == "failed" else None
        return LookingState(state, done, total, model, error, ordered, by_itself, self._allowed)

    def let_look_by_itself(self, project_id: int, *, wanted: bool) -> LookingState:
        """Say whether looks begin by themselves in a project; raises NotFound."""
        with self._database.write() as session:
            looks.let_look_by_itself(session, project_id, wanted=wanted)
        if wanted:
            with self._lock:
                self._resting.pop(project_id, None)
                self._seen.pop(project_id, None)
        return self.state(project_id)

    def glance(self) -> None:
        """Begin by itself where a model is new, images were added, or enough was labelled since.

        Not while a model is being trained: it needs the processor, and what it makes looks again anyway.
        """
        if not self._allowed:
            return
        with self._database.read() as session:
            if runs.unfinished(session):
                return
            found = [each for each in looks.standings(session) if self._is_news(each)]
            due = [each for each in found if self._is_due(session, each)]
        for each in due:
            with suppress(NotFound, Busy), self._lock:
                if self._resting.get(each.project_id) != each.model_id:
                    self._begin(each.project_id, self._models.get(each.model_id))
                    self._seen[each.project_id] = each

    def _is_news(self, standing: Standing) -> bool:
        before = self._seen.get(standing.project_id)
        if standing.project_id not in self._wanted:
            return before != standing or standing.project_id in self._interrupted
        # What comes too late for a look that is under way is news when that has ended. Only the model of
        # another training takes its place.
        return before is not None and before.model_id != standing.model_id

    def _is_due(self, session: Session, standing: Standing) -> bool:
        if looks.waiting(session, standing.project_id, standing.model_id, 1):
            return True
        before = self._seen.get(standing.project_id)
        if before is None or before.model_id != standing.model_id:
            # Nothing to look at: as it was before the start. Labels are counted from here on.
            self._seen[standing.project_id] = standing
            return False
        return abs(standing.finished - before.finished) >= LABELS_UNTIL_REORDER

    def _task(self, project_id: int) -> Task | None:
        return self._looks.find(_name(project_id))

    def _begin(self, project_id: int, model: Model) -> None:
        if project_id in self._wanted:
            self._wanted[project_id] = model
            return
        self._interrupted.discard(project_id)
        task = Task(_name(project_id), "ready")
        task.project_id = project_id
        self._looks.run_anew(task, lambda progress: self._work(project_id, progress))
        self._wanted[project_id] = model

    def _work(self, project_id: int, progress: OnProgress) -> dict[str, Any]:
        """Look until nobody wants it any more, with whichever model is wanted by then."""
        while True:
            model = self._wanted_now(project_id)
            try:
                report = self._look(project_id, model, progress)
            except Exception as error:
                if self._is_over(project_id, model, stopped=isinstance(error, Stopped)):
                    raise
            else:
                if self._is_over(project_id, model):
                    return report

    def _wanted_now(self, project_id: int) -> Model | None:
        with self._lock:
            return self._wanted[project_id]

    def _is_over(self, project_id: int, model: Model | None, *, stopped: bool = False) -> bool:
        """Tell whether nothing else is wanted than what has ended; then whoever comes begins anew."""
        with self._lock:
            wanted = self._wanted[project_id]
            goes_on = wanted is not None and (stopped or model is None or wanted.id != model.id)
            if self._closed or not goes_on:
                del self._wanted[project_id]
                return True
            return False

    def _look(self, project_id: int, model: Model | None, progress: OnProgress) -> dict[str, Any]:
        if model is None:
            raise Stopped

        def go_on(done: int, total: int) -> None:
            progress(done, total)
            wanted = self._wanted_now(project_id)
            if wanted is None or wanted.id != model.id:
                raise Stopped

        try:
            threshold = float(self._models.thresholds(model)["score"])
            return self._look_at.carry_out(project_id, model, threshold, go_on)
        except Stopped:
            raise
        except Exception as error:
            with self._lock:
                self._failed[project_id] = model
                if isinstance(error, DatabaseUnusable):  # Locked for long, restarted, or without room.
                    self._interrupted.add(project_id)
                else:
                    self._resting[project_id] = model.id
            raise


def _name(project_id: int) -> str:
    return f"project-{project_id}"
