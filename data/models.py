"""Models: what runs produced or people brought; the row names them, the files lie beside the database.

A deleted model lies in the bin for a while: nothing finds it there but what is made for the bin, and it can
be put back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, NotFound
from data.names import tidy_name, tidy_note
from data.records import Model
from data.schema import ModelRow, ProjectRow, known_id

#: Days for which a deleted model can be put back.
DAYS_IN_BIN = 30
_PRESENT = ModelRow.deleted.is_(None)
_DELETED = ModelRow.deleted.is_not(None)


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
            note=model.note,
            parent_id=model.parent_id,
        )
        session.add(row)
        session.flush()
    return _record(row)


def get(session: Session, id_or_name: str) -> Model:
    """Read a model by its id or else its name; of several with one name, the newest.

    Raises:
        NotFound: there is none; the message lists the newest there are, or says that it lies in the bin.
    """
    row = session.get(ModelRow, id_or_name)
    if row is None:
        named = select(ModelRow).where(ModelRow.name == id_or_name, _PRESENT)
        row = session.scalars(named.order_by(ModelRow.created.desc(), ModelRow.id).limit(1)).first()
    if row is None:
        newest = select(ModelRow.name).where(_PRESENT).order_by(ModelRow.created.desc()).limit(5)
        names = session.scalars(newest).all()
        known = f"The newest are: {', '.join(names)}." if names else "There are none yet: train one first."
        raise NotFound(f"There is no model {id_or_name!r}. {known}")
    if row.deleted is not None:
        raise NotFound(f"The model {row.name!r} was deleted. Put it back from the bin to use it.")
    return _record(row)


def find(session: Session, model_id: str) -> Model | None:
    """Read a model by its id wherever it is, in the bin too; None if there is none."""
    row = session.get(ModelRow, model_id)
    return None if row is None else _record(row)


def list_all(session: Session, project_id: int | None = None, *, deleted: bool = False) -> tuple[Model, ...]:
    """Read the models of a project, or of all, newest first; ``deleted`` asks for those in the bin."""
    query = select(ModelRow).where(_DELETED if deleted else _PRESENT)
    if project_id is not None:
        query = query.where(ModelRow.project_id == known_id(project_id, "project"))
    order = ModelRow.deleted.desc() if deleted else ModelRow.created.desc()
    return tuple(_record(row) for row in session.scalars(query.order_by(order, ModelRow.id)))


def change(
    session: Session,
    model_id: str,
    *,
    name: str | None = None,
    note: str | None = None,
    is_default: bool | None = None,
) -> Model:
    """Rename a model, write its note, make it its project's default or take that back; None leaves as is.

    Raises:
        NotFound: there is no such model outside the bin.
        AlreadyExists: another model of the project has the name.
        InvalidName: the name or note cannot be stored.
    """
    if is_default:
        _hold_project_of(session, model_id)
    row = _present(session, model_id)
    if name is not None:
        tidy = tidy_name(name, "model")
        taken = select(ModelRow.id).where(
            ModelRow.project_id == row.project_id, ModelRow.name == tidy, ModelRow.id != row.id, _PRESENT
        )
        if session.scalars(taken.limit(1)).first() is not None:
            raise AlreadyExists(f"The project has a model named {tidy!r} already. Choose another name.")
        row.name = tidy
    if note is not None:
        row.note = tidy_note(note)
    if is_default is not None:
        if is_default:
            # Before the other one is set: the database holds that there is one at most.
            session.execute(
                update(ModelRow).where(ModelRow.project_id == row.project_id).values(is_default=False)
            )
        row.is_default = is_default
    session.flush()
    return _record(row)


def default_of(session: Session, project_id: int) -> Model | None:
    """Read a project's default model, else its newest; None if it has none."""
    query = select(ModelRow).where(ModelRow.project_id == known_id(project_id, "project"), _PRESENT)
    first = query.order_by(ModelRow.is_default.desc(), ModelRow.created.desc(), ModelRow.id).limit(1)
    row = session.scalars(first).first()
    return None if row is None else _record(row)


def delete(session: Session, model_id: str, now: datetime) -> Model:
    """Put a model into the bin, from which it can come back; it is no default any more.

    Raises:
        NotFound: there is no such model outside the bin.
    """
    row = _present(session, model_id)
    row.deleted, row.is_default = now, False
    session.flush()
    return _record(row)


def put_back(session: Session, model_id: str) -> Model:
    """Take a model out of the bin; one that is not in it stays as it is.

    Raises:
        NotFound: there is none with this id, or no longer.
    """
    row = session.get(ModelRow, model_id)
    if row is None:
        raise NotFound(f"There is no model {model_id!r}. The bin keeps deleted ones for {DAYS_IN_BIN} days.")
    row.deleted = None
    session.flush()
    return _record(row)


def expired(session: Session, now: datetime, keep_days: float = DAYS_IN_BIN) -> bool:
    """Tell whether the bin holds a model for longer than it keeps them."""
    last = now - timedelta(days=keep_days)
    return session.scalars(select(ModelRow.id).where(ModelRow.deleted <= last).limit(1)).first() is not None


def empty_bin(session: Session, now: datetime, keep_days: float = DAYS_IN_BIN) -> tuple[str, ...]:
    """Remove for good what lies in the bin for longer; gives the ids, whose files are no longer needed."""
    last = now - timedelta(days=keep_days)
    rows = session.scalars(select(ModelRow).where(ModelRow.deleted <= last)).all()
    for row in rows:
        session.delete(row)
    return tuple(row.id for row in rows)


def _hold_project_of(session: Session, model_id: str) -> None:
    """Let others who choose a default wait: each would lock its own model first, then want all of them."""
    query = select(ProjectRow.id).join(ModelRow, ModelRow.project_id == ProjectRow.id)
    session.execute(query.where(ModelRow.id == model_id).with_for_update(key_share=True, of=ProjectRow))


def _present(session: Session, model_id: str) -> ModelRow:
    row = session.get(ModelRow, model_id, with_for_update=True)
    if row is None or row.deleted is not None:
        # Says which of the two it is.
        get(session, model_id)
        raise NotFound(f"There is no model with the id {model_id!r}.")
    return row


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
        note=row.note,
        deleted=row.deleted,
        is_default=row.is_default,
        parent_id=row.parent_id,
    )
