"""How many boxes a class has, those of images in the bin left out."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from data.schema import BoxRow, ImageRow, LabelClassRow


def boxes_of_class() -> ColumnElement[int]:
    """Give the number as an expression for a question about ``LabelClassRow``.

    Both halves are read from indexes alone: all boxes of the class, less the few that lie in the bin.
    """
    everywhere = select(func.count()).where(BoxRow.class_id == LabelClassRow.id).scalar_subquery()
    in_bin = (
        select(func.count())
        .select_from(ImageRow)
        .join(BoxRow, BoxRow.image_id == ImageRow.id)
        .where(
            ImageRow.project_id == LabelClassRow.project_id,
            ImageRow.deleted.is_not(None),
            BoxRow.class_id == LabelClassRow.id,
        )
        .scalar_subquery()
    )
    return everywhere - in_bin
