"""Priority, device, failure and promise of runs, and their third way to stop; lineage and bin of models.

And indexes by which a large project is looked through by split, flag and open suggestions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STOPS = "stop IN ('cancel', 'pause', 'finish')"
_FAILURES = (
    "failure IN ('out_of_memory', 'disk_full', 'diverged', 'worker_gone', 'weights_unavailable', "
    "'bad_data', 'unknown')"
)
_OUTCOMES = "outcome IN ('done', 'failed', 'cancelled', 'paused')"
#: What a run had before, in the order of its table.
_KEPT = (
    "id, project_id, snapshot_id, job_id, params, stop, outcome, error, phase, step, total_steps, epoch, "
    "total_epochs, seconds_left, metrics, model_id, attempts, host, pid, pid_start, beat, created, started, "
    "finished"
)


def upgrade() -> None:
    """Add the columns; rows that are there get what a new row would have."""
    if op.get_bind().dialect.name == "postgresql":
        _extend_runs()
    else:
        _copy_runs()
    op.add_column("model", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.add_column("model", sa.Column("deleted", sa.DateTime(timezone=True), nullable=True))
    op.add_column("model", sa.Column("is_default", sa.Boolean(), server_default=sa.false(), nullable=False))
    # No foreign key: a model outlives the one that its training started from.
    op.add_column("model", sa.Column("parent_id", sa.Text(), nullable=True))
    default = sa.text("is_default")
    op.create_index(
        "ix_model_default",
        "model",
        ["project_id"],
        unique=True,
        sqlite_where=default,
        postgresql_where=default,
    )
    _index_filters()


def _index_filters() -> None:
    present = sa.text("deleted IS NULL")
    op.create_index(
        "ix_image_split_order",
        "image",
        ["project_id", "split", "sort_key", "id"],
        unique=False,
        sqlite_where=present,
        postgresql_where=present,
    )
    op.create_index(
        "ix_image_flagged_order",
        "image",
        ["project_id", "sort_key", "id"],
        unique=False,
        sqlite_where=sa.text("deleted IS NULL AND flag IS 1"),
        postgresql_where=sa.text("deleted IS NULL AND flag IS TRUE"),
    )
    op.create_index("ix_suggestion_state_image_id", "suggestion", ["state", "image_id"], unique=False)


def _new_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("priority", sa.Integer(), server_default="10", nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failure_detail", sa.JSON(), nullable=True),
        sa.Column("promised_seconds", sa.Double(), nullable=True),
        sa.Column("worked_seconds", sa.Double(), server_default="0", nullable=False),
    ]


def _extend_runs() -> None:
    for column in _new_columns():
        op.add_column("run", column)
    op.drop_constraint(op.f("ck_run_stop_known"), "run", type_="check")
    op.create_check_constraint(op.f("ck_run_stop_known"), "run", _STOPS)
    op.create_check_constraint(op.f("ck_run_failure_known"), "run", _FAILURES)


def _copy_runs() -> None:
    # SQLite changes a check only by copying the table. The copy is renamed, not the original: what refers to
    # a table follows it to its new name.
    op.create_table(
        "run_copy",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("stop", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("total_steps", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("total_epochs", sa.Integer(), nullable=False),
        sa.Column("seconds_left", sa.Double(), nullable=True),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("pid_start", sa.Double(), nullable=True),
        sa.Column("beat", sa.Double(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        *_new_columns(),
        sa.CheckConstraint(_OUTCOMES, name=op.f("ck_run_outcome_known")),
        sa.CheckConstraint(_STOPS, name=op.f("ck_run_stop_known")),
        sa.CheckConstraint(_FAILURES, name=op.f("ck_run_failure_known")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_run_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name=op.f("fk_run_snapshot_id_snapshot"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.execute(f"INSERT INTO run_copy ({_KEPT}) SELECT {_KEPT} FROM run")
    op.execute("DROP TABLE run")
    op.execute("ALTER TABLE run_copy RENAME TO run")
    op.create_index("ix_run_outcome", "run", ["outcome"], unique=False)
    op.create_index("ix_run_project_created", "run", ["project_id", "created"], unique=False)
