"""Which of a project's classes a model means by the names that it learnt."""

from __future__ import annotations

from sqlalchemy.orm import Session

from data import classes, models, runs, snapshots


def class_ids(session: Session, project_id: int, model_id: str) -> dict[str, int]:
    """Give the ids of a project's classes by the names that a model knows them by.

    A class that was renamed since the model learnt it has both names; an archived one is left out. A large
    snapshot is searched for its names: not to be asked for every image.

    Raises:
        NotFound: there is no such model.
    """
    model = models.get(session, model_id)
    now = {item.id: item.name for item in classes.list_all(session, project_id) if not item.archived}
    snapshot_id = runs.snapshot_id(session, model.run_id)
    then = {} if snapshot_id is None else snapshots.class_names(session, snapshot_id)
    learnt = {name: class_id for class_id, name in then.items() if class_id in now}
    return {**{name: class_id for class_id, name in now.items()}, **learnt}
