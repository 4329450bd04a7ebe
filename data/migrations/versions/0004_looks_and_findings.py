"""Looks of models at images, findings where they and the labels disagree, and which projects look ahead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables, empty; every project is looked ahead in."""
    op.add_column("project", sa.Column("look_ahead", sa.Boolean(), server_default=sa.true(), nullable=False))
    _create_looks()
    _create_findings()


def _create_looks() -> None:
    op.create_table(
        "look",
        sa.Column("image_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("uncertainty", sa.Double(), nullable=False),
        sa.Column("usefulness", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("descriptor", sa.JSON(), nullable=True),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "uncertainty >= 0 AND uncertainty <= 1", name=op.f("ck_look_uncertainty_between_0_and_1")
        ),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_look_image_id_image"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_look_model_id_model"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_look")),
    )
    op.create_index("ix_look_model_id", "look", ["model_id"], unique=False)


def _create_findings() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("box_id", sa.Text(), nullable=True),
        sa.Column("x0", sa.Double(), nullable=False),
        sa.Column("y0", sa.Double(), nullable=False),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("badness", sa.Double(), nullable=False),
        sa.Column("image_revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('missing_box', 'unseen_box', 'other_class', 'poor_fit')",
            name=op.f("ck_finding_kind_known"),
        ),
        sa.CheckConstraint("x0 >= 0 AND x0 < x1 AND x1 < 1000000000", name=op.f("ck_finding_x_ordered")),
        sa.CheckConstraint("y0 >= 0 AND y0 < y1 AND y1 < 1000000000", name=op.f("ck_finding_y_ordered")),
        sa.CheckConstraint("state IN ('open', 'dismissed', 'fixed')", name=op.f("ck_finding_state_known")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["label_class.id"], name=op.f("fk_finding_class_id_label_class")
        ),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name=op.f("fk_finding_image_id_image"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_finding_model_id_model"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_finding_image_id", "finding", ["image_id"], unique=False)
    op.create_index("ix_finding_state_badness", "finding", ["state", "badness"], unique=False)
    op.create_index("ix_finding_model_id", "finding", ["model_id"], unique=False)
    op.create_index("ix_finding_class_id", "finding", ["class_id"], unique=False)
