"""What the server does once a day."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.bootstrap import Studio
from app.services.daily import Daily
from data import images
from data.errors import DatabaseUnusable
from data.records import Project


def test_tasks_are_carried_out_at_once_and_again_after_a_while() -> None:
    rounds = threading.Semaphore(0)
    with Daily(rounds.release, seconds=0.001):
        assert all(rounds.acquire(timeout=60) for _ in range(3))


def test_a_task_that_fails_is_logged_and_keeps_no_other_from_its_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = threading.Event()

    def fail() -> None:
        raise DatabaseUnusable("The database stayed locked.")

    with caplog.at_level(logging.ERROR), Daily(fail, done.set):
        assert done.wait(timeout=60)
    assert "The database stayed locked." in caplog.text


def test_leaving_ends_it_without_waiting_for_the_next_day() -> None:
    with Daily() as daily:
        assert daily._thread.is_alive()
    assert not daily._thread.is_alive()


def test_old_bins_are_emptied_and_young_ones_kept(studio: Studio, labelled_project: Project) -> None:
    first, second, *_ = studio.labelling.images(labelled_project.id).images
    now = datetime.now(UTC)
    with studio._database.write() as session:
        images.discard(session, first.id, now - timedelta(days=31))
        images.discard(session, second.id, now - timedelta(days=29))
    assert studio.labelling.empty_old_bins() == 1
    assert [card.image.id for card in studio.labelling.bin(labelled_project.id).cards] == [second.id]


def test_a_task_that_nobody_foresaw_to_fail_is_tried_again_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rounds = threading.Semaphore(0)

    def fail() -> None:
        rounds.release()
        raise KeyError("nobody foresaw this")

    with caplog.at_level(logging.ERROR), Daily(fail, seconds=0.001):
        assert all(rounds.acquire(timeout=60) for _ in range(3))
    assert len(caplog.records) == 1
