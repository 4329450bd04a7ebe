"""Work in the background: how it ends, how it is stopped, and that not all of it is remembered."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.services.tasks import DAY_SECONDS, MOST_TASKS, Busy, OnProgress, Task, Tasks, TaskState
from data.errors import NotFound

SECONDS = 10


class Noted(Task):
    """A task that notes when it is cleared."""

    cleared = 0

    def clear(self) -> None:
        self.cleared += 1


@pytest.fixture
def tasks() -> Iterator[Tasks[Noted]]:
    made: Tasks[Noted] = Tasks("import")
    yield made
    made.close()


def finished(tasks: Tasks[Noted], task: Noted, work: Any) -> Noted:
    ended = threading.Event()
    task.settle = lambda _: ended.set()  # type: ignore[method-assign]
    tasks.run(task, work)
    assert ended.wait(SECONDS)
    with task.lock:  # held until its last state is told
        return task


def test_a_task_tells_its_progress_and_its_report(tasks: Tasks[Noted]) -> None:
    def work(progress: OnProgress) -> dict[str, Any]:
        progress(2, 3)
        return {"added": 3}

    task = finished(tasks, tasks.add(Noted("a", "ready")), work)
    assert (task.state, task.done, task.total, task.report) == ("done", 2, 3, {"added": 3})
    assert tasks.get("a") is task


def test_what_ends_a_task_is_told_in_a_sentence_and_it_can_be_run_again(tasks: Tasks[Noted]) -> None:
    def fail(_: OnProgress) -> dict[str, Any]:
        raise NotFound("There is no image.")

    task = finished(tasks, tasks.add(Noted("a", "ready")), fail)
    assert (task.state, task.error, task.report) == ("failed", "There is no image.", None)
    again = finished(tasks, task, lambda _: {})
    assert (again.state, again.error) == ("done", None)


def test_a_stopped_task_ends_at_its_next_step(tasks: Tasks[Noted]) -> None:
    task = tasks.add(Noted("a", "ready"))

    def work(progress: OnProgress) -> dict[str, Any]:
        progress(1, 3)
        tasks.discard("a")
        progress(2, 3)
        raise AssertionError("it went on")

    assert (finished(tasks, task, work).state, task.done) == ("cancelled", 1)


def test_at_most_two_tasks_run_at_once_and_closing_stops_those_that_wait(tasks: Tasks[Noted]) -> None:
    running, go_on = threading.Semaphore(0), threading.Event()

    def work(progress: OnProgress) -> dict[str, Any]:
        running.release()
        assert go_on.wait(SECONDS)
        progress(1, 1)
        return {}

    made = [tasks.add(Noted(str(number), "ready")) for number in range(3)]
    for task in made:
        tasks.run(task, work)
    assert all(running.acquire(timeout=SECONDS) for _ in range(2))
    assert not running.acquire(blocking=False)
    with pytest.raises(Busy, match="running already"):
        tasks.run(made[2], work)
    closing = threading.Thread(target=tasks.close)
    closing.start()
    assert all(task.stop.wait(SECONDS) for task in made)
    go_on.set()
    closing.join(SECONDS)
    assert [task.state for task in made] == ["cancelled"] * 3
    with pytest.raises(Busy):
        tasks.run(Noted("late", "ready"), work)


def test_those_that_ended_longest_ago_are_forgotten_and_cleared(tasks: Tasks[Noted]) -> None:
    made = [tasks.add(Noted(str(number), "done")) for number in range(MOST_TASKS + 2)]
    assert [task.cleared for task in made] == [1, 1] + [0] * MOST_TASKS
    with pytest.raises(NotFound, match="There is no import of this id any more"):
        tasks.get("0")
    assert tasks.get("2") is made[2]


def test_those_that_wait_are_kept_up_to_a_bound_and_for_a_day(tasks: Tasks[Noted]) -> None:
    made = [tasks.add(Noted(str(number), "uploading")) for number in range(MOST_TASKS)]
    with pytest.raises(Busy, match=f"{MOST_TASKS} imports have not ended"):
        tasks.add(Noted("more", "uploading"))
    made[7].touched -= 2 * DAY_SECONDS
    tasks.add(Noted("more", "uploading"))
    assert [task.id for task in made if task.cleared] == ["7"]


def test_what_cannot_be_tidied_up_behind_does_not_leave_a_task_running_for_ever(tasks: Tasks[Noted]) -> None:
    task, tidied = tasks.add(Noted("a", "ready")), threading.Event()

    def settle(ended: TaskState) -> None:
        if ended == "done":
            raise OSError(errno.ENOSPC, "No space left on device")
        tidied.set()

    task.settle = settle  # type: ignore[method-assign]
    tasks.run(task, lambda _: {})
    assert tidied.wait(SECONDS)
    with task.lock:
        assert (task.state, task.report) == ("failed", None)
        assert task.error is not None
        assert task.error.startswith("The disk is full")


def test_a_task_that_waits_for_its_turn_is_stopped_at_once() -> None:
    tasks: Tasks[Noted] = Tasks("video", workers=1)
    begun, go_on, settled = threading.Event(), threading.Event(), []

    def work(_: OnProgress) -> dict[str, Any]:
        begun.set()
        assert go_on.wait(SECONDS)
        return {}

    first, second = (tasks.add(Noted(name, "ready")) for name in ("a", "b"))
    second.settle = settled.append  # type: ignore[method-assign]
    for task in (first, second):
        tasks.run(task, work)
    assert begun.wait(SECONDS)
    tasks.discard("b")
    assert (first.state, second.state, settled) == ("running", "cancelled", ["cancelled"])
    go_on.set()
    tasks.close()
    assert (first.state, settled) == ("done", ["cancelled"])
