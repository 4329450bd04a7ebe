"""The tables, as typed SQLAlchemy classes; the same definition serves SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.columns import LARGEST_INTEGER as LARGEST_INTEGER
from data.columns import Base as Base
from data.columns import ByteOrderedText
from data.columns import known_id as known_id

_WHERE_PRESENT: dict[str, Any] = {
    "sqlite_where": text("deleted IS NULL"),
    "postgresql_where": text("deleted IS NULL"),
}
# Conditions are written as questions have them: SQLite takes an index only for the very words of it.
_WHERE_FLAGGED: dict[str, Any] = {
    "sqlite_where": text("deleted IS NULL AND flag IS 1"),
    "postgresql_where": text("deleted IS NULL AND flag IS TRUE"),
}
_WHERE_DELETED: dict[str, Any] = {
    "sqlite_where": text("deleted IS NOT NULL"),
    "postgresql_where": text("deleted IS NOT NULL"),
}


class ProjectRow(Base):
    """A dataset."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("length(name) > 0", name="name_present"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created: Mapped[datetime]
    archived: Mapped[datetime | None]
    # Whether a model looks at unlabelled images by itself.
    look_ahead: Mapped[bool] = mapped_column(server_default=true(), default=True)


class ProjectCountRow(Base):
    """How many images of each status a project has, without those in the bin.

    The database keeps it itself, by triggers that the migrations make: counting 100,000 rows for each page is
    what would make pages slow. One row holds all three, so that two savers wait for each other in one order.
    """

    __tablename__ = "project_count"

    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    unlabelled: Mapped[int] = mapped_column(server_default="0", default=0)
    labelled: Mapped[int] = mapped_column(server_default="0", default=0)
    empty: Mapped[int] = mapped_column(server_default="0", default=0)


class LabelClassRow(Base):
    """A class; its id is never used again, not even after deletion."""

    __tablename__ = "label_class"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        CheckConstraint("length(name) > 0", name="name_present"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str]
    colour: Mapped[str]
    position: Mapped[int]
    archived: Mapped[bool] = mapped_column(server_default=false(), default=False)


class ImageRow(Base):
    """A photograph: unique by project, name (the path it came from) and the hash of the bytes received.

    ``deleted`` is the moment it went to the bin, where nothing sees it any more but ``data.images`` itself.
    ``perceptual_hash`` is 64 bits as a signed number, None until it is computed; ``warning`` tells what was
    wrong with the file received, though it could be used.
    """

    __tablename__ = "image"
    __table_args__ = (
        UniqueConstraint("project_id", "name", "received_sha256"),
        Index("ix_image_order", "project_id", "sort_key", "id", **_WHERE_PRESENT),
        Index("ix_image_status_order", "project_id", "status", "sort_key", "id", **_WHERE_PRESENT),
        Index("ix_image_split_order", "project_id", "split", "sort_key", "id", **_WHERE_PRESENT),
        Index("ix_image_flagged_order", "project_id", "sort_key", "id", **_WHERE_FLAGGED),
        Index("ix_image_status_split", "project_id", "status", "split", **_WHERE_PRESENT),
        Index("ix_image_deleted", "project_id", "deleted", **_WHERE_DELETED),
        Index("ix_image_sha256", "sha256"),
        Index("ix_image_perceptual_hash", "project_id", "perceptual_hash"),
        CheckConstraint("width > 0 AND height > 0", name="size_positive"),
        CheckConstraint("orientation BETWEEN 1 AND 8", name="orientation_known"),
        CheckConstraint("status IN ('unlabelled', 'labelled', 'empty')", name="status_known"),
        CheckConstraint("split IN ('train', 'val', 'test')", name="split_known"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(ByteOrderedText)
    received_sha256: Mapped[str]
    sha256: Mapped[str]
    mime: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    orientation: Mapped[int]
    status: Mapped[str]
    split: Mapped[str | None]
    revision: Mapped[int]
    note: Mapped[str]
    created: Mapped[datetime]
    flag: Mapped[bool] = mapped_column(server_default=false(), default=False)
    deleted: Mapped[datetime | None]
    perceptual_hash: Mapped[int | None] = mapped_column(BigInteger())
    warning: Mapped[str] = mapped_column(server_default="", default="")


class BoxRow(Base):
    """A box; rows lie together by image, in the order they were drawn (``position``)."""

    __tablename__ = "box"
    __table_args__ = (
        # NaN compares as greater than everything on PostgreSQL, so an upper bound is what keeps it out.
        CheckConstraint("x0 >= 0 AND x0 < x1 AND x1 < 1000000000", name="x_ordered"),
        CheckConstraint("y0 >= 0 AND y0 < y1 AND y1 < 1000000000", name="y_ordered"),
        CheckConstraint("source IN ('person', 'import') OR source LIKE 'model:%'", name="source_known"),
        Index("ix_box_class_id", "class_id"),
        {"sqlite_with_rowid": False},
    )

    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    class_id: Mapped[int] = mapped_column(ForeignKey("label_class.id"))
    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    source: Mapped[str]
    difficult: Mapped[bool]
    crowd: Mapped[bool]


class SuggestionRow(Base):
    """A model's box that a person has not drawn: open until somebody accepts or rejects it."""

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint("x0 >= 0 AND x0 < x1 AND x1 < 1000000000", name="x_ordered"),
        CheckConstraint("y0 >= 0 AND y0 < y1 AND y1 < 1000000000", name="y_ordered"),
        CheckConstraint("score >= 0 AND score <= 1", name="score_between_0_and_1"),
        CheckConstraint("state IN ('open', 'accepted', 'rejected')", name="state_known"),
        Index("ix_suggestion_image_id_state", "image_id", "state"),
        Index("ix_suggestion_state_image_id", "state", "image_id"),
        Index("ix_suggestion_model_id", "model_id"),
        Index("ix_suggestion_class_id", "class_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"))
    model_id: Mapped[str] = mapped_column(ForeignKey("model.id", ondelete="CASCADE"))
    class_id: Mapped[int] = mapped_column(ForeignKey("label_class.id"))
    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    score: Mapped[float]
    state: Mapped[str] = mapped_column(server_default="open", default="open")
    created: Mapped[datetime]
    decided: Mapped[datetime | None]


class LookRow(Base):
    """What a model made of an image when it last looked at it, by which the queue of Label is ordered.

    It holds for the ``revision`` of the image at which it was made. ``usefulness`` is None until the order is
    worked out; ``descriptor`` is a short list of numbers by which images are told apart.
    """

    __tablename__ = "look"
    __table_args__ = (
        CheckConstraint("uncertainty >= 0 AND uncertainty <= 1", name="uncertainty_between_0_and_1"),
        Index("ix_look_model_id", "model_id"),
    )

    image_id: Mapped[int] = mapped_column(
        ForeignKey("image.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model_id: Mapped[str] = mapped_column(ForeignKey("model.id", ondelete="CASCADE"))
    revision: Mapped[int]
    uncertainty: Mapped[float]
    usefulness: Mapped[float | None]
    reason: Mapped[str]
    descriptor: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    seen: Mapped[datetime]


class FindingRow(Base):
    """A place where a model and the labels of an image disagree, until a person decides who is right.

    ``box_id`` names the drawn box that it doubts; the corners are float xyxy pixels of the upright image.
    """

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('missing_box', 'unseen_box', 'other_class', 'poor_fit')", name="kind_known"
        ),
        CheckConstraint("x0 >= 0 AND x0 < x1 AND x1 < 1000000000", name="x_ordered"),
        CheckConstraint("y0 >= 0 AND y0 < y1 AND y1 < 1000000000", name="y_ordered"),
        CheckConstraint("state IN ('open', 'dismissed', 'fixed')", name="state_known"),
        Index("ix_finding_image_id", "image_id"),
        Index("ix_finding_state_badness", "state", "badness"),
        Index("ix_finding_model_id", "model_id"),
        Index("ix_finding_class_id", "class_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"))
    model_id: Mapped[str] = mapped_column(ForeignKey("model.id", ondelete="CASCADE"))
    kind: Mapped[str]
    class_id: Mapped[int] = mapped_column(ForeignKey("label_class.id"))
    box_id: Mapped[str | None]
    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    score: Mapped[float | None]
    badness: Mapped[float]
    image_revision: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="open", default="open")
    created: Mapped[datetime]
    decided: Mapped[datetime | None]


class EditRow(Base):
    """One change of an image's boxes or status, with the state after it: any of them can be put back.

    ``restored`` is the revision whose state a restoring edit put back.
    """

    __tablename__ = "edit"
    __table_args__ = (
        UniqueConstraint("image_id", "operation_id"),
        UniqueConstraint("image_id", "revision"),
        CheckConstraint("action IN ('draw', 'mark', 'restore')", name="action_known"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"))
    operation_id: Mapped[str]
    revision: Mapped[int]
    author: Mapped[str]
    status: Mapped[str]
    boxes: Mapped[list[Any]]
    created: Mapped[datetime]
    action: Mapped[str] = mapped_column(server_default="draw", default="draw")
    restored: Mapped[int | None]


class SnapshotRow(Base):
    """A frozen dataset; ``content`` holds everything a run needs of it except the image files."""

    __tablename__ = "snapshot"
    __table_args__ = (Index("ix_snapshot_content_hash", "project_id", "content_hash"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    content_hash: Mapped[str]
    content: Mapped[dict[str, Any]]
    created: Mapped[datetime]


class RunRow(Base):
    """One training; the columns are the only channel between the faces, the worker and the trainer."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("stop IN ('cancel', 'pause', 'finish')", name="stop_known"),
        CheckConstraint("outcome IN ('done', 'failed', 'cancelled', 'paused')", name="outcome_known"),
        CheckConstraint(
            "failure IN ('out_of_memory', 'disk_full', 'diverged', 'worker_gone', 'weights_unavailable', "
            "'bad_data', 'unknown')",
            name="failure_known",
        ),
        Index("ix_run_project_created", "project_id", "created"),
        Index("ix_run_outcome", "outcome"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshot.id", ondelete="CASCADE"))
    job_id: Mapped[str | None]
    params: Mapped[dict[str, Any]]
    stop: Mapped[str | None]
    outcome: Mapped[str | None]
    error: Mapped[str | None]
    phase: Mapped[str]
    step: Mapped[int]
    total_steps: Mapped[int]
    epoch: Mapped[int]
    total_epochs: Mapped[int]
    seconds_left: Mapped[float | None]
    metrics: Mapped[dict[str, Any]]
    # No foreign key: model.run_id points here already, and a circle would forbid dropping either table.
    model_id: Mapped[str | None]
    attempts: Mapped[int]
    host: Mapped[str | None]
    pid: Mapped[int | None]
    pid_start: Mapped[float | None]
    beat: Mapped[float | None]
    created: Mapped[datetime]
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    # Lower goes first.
    priority: Mapped[int] = mapped_column(server_default="10", default=10)
    device: Mapped[str | None]
    failure: Mapped[str | None]
    failure_detail: Mapped[dict[str, Any] | None]
    promised_seconds: Mapped[float | None]
    # Of all attempts, without the time in the queue or at rest.
    worked_seconds: Mapped[float] = mapped_column(server_default="0", default=0.0)


class RunMetricRow(Base):
    """One measured value of a run at an optimiser step; a step repeated after a resume overwrites it."""

    __tablename__ = "run_metric"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]


class ModelRow(Base):
    """A finished model; its files lie beside the database under its id."""

    __tablename__ = "model"
    __table_args__ = (
        Index("ix_model_project_created", "project_id", "created"),
        Index("ix_model_name", "name"),
        Index(
            "ix_model_default",
            "project_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    name: Mapped[str]
    classes: Mapped[list[Any]]
    metrics: Mapped[dict[str, Any]]
    params: Mapped[dict[str, Any]]
    created: Mapped[datetime]
    note: Mapped[str] = mapped_column(server_default="", default="")
    deleted: Mapped[datetime | None]
    is_default: Mapped[bool] = mapped_column(server_default=false(), default=False)
    # No foreign key: a model outlives the one that its training started from.
    parent_id: Mapped[str | None]
