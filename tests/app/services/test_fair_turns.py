"""Clients take turns, whoever sends much waits for himself, and old frames are dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from app.services import fair_turns
from app.services.fair_turns import LARGE_BYTES, FairTurns, Overloaded, Superseded

SOON = 30.0


class Gate:
    """Holds a pool's only thread until it is opened, so that everything after it waits."""

    def __init__(self, turns: FairTurns) -> None:
        self._open = threading.Event()
        inside = threading.Event()

        def hold() -> None:
            inside.set()
            assert self._open.wait(SOON)

        self.held = turns.submit("gate", hold)
        assert inside.wait(SOON)

    def open(self) -> None:
        self._open.set()
        self.held.result(SOON)


@pytest.fixture
def turns() -> Iterator[FairTurns]:
    made = FairTurns(threads=1)
    yield made
    made.close()


@pytest.fixture
def gate(turns: FairTurns) -> Iterator[Gate]:
    made = Gate(turns)
    yield made
    made.open()


def noting(log: list[str], name: str) -> Callable[[], str]:
    def work() -> str:
        log.append(name)
        return name

    return work


def test_turns_go_round_the_clients_and_keep_each_one_s_order(turns: FairTurns, gate: Gate) -> None:
    log: list[str] = []
    answers = [turns.submit("greedy", noting(log, f"greedy {number}")) for number in range(4)]
    answers += [turns.submit("modest", noting(log, f"modest {number}")) for number in range(2)]
    gate.open()
    assert [answer.result(SOON) for answer in answers] == [
        "greedy 0", "greedy 1", "greedy 2", "greedy 3", "modest 0", "modest 1",
    ]  # fmt: skip
    assert log == ["greedy 0", "modest 0", "greedy 1", "modest 1", "greedy 2", "greedy 3"]


def test_large_pictures_leave_a_thread_to_frames_and_are_all_done() -> None:
    turns, stop = FairTurns(threads=2), threading.Event()
    slow = [turns.submit("slow", lambda: stop.wait(SOON), size=LARGE_BYTES + 1) for _ in range(3)]
    quick = [turns.submit("quick", lambda number=number: number) for number in range(9)]
    assert [answer.result(SOON) for answer in quick] == list(range(9))
    small = turns.submit("slow", lambda: "small", size=LARGE_BYTES)
    assert small.result(SOON) == "small"
    assert not any(answer.done() for answer in slow)
    stop.set()
    assert [answer.result(SOON) for answer in slow] == [True] * 3
    turns.close()


def test_a_waiting_frame_is_superseded_by_a_newer_one_at_once(turns: FairTurns, gate: Gate) -> None:
    log: list[str] = []
    frames = [turns.submit("page", noting(log, str(number)), frame=number) for number in range(3)]
    for old in frames[:2]:
        with pytest.raises(Superseded):
            old.result(0)
    assert not frames[2].done()
    gate.open()
    assert frames[2].result(SOON) == "2"
    assert log == ["2"]


def test_an_older_frame_that_arrives_late_is_superseded_already(turns: FairTurns, gate: Gate) -> None:
    newer = turns.submit("page", lambda: "newer", frame=7)
    with pytest.raises(Superseded):
        turns.submit("page", lambda: "older", frame=6).result(0)
    gate.open()
    assert newer.result(SOON) == "newer"
    # A page that begins to count anew is answered.
    assert turns.submit("page", lambda: "anew", frame=0).result(SOON) == "anew"


def test_frames_supersede_neither_photographs_nor_frames_of_others(turns: FairTurns, gate: Gate) -> None:
    photograph = turns.submit("page", lambda: "photograph")
    other = turns.submit("other", lambda: "other", frame=1)
    frame = turns.submit("page", lambda: "frame", frame=1)
    gate.open()
    assert [answer.result(SOON) for answer in (photograph, other, frame)] == ["photograph", "other", "frame"]


def test_what_fails_is_told_to_whoever_asked_and_harms_no_other(turns: FairTurns) -> None:
    def fail() -> None:
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        turns.submit("page", fail).result(SOON)
    assert turns.submit("page", lambda: 1).result(SOON) == 1


def test_what_nobody_waits_for_any_more_is_not_done(turns: FairTurns, gate: Gate) -> None:
    log: list[str] = []
    given_up = turns.submit("page", noting(log, "given up"), frame=1)
    assert given_up.cancel()
    newer = turns.submit("page", noting(log, "newer"), frame=2)
    gate.open()
    newer.result(SOON)
    assert log == ["newer"]


def test_too_much_that_waits_is_refused_and_the_client_itself_pays_first(
    turns: FairTurns, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_turns, "MOST_OF_A_CLIENT", 2)
    monkeypatch.setattr(fair_turns, "MOST_WAITING", 3)
    monkeypatch.setattr(fair_turns, "MOST_BYTES_WAITING", 100)
    for _ in range(2):
        turns.submit("greedy", lambda: None)
    with pytest.raises(Overloaded):
        turns.submit("greedy", lambda: None)
    with pytest.raises(Overloaded):
        turns.submit("modest", lambda: None, size=101)
    turns.submit("modest", lambda: None, size=100)
    with pytest.raises(Overloaded):
        turns.submit("another", lambda: None)


def test_a_frame_that_is_too_large_to_wait_still_answers_the_one_before(
    turns: FairTurns, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_turns, "MOST_BYTES_WAITING", 100)
    turns.submit("other", lambda: None)
    old = turns.submit("page", lambda: None, frame=1, size=50)
    with pytest.raises(Overloaded):
        turns.submit("page", lambda: None, frame=2, size=101)
    assert isinstance(old.exception(0), Superseded)
    assert set(turns._clients) == {"gate", "other"}


def test_closing_answers_what_waits_and_takes_nothing_more() -> None:
    turns = FairTurns(threads=1)
    gate = Gate(turns)
    waiting = turns.submit("page", lambda: None)
    closing = threading.Thread(target=turns.close)
    closing.start()
    with pytest.raises(Overloaded, match="closed"):
        waiting.result(SOON)
    gate.open()
    closing.join(SOON)
    assert not closing.is_alive()
    with pytest.raises(Overloaded, match="closed"):
        turns.submit("page", lambda: None)
    FairTurns(threads=1).close()


def test_work_in_the_background_waits_for_everyone_and_until_nobody_has_asked_for_a_while(
    turns: FairTurns, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(fair_turns.time, "monotonic", lambda: clock[0])
    log: list[str] = []
    # Woken again and again, as by a clock that goes on; this one goes on only where the test says so.
    monkeypatch.setattr(fair_turns, "QUIET_SECONDS", 0.01)
    behind = turns.submit("look", noting(log, "background"), background=True)
    for number in range(3):
        turns.submit("viewer", noting(log, f"frame {number}"), frame=number)
    last = turns.submit("other", noting(log, "other"))
    gate.open()
    assert last.result(SOON) == "other"
    with pytest.raises(TimeoutError):
        behind.result(0.1)
    clock[0] += 0.011
    assert behind.result(SOON) == "background"
    assert log == ["frame 2", "other", "background"]


def test_only_one_piece_of_work_in_the_background_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_turns, "QUIET_SECONDS", 0.01)
    turns = FairTurns(threads=2)
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert go_on.wait(SOON)

    first = turns.submit("look", hold, background=True)
    assert begun.wait(SOON)
    second = turns.submit("look", lambda: "second", background=True)
    third = turns.submit("another look", lambda: "third", background=True)
    assert turns.submit("viewer", lambda: "at once").result(SOON) == "at once"
    for waiting in (second, third):
        with pytest.raises(TimeoutError):
            waiting.result(0.1)
    go_on.set()
    assert (first.result(SOON), second.result(SOON), third.result(SOON)) == (None, "second", "third")
    turns.close()
