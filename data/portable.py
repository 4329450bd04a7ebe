"""The database as lines of JSON, which any SQLite or PostgreSQL can take in.

The first line is ``{"format": "ssd-studio rows", "version": 1, "schema": revision}``. Then follows, for each
table, a line ``{"table": name, "columns": [...], "last_id": …}`` and a line per row: its values in the order
of the columns, moments as ISO text in UTC. ``last_id`` is the last number given, so that none is given again,
or null. Tables that others refer to come first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, DateTime, Integer, MetaData, Table, select, text

from data.errors import BackupUnusable
from data.schema import Base

FORMAT, VERSION = "ssd-studio rows", 1
# What the database keeps itself: it fills up while the other tables do.
_DERIVED = {"project_count"}
_BATCH = 1000
_SEQUENCE = text("SELECT pg_get_serial_sequence(:table, :column)")


def lines_of(connection: Connection, schema: str) -> Iterator[str]:
    """Write the data set's tables as lines, each with its line end.

    Args:
        connection: inside a transaction that sees one moment.
        schema: the revision that the tables have.
    """
    yield _line({"format": FORMAT, "version": VERSION, "schema": schema})
    for table in tables_of(connection):
        columns = [column.name for column in table.columns]
        yield _line({"table": table.name, "columns": columns, "last_id": _last_id(connection, table)})
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_BATCH)
        for row in connection.execute(query):
            yield _line([_written(value) for value in row])


def schema_of(lines: Iterable[str]) -> str:
    """Read the revision from the first line.

    Raises:
        BackupUnusable: these are not such lines.
    """
    try:
        head = json.loads(next(iter(lines), ""))
        if head["format"] == FORMAT and head["version"] == VERSION:
            return str(head["schema"])
    except (ValueError, KeyError, TypeError):
        pass
    raise BackupUnusable(
        f"The file is none of ssd-studio's rows of version {VERSION}. Give one that ssd-studio backup made."
    )


def read_lines(connection: Connection, lines: Iterable[str]) -> int:
    """Enter rows into empty tables of the same revision; gives their number.

    Args:
        connection: inside a transaction that the caller commits.
        lines: as ``lines_of`` wrote them, the first line included.

    Raises:
        BackupUnusable: a line is damaged.
    """
    tables = {table.name: table for table in tables_of(connection)}
    table: Table | None = None
    columns: list[str] = []
    waiting: list[dict[str, Any]] = []
    last_ids: dict[Table, int | None] = {}
    count = 0
    for number, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)
            if isinstance(value, list) and table is not None:
                waiting.append(_row(table, columns, value))
                count += 1
            elif number > 1:
                _enter(connection, table, waiting)
                table, columns = tables[value["table"]], value["columns"]
                last_ids[table] = value["last_id"]
        except (ValueError, KeyError, TypeError) as error:
            raise BackupUnusable(f"Line {number} of the rows is damaged ({error}).") from error
        if len(waiting) >= _BATCH:
            _enter(connection, table, waiting)
    _enter(connection, table, waiting)
    for each, last in last_ids.items():
        if last is not None:
            _continue_ids(connection, each, last)
    return count


def tables_of(connection: Connection) -> list[Table]:
    """Reflect the data set's tables, referred ones first; they may be older than the classes."""
    found = MetaData()
    names = set(Base.metadata.tables) - _DERIVED
    found.reflect(connection, only=lambda name, _: name in names)
    return list(found.sorted_tables)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value


def _row(table: Table, columns: list[str], values: list[Any]) -> dict[str, Any]:
    row = dict(zip(columns, values, strict=True))
    for name, value in row.items():
        if value is not None and isinstance(table.columns[name].type, DateTime):
            row[name] = datetime.fromisoformat(value)
    return row


def _enter(connection: Connection, table: Table | None, waiting: list[dict[str, Any]]) -> None:
    if table is not None and waiting:
        connection.execute(table.insert(), waiting)
        waiting.clear()


def _numbered(table: Table) -> str | None:
    """Name the key that the database counts up; one that refers to another table is given, not counted."""
    key = list(table.primary_key.columns)
    counted = len(key) == 1 and isinstance(key[0].type, Integer) and not key[0].foreign_keys
    return key[0].name if counted else None


def _last_id(connection: Connection, table: Table) -> int | None:
    key = _numbered(table)
    if key is None:
        return None
    if connection.dialect.name == "sqlite":
        query = "SELECT seq FROM sqlite_sequence WHERE name = :table"
        return cast("int | None", connection.scalar(text(query), {"table": table.name}))
    sequence = connection.scalar(_SEQUENCE, {"table": table.name, "column": key})
    # Its name comes quoted as it must be. A sequence that was never asked has given nothing yet.
    query = f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}"
    return cast("int | None", connection.scalar(text(query)))


def _continue_ids(connection: Connection, table: Table, last: int) -> None:
    """Number on behind the last number ever given."""
    if connection.dialect.name == "sqlite":
        changed = connection.execute(
            text("UPDATE sqlite_sequence SET seq = :last WHERE name = :table"),
            {"last": last, "table": table.name},
        )
        if not changed.rowcount:
            query = "INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)"
            connection.execute(text(query), {"last": last, "table": table.name})
        return
    sequence = connection.scalar(_SEQUENCE, {"table": table.name, "column": _numbered(table)})
    connection.execute(
        text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": sequence, "last": last}
    )
