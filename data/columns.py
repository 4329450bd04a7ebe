"""What every table is made of: the base with its names for constraints, and the types of columns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Boolean, DateTime, Dialect, Double, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

from data.errors import NotFound

#: Largest whole number that an Integer column holds in both databases.
LARGEST_INTEGER = 2**31 - 1


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, with its zone both ways (SQLite stores none, so it is put back on reading)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any zoned moment into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Put the zone back where the database dropped it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Pages are cut by comparing this key, so both databases must order it the same way: by bytes, not by locale.
ByteOrderedText = Text().with_variant(Text(collation="C"), "postgresql")


def known_id(number: int, kind: str) -> int:
    """Give a row's number back if a row can have it.

    Args:
        number: as it came from outside.
        kind: what it names, for the message (``image``, ``project``).

    Raises:
        NotFound: no column can hold it, on which drivers fail with errors of their own.
    """
    if not 1 <= number <= LARGEST_INTEGER:
        # The number itself is not told: Python refuses to write out very long ones.
        raise NotFound(f"There is no {kind} of this number: ids lie between 1 and {LARGEST_INTEGER}.")
    return number


class Base(DeclarativeBase):
    """Base of all tables; every constraint gets a name, which later migrations need."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: Integer(),
        float: Double(),
        bool: Boolean(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }
