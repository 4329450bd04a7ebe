"""Flags, bin and perceptual hashes of images, archiving, counts, suggestions, and what each edit was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KNOWN_SOURCE = "source IN ('person', 'import') OR source LIKE 'model:%'"
_STATUSES = ("unlabelled", "labelled", "empty")
_CHANGED = "AND (OLD.status <> NEW.status OR (OLD.deleted IS NULL) <> (NEW.deleted IS NULL))"


def upgrade() -> None:
    """Add the columns and the table; rows that are there get what a new row would have."""
    op.add_column("project", sa.Column("archived", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "label_class", sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("image", sa.Column("flag", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("image", sa.Column("deleted", sa.DateTime(timezone=True), nullable=True))
    op.add_column("image", sa.Column("perceptual_hash", sa.BigInteger(), nullable=True))
    op.add_column("image", sa.Column("warning", sa.Text(), server_default="", nullable=False))
    _index_images()
    _count_images()
    _describe_edits()
    _check_sources()
    _create_suggestions()


def _index_images() -> None:
    present, deleted = sa.text("deleted IS NULL"), sa.text("deleted IS NOT NULL")
    op.drop_index("ix_image_order", "image")
    op.drop_index("ix_image_status_order", "image")
    for name, columns, where in (
        ("ix_image_order", ["project_id", "sort_key", "id"], present),
        ("ix_image_status_order", ["project_id", "status", "sort_key", "id"], present),
        ("ix_image_status_split", ["project_id", "status", "split"], present),
        ("ix_image_deleted", ["project_id", "deleted"], deleted),
        ("ix_image_perceptual_hash", ["project_id", "perceptual_hash"], None),
    ):
        op.create_index(name, "image", columns, unique=False, sqlite_where=where, postgresql_where=where)


def _count_images() -> None:
    """Let the database keep the number of images by status; a migration that copies ``image`` must too."""
    op.create_table(
        "project_count",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(status, sa.Integer(), server_default="0", nullable=False) for status in _STATUSES),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_project_count_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_count")),
    )
    numbers = ", ".join(
        f"(SELECT count(*) FROM image WHERE project_id = project.id AND status = '{status}')"
        for status in _STATUSES
    )
    op.execute(f"INSERT INTO project_count SELECT id, {numbers} FROM project")
    if op.get_bind().dialect.name == "postgresql":
        _count_by_statement()
    else:
        _count_by_row()


def _count_by_row() -> None:
    begin = "INSERT INTO project_count (project_id) VALUES (NEW.id);"
    op.execute(f"CREATE TRIGGER project_begins_count AFTER INSERT ON project BEGIN {begin} END")
    for name, event, row, step, condition in (
        ("image_counts_new", "INSERT", "NEW", 1, ""),
        ("image_counts_gone", "DELETE", "OLD", -1, ""),
        # Two for an update: of an image that is in the bin before or after, only one side counts.
        ("image_counts_before", "UPDATE OF status, deleted", "OLD", -1, _CHANGED),
        ("image_counts_after", "UPDATE OF status, deleted", "NEW", 1, _CHANGED),
    ):
        changes = ", ".join(f"{each} = {each} + {step} * ({row}.status = '{each}')" for each in _STATUSES)
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON image WHEN {row}.deleted IS NULL {condition} BEGIN "
            f"UPDATE project_count SET {changes} WHERE project_id = {row}.project_id; END"
        )


def _count_by_statement() -> None:
    # PostgreSQL keeps every version of a row until its transaction ends, so a count written once for each of
    # 100,000 deleted images would take hours.
    _trigger(
        "project_begins_count",
        "INSERT ON project FOR EACH ROW",
        "INSERT INTO project_count (project_id) VALUES (NEW.id);",
    )
    fresh = "SELECT project_id, status, 1 AS step FROM fresh WHERE deleted IS NULL"
    gone = "SELECT project_id, status, -1 AS step FROM gone WHERE deleted IS NULL"
    for name, event, tables, rows in (
        ("image_counts_new", "INSERT", "NEW TABLE AS fresh", fresh),
        ("image_counts_gone", "DELETE", "OLD TABLE AS gone", gone),
        (
            "image_counts_changed",
            "UPDATE",
            "OLD TABLE AS gone NEW TABLE AS fresh",
            f"{fresh} UNION ALL {gone}",
        ),
    ):
        sums = {each: f"coalesce(sum(step) FILTER (WHERE status = '{each}'), 0)" for each in _STATUSES}
        _trigger(
            name,
            f"{event} ON image REFERENCING {tables} FOR EACH STATEMENT",
            f"UPDATE project_count AS c SET {', '.join(f'{each} = c.{each} + d.{each}' for each in sums)} "
            f"FROM (SELECT project_id, {', '.join(f'{sum_} AS {each}' for each, sum_ in sums.items())} "
            f"FROM ({rows}) AS r GROUP BY project_id) AS d WHERE c.project_id = d.project_id "
            # A save that changes no count must not wait for others of its project.
            f"AND (d.{', d.'.join(sums)}) <> (0, 0, 0);",
        )


def _trigger(name: str, event: str, statement: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {statement} RETURN NULL; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} AFTER {event} EXECUTE FUNCTION {name}()")


def _create_suggestions() -> None:
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("x0", sa.Double(), nullable=False),
        sa.Column("y0", sa.Double(), nullable=False),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("x0 >= 0 AND x0 < x1 AND x1 < 1000000000", name=op.f("ck_suggestion_x_ordered")),
        sa.CheckConstraint("y0 >= 0 AND y0 < y1 AND y1 < 1000000000", name=op.f("ck_suggestion_y_ordered")),
        sa.CheckConstraint("score >= 0 AND score <= 1", name=op.f("ck_suggestion_score_between_0_and_1")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'rejected')", name=op.f("ck_suggestion_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["label_class.id"], name=op.f("fk_suggestion_class_id_label_class")
        ),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_suggestion_image_id_image"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_suggestion_model_id_model"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_suggestion_image_id_state", "suggestion", ["image_id", "state"], unique=False)
    op.create_index("ix_suggestion_model_id", "suggestion", ["model_id"], unique=False)
    op.create_index("ix_suggestion_class_id", "suggestion", ["class_id"], unique=False)


def _describe_edits() -> None:
    # Written out, because SQLite adds a column with its check in place, but a check alone only by copying
    # the whole table.
    op.execute(
        "ALTER TABLE edit ADD COLUMN action TEXT DEFAULT 'draw' NOT NULL "
        "CONSTRAINT ck_edit_action_known CHECK (action IN ('draw', 'mark', 'restore'))"
    )
    op.add_column("edit", sa.Column("restored", sa.Integer(), nullable=True))
    # Only a mark makes an image empty.
    op.execute("UPDATE edit SET action = 'mark' WHERE status = 'empty'")


def _check_sources() -> None:
    # Until now the source was free text, and what no part of this program wrote came from a person.
    op.execute(f"UPDATE box SET source = 'person' WHERE NOT ({_KNOWN_SOURCE})")
    if op.get_bind().dialect.name == "postgresql":
        op.create_check_constraint(op.f("ck_box_source_known"), "box", _KNOWN_SOURCE)
        return
    op.execute("ALTER TABLE box RENAME TO box_before")
    op.execute("DROP INDEX ix_box_class_id")
    op.create_table(
        "box",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("x0", sa.Double(), nullable=False),
        sa.Column("y0", sa.Double(), nullable=False),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("difficult", sa.Boolean(), nullable=False),
        sa.Column("crowd", sa.Boolean(), nullable=False),
        sa.CheckConstraint("x0 >= 0 AND x0 < x1 AND x1 < 1000000000", name=op.f("ck_box_x_ordered")),
        sa.CheckConstraint("y0 >= 0 AND y0 < y1 AND y1 < 1000000000", name=op.f("ck_box_y_ordered")),
        sa.CheckConstraint(_KNOWN_SOURCE, name=op.f("ck_box_source_known")),
        sa.ForeignKeyConstraint(["class_id"], ["label_class.id"], name=op.f("fk_box_class_id_label_class")),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_box_image_id_image"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", "id", name=op.f("pk_box")),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO box SELECT * FROM box_before")
    op.execute("DROP TABLE box_before")
    op.create_index("ix_box_class_id", "box", ["class_id"], unique=False)
