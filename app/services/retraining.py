"""Retraining: when enough was labelled since a model was made, and the run that makes it better."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.services.preflight import Preflight
from app.services.run_params import Wanted
from app.services.training import Training
from data import looks, models, projects, runs
from data.database import Database
from data.errors import NotFound, RunBusy
from data.records import Model, Run
from ssd_core.train_config import TrainConfig

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Labels from which on a new training is offered: fewer move a model less than chance does. Of many images
#: it takes a part of them, because accuracy grows with the logarithm of their number.
FEWEST_NEW = 10
PART_NEW = 0.1


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether to train again.

    Args:
        offer: enough was labelled, and no run of the project is on its way.
        new_labels: images labelled, corrected or found empty since the model's data set was frozen.
        batch: how many times as many as are needed that is; who declines one is asked again at the next.
        since_model: the model that a run goes on from; None if there is none.
        seconds: how long that takes; None if it cannot be told.
    """

    offer: bool
    new_labels: int
    batch: int
    since_model: Model | None
    seconds: float | None


class Retraining:
    """Offers to train again with what was labelled since, and does."""

    def __init__(self, database: Database, training: Training, preflight: Preflight) -> None:
        self._database = database
        self._training = training
        self._preflight = preflight
        self._starting = threading.Lock()
        #: By project, what was answered for how many labels on which model: in between it changes little, and
        #: to look a large project through takes seconds, which would follow each label.
        self._answers: dict[int, tuple[tuple[str, int], float]] = {}

    def offer(self, project_id: int) -> Offer:
        """Tell whether a default model could learn from what was labelled since; raises NotFound."""
        with self._database.read() as session:
            projects.require(session, project_id)
            model = models.default_of(session, project_id)
            if model is None:
                return Offer(False, 0, 0, None, None)
            run = _run_of(session, model)
            new = looks.finished_since(session, project_id, _frozen(model, run))
            project = projects.get(session, project_id)
            busy = _is_busy(session, project_id)
        before = project.labelled + project.empty - new
        batch = new // max(FEWEST_NEW, round(PART_NEW * before))
        if batch == 0 or busy:
            return Offer(False, new, batch, model, None)
        asked, seconds = self._answers.get(project_id, (None, None))
        if asked == (model.id, batch):
            return Offer(True, new, batch, model, seconds)
        answer = self._preflight.look(project_id, _wanted(model, run), measure=False)
        if answer.ok and answer.seconds is not None:
            self._answers[project_id] = (model.id, batch), answer.seconds
        return Offer(answer.ok, new, batch, model, answer.seconds)

    def start(self, project_id: int) -> Run:
        """Queue a run with the settings of the one that made the default model, going on from that model.

        Raises:
            NotFound: there is no such project, or it has no model.
            NothingToTrain: too few labelled images.
            RunBusy: a run of the project is on its way.
        """
        with self._starting:  # The offer may be seen, and taken, on two pages.
            with self._database.read() as session:
                projects.require(session, project_id)
                model = models.default_of(session, project_id)
                if model is None:
                    raise NotFound("This project has no model to go on from. Train a first one.")
                if _is_busy(session, project_id):
                    raise RunBusy("A run of this project is on its way already. See it under Train.")
                wanted = _wanted(model, _run_of(session, model))
            return self._training.start(project_id, **asdict(wanted))


def _is_busy(session: Session, project_id: int) -> bool:
    return any(each.project_id == project_id for each in runs.unfinished(session))


def _run_of(session: Session, model: Model) -> Run | None:
    return None if model.run_id is None else runs.get(session, model.run_id)


def _frozen(model: Model, run: Run | None) -> datetime:
    """When what a model learnt from was frozen; of one that came from elsewhere, when it came."""
    return model.created if run is None else run.created


def _wanted(model: Model, run: Run | None) -> Wanted:
    if run is None:
        return Wanted(start=model.id)
    params = run.params
    config = TrainConfig.from_json(params["train_config"])
    return Wanted(
        preset=params["preset"],
        seed=int(params["seed"]),
        steps=config.steps if params.get("minutes") is None else None,
        minutes=params.get("minutes"),
        batch=config.batch_size,
        augmentation=config.augment,
        start=model.id,
        device=run.device,
        priority=run.priority,
    )
