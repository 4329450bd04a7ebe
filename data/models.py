"""Models: what runs produced; the row names them, the files lie beside the database."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.records import Model
from data.schema import ModelRow, known_id


def register(session: Session, model: Model) -> Model:
    """Enter a finished model; entering the same id again changes nothing and gives what is there."""
    row = session.get(ModelRow, model.id)
    if row is None:
        row = ModelRow(
            id=model.id,
            project_id=model.project_id,
            run_id=model.run_id,
            name=model.name,
            classes=list(model.classes),
            metrics=dict(model.metrics),
            params=dict(model.params),
            created=model.created,
        )
        session.add(row)
        session.flush()
    return _record(row)


def get(session: Session, id_or_name: str) -> Model:
    """Read a model by its id or else its name; of several with one name, the newest.

    Raises:
        NotFound: there is none; the message lists the newest there are.
    """
    row = session.get(ModelRow, id_or_name)
    if row is None:
        named = select(ModelRow).where(ModelRow.name == id_or_name)
        row = session.scalars(named.order_by(ModelRow.created.desc(), ModelRow.id).limit(1)).first()
    if row is None:
        names = session.scalars(select(ModelRow.name).order_by(ModelRow.created.desc()).limit(5)).all()
        known = f"The newest are: {', '.join(names)}." if names else "There are none yet: train one first."
        raise NotFound(f"There is no model {id_or_name!r}. {known}")
    return _record(row)


def list_all(session: Session, project_id: int | None = None) -> tuple[Model, ...]:
    """Read the models of a project, or of all, newest first."""
    query = select(ModelRow).order_by(ModelRow.created.desc(), ModelRow.id)
    if project_id is not None:
        query = query.where(ModelRow.project_id == known_id(project_id, "project"))
    return tuple(_record(row) for row in session.scalars(query))


def _record(row: ModelRow) -> Model:
    return Model(
        id=row.id,
        project_id=row.project_id,
        run_id=row.run_id,
        name=row.name,
        classes=tuple(row.classes),
        metrics=dict(row.metrics),
        created=row.created,
        params=dict(row.params),
    )
