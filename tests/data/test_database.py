"""Opening the database, and what its two kinds of session promise."""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from data import classes, projects
from data import database as database_module
from data.database import Database, dump_json, look_into
from data.errors import DatabaseUnusable, NotFound


def test_a_new_workspace_gets_its_database_file(tmp_path):
    opened = Database.open(None, tmp_path / "new" / "place")
    opened.close()
    assert (tmp_path / "new" / "place" / "studio.db").is_file()


def test_what_was_written_is_there_after_opening_again(database_url, tmp_path):
    first = Database.open(database_url, tmp_path)
    with first.write() as session:
        projects.create(session, "kept")
    first.close()
    second = Database.open(database_url, tmp_path)
    with second.read() as session:
        assert [project.name for project in projects.list_all(session)] == ["kept"]
    second.close()


def test_an_error_within_a_write_takes_everything_back(database):
    with pytest.raises(NotFound), database.write() as session:
        classes.add(session, projects.create(session, "half").id + 1, "bolt")
    with database.read() as session:
        assert projects.list_all(session) == ()


def test_a_reading_session_refuses_to_write(database):
    with pytest.raises(DatabaseUnusable, match="only be read"), database.read() as session:
        projects.create(session, "sneaked in")
    with database.read() as session:
        assert projects.list_all(session) == ()


def test_an_open_reader_sees_one_moment_and_does_not_hold_up_writers(database):
    with database.read() as reader:
        assert projects.list_all(reader) == ()
        with database.write() as writer:
            projects.create(writer, "meanwhile")
        assert projects.list_all(reader) == ()
    with database.read() as reader:
        assert len(projects.list_all(reader)) == 1


def test_a_connection_that_read_may_write_later(database):
    for number in range(3):
        with database.read() as session:
            projects.list_all(session)
        with database.write() as session:
            projects.create(session, f"project {number}")


def test_eight_threads_that_write_at_once_all_succeed(database, project):
    failures = []

    def save(number: int) -> None:
        try:
            for turn in range(5):
                with database.write() as session:
                    projects.create(session, f"{number}-{turn}")
        except Exception as error:  # noqa: BLE001 (whatever it is, the test must hear of it)
            failures.append(error)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.read() as session:
        assert len(projects.list_all(session)) == 41


def test_sqlite_runs_durably_and_with_foreign_keys(tmp_path):
    opened = Database.open(None, tmp_path)
    with opened.write() as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    opened.close()
    assert found == ["wal", 2, 1]


def test_letters_beyond_ascii_are_made_small_too(database):
    with database.read() as session:
        assert session.scalar(text("SELECT lower('ÄÖÜ Éß')")) == "äöü éß"
        assert session.scalar(text("SELECT lower(NULL)")) is None


def test_a_file_that_is_no_database_is_named_as_such(tmp_path):
    (tmp_path / "studio.db").write_bytes(b"this is a shopping list, not a database" * 100)
    with pytest.raises(DatabaseUnusable, match="damaged or is none"):
        Database.open(None, tmp_path)


@pytest.mark.parametrize("url", ["nonsense", "oracle://x", "sqlite:///{missing}/x/\0.db"])
def test_an_address_that_cannot_be_used_is_refused_with_a_sentence(url, tmp_path):
    with pytest.raises((DatabaseUnusable, ValueError)):
        Database.open(url, tmp_path)


def test_a_server_that_does_not_answer_is_reported_in_a_sentence(tmp_path):
    with pytest.raises(DatabaseUnusable, match="cannot be used now"):
        Database.open("postgresql://nobody@127.0.0.1:1/none", tmp_path)


def test_an_old_sqlite_is_warned_of(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(database_module, "SAFE_SQLITE", (99, 0, 0))
    with caplog.at_level(logging.WARNING, logger="data.database"):
        Database.open(None, tmp_path).close()
    assert "99.0.0 is the first" in caplog.text


def test_the_bundled_sqlite_is_used_where_it_is_installed(tmp_path):
    bundled = pytest.importorskip("pysqlite3.dbapi2")
    opened = Database.open(None, tmp_path)
    with opened.read() as session:
        assert session.execute(text("SELECT sqlite_version()")).scalar() == bundled.sqlite_version
    opened.close()
    assert bundled.sqlite_version_info >= database_module.SAFE_SQLITE


def test_without_the_bundled_sqlite_pythons_own_is_used(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    opened = Database.open(None, tmp_path)
    with opened.write() as session:
        made = projects.create(session, "one")
    with opened.read() as session:
        assert projects.list_all(session) == (made,)
        assert session.execute(text("SELECT sqlite_version()")).scalar() == sqlite3.sqlite_version
    opened.close()


def test_a_copy_is_of_one_moment_and_opens_by_itself(database, project, tmp_path):
    if database.kind != "sqlite":
        pytest.skip("a server's database is no file")
    with database.write() as session:
        projects.create(session, "not committed yet")
        copy = database.copy_to(tmp_path / "deep" / "copy.db")
    with look_into(copy) as session:
        assert [entry.name for entry in projects.list_all(session)] == ["Workshop"]
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]


def test_what_looks_into_a_copy_cannot_change_it(database, project, tmp_path):
    if database.kind != "sqlite":
        pytest.skip("a server's database is no file")
    copy = database.copy_to(tmp_path / "copy.db")
    with pytest.raises(DatabaseUnusable, match="only be read"), look_into(copy) as session:
        projects.create(session, "sneaked in")


def test_a_copy_that_cannot_be_written_is_told_with_its_place(database, tmp_path):
    if database.kind != "sqlite":
        pytest.skip("a server's database is no file")
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnusable, match="could not be copied to"):
        database.copy_to(tmp_path / "file" / "copy.db")


def test_a_full_disk_is_told_and_nothing_is_half_saved(tmp_path):
    opened = Database.open(None, tmp_path)

    def fill(session: Session) -> None:
        session.execute(text("PRAGMA max_page_count=1"))
        for number in range(2000):
            projects.create(session, f"{number}" * 40)

    with pytest.raises(DatabaseUnusable, match="disk is full"), opened.write() as session:
        fill(session)
    opened.close()
    opened = Database.open(None, tmp_path)
    with opened.read() as session:
        assert projects.list_all(session) == ()
    opened.close()


@pytest.mark.parametrize("kind", ["read", "write"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DBAPIError("SELECT 1", {}, Exception("the driver gave up")), "the driver gave up"),
        (InterfaceError("SELECT 1", {}, Exception("connection already closed")), "already closed"),
        (PoolTimeout("QueuePool limit reached"), r"All 80 connections .*Try again"),
    ],
)
def test_whatever_keeps_the_database_from_answering_is_told_in_a_sentence(database, kind, error, said):
    with pytest.raises(DatabaseUnusable, match=said), getattr(database, kind)():
        raise error


def test_the_queues_engine_works_on_the_same_database(database, project):
    engine = database.queue_engine()
    with engine.begin() as connection:
        assert connection.execute(text("SELECT name FROM project")).scalars().all() == ["Workshop"]
    engine.dispose()


def test_numbers_that_are_not_finite_become_null_in_json():
    assert dump_json({"loss": float("nan"), "all": [1.5, float("inf")]}) == '{"loss":null,"all":[1.5,null]}'
    assert dump_json({"name": "Müll"}) == '{"name":"Müll"}'
