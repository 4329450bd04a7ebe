"""Fair turns: a few threads work for many clients, each in its turn, and old frames are dropped."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from data.errors import DataError

#: Work that may wait at the same time, of one client and of all of them.
MOST_OF_A_CLIENT = 32
MOST_WAITING = 256
#: Bytes that may wait at the same time.
MOST_BYTES_WAITING = 512 * 1024 * 1024
#: Work with more bytes than this takes long: it never has all of the threads.
LARGE_BYTES = 2 * 1024 * 1024
#: Work in the background waits until nobody has asked for anything for so long: a stream has gaps.
QUIET_SECONDS = 1.0

T = TypeVar("T")


class Superseded(DataError):
    """A newer frame of the same client has come meanwhile; nobody waits for this one."""


class Overloaded(DataError):
    """So much is waiting already that more would only wait in vain."""


@dataclass(eq=False, slots=True)
class _Piece:
    """A piece of work that waits for its turn."""

    work: Callable[[], Any]
    answer: Future[Any]
    frame: int | None
    size: int

    @property
    def is_large(self) -> bool:
        return self.size > LARGE_BYTES


@dataclass(eq=False, slots=True)
class _Client:
    """Somebody whose work waits or is done."""

    waiting: deque[_Piece] = field(default_factory=deque)
    running: int = 0
    background: bool = False


class FairTurns:
    """A pool of threads that goes round the clients.

    The client that has the least work under way is next, and among equals the one that waited longest for
    its turn: whoever sends much waits for himself, never others for him. One thread takes no large work, so
    that frames do not wait for a photograph of a hundred megapixels. A client's work keeps its order, but of
    its frames only the newest waits; the one before is answered with `Superseded` at once.

    Work in the background has its turn, one piece at a time, when nothing else waits or is under way and
    nobody has asked for anything for `QUIET_SECONDS`: while somebody streams, it rests.

    Args:
        threads: pieces of work carried out at the same time; of one thread large work may have it.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._changed = threading.Condition()
        #: By name, the one whose turn lies back furthest first.
        self._clients: dict[str, _Client] = {}
        self._pieces = 0
        self._bytes = 0
        self._large_running = 0
        self._busy_until = time.monotonic()
        self._started: list[threading.Thread] = []
        self._closed = False

    def submit(
        self,
        client: str,
        work: Callable[[], T],
        *,
        frame: int | None = None,
        size: int = 0,
        background: bool = False,
    ) -> Future[T]:
        """Have work done in the client's turn.

        Args:
            client: whose work it is.
            work: called in a thread of the pool.
            frame: its number, if it is a frame of a stream; while it waits, a higher one supersedes it.
            size: bytes of the picture it is about.
            background: nobody waits for it; true for all of a client's work or for none.

        Returns:
            The result to come; its error is `Superseded` if a newer frame came before its turn.

        Raises:
            Overloaded: too much is waiting, or the pool is closed.
        """
        answer: Future[T] = Future()
        old: _Piece | None = None
        try:
            with self._changed:
                mine = self._clients.get(client) or _Client(background=background)
                if not background:
                    self._note_that_somebody_asks()
                if frame is not None:
                    if any(each.frame is not None and each.frame > frame for each in mine.waiting):
                        answer.set_exception(Superseded("A newer frame came before this one."))
                        return answer
                    old = self._take_out_frame(mine)
                try:
                    self._check_room(mine, size)
                except Overloaded:
                    self._forget_if_idle(client, mine)
                    raise
                self._clients.setdefault(client, mine)
                mine.waiting.append(_Piece(work, answer, frame, size))
                self._pieces, self._bytes = self._pieces + 1, self._bytes + size
                self._start_a_thread()
                self._changed.notify()
        finally:
            if old is not None:
                _refuse(old, Superseded("A newer frame came before this one's turn."))
        return answer

    def close(self) -> None:
        """Take nothing more, forget what waits, and wait for what is under way."""
        with self._changed:
            self._closed = True
            forgotten = [piece for client in self._clients.values() for piece in client.waiting]
            self._clients.clear()
            self._changed.notify_all()
        for piece in forgotten:
            _refuse(piece, Overloaded("The studio is being closed."))
        for thread in self._started:
            thread.join()

    def _note_that_somebody_asks(self) -> None:
        self._busy_until = time.monotonic() + QUIET_SECONDS

    def _take_out_frame(self, client: _Client) -> _Piece | None:
        """Take the frame that waits out of the row; at most one does."""
        for piece in client.waiting:
            if piece.frame is not None:
                client.waiting.remove(piece)
                self._pieces, self._bytes = self._pieces - 1, self._bytes - piece.size
                return piece
        return None

    def _forget_if_idle(self, name: str, client: _Client) -> None:
        if not client.waiting and not client.running and self._clients.get(name) is client:
            del self._clients[name]

    def _check_room(self, client: _Client, size: int) -> None:
        if self._closed:
            raise Overloaded("The studio is being closed.")
        if (
            len(client.waiting) >= MOST_OF_A_CLIENT
            or self._pieces >= MOST_WAITING
            or (self._pieces and self._bytes + size > MOST_BYTES_WAITING)
        ):
            raise Overloaded("Too many pictures are waiting. Send the next when one has been answered.")

    def _start_a_thread(self) -> None:
        if len(self._started) < self._threads:
            thread = threading.Thread(target=self._work, name=f"turn-{len(self._started)}", daemon=True)
            self._started.append(thread)
            thread.start()

    def _work(self) -> None:
        while (taken := self._next()) is not None:
            name, client, piece = taken
            if piece.answer.set_running_or_notify_cancel():
                try:
                    result = piece.work()
                except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the answer
                    piece.answer.set_exception(error)
                else:
                    piece.answer.set_result(result)
                    del result
            # A picture and its answer are not held while the thread waits for the next.
            large = piece.is_large
            del piece, taken
            with self._changed:
                client.running -= 1
                if not client.background:
                    self._note_that_somebody_asks()
                if large:
                    self._large_running -= 1
                if large or client.background:
                    self._changed.notify()
                self._forget_if_idle(name, client)

    def _next(self) -> tuple[str, _Client, _Piece] | None:
        """Wait for the next turn; None at the end."""
        with self._changed:
            while True:
                if self._closed:
                    return None
                ready = [
                    (name, client, piece)
                    for name, client in self._clients.items()
                    if (piece := self._startable(client)) is not None
                ]
                wait = self._seconds_until_quiet() if all(each[1].background for each in ready) else 0.0
                if ready and wait <= 0:
                    break
                self._changed.wait(wait if ready else None)
            name, client, piece = min(ready, key=lambda each: (each[1].background, each[1].running))
            client.waiting.remove(piece)
            self._pieces, self._bytes = self._pieces - 1, self._bytes - piece.size
            client.running += 1
            self._large_running += piece.is_large
            # To the end of the row: the next turn is someone else's.
            self._clients[name] = self._clients.pop(name)
            return name, client, piece

    def _seconds_until_quiet(self) -> float:
        """How long work in the background has to wait, as things stand."""
        if any(
            client.running or (client.waiting and not client.background) for client in self._clients.values()
        ):
            return QUIET_SECONDS
        return self._busy_until - time.monotonic()

    def _startable(self, client: _Client) -> _Piece | None:
        """The first of a client's pieces that a thread may begin with now."""
        full = self._large_running >= max(1, self._threads - 1)
        return next((each for each in client.waiting if not (full and each.is_large)), None)


def _refuse(piece: _Piece, error: DataError) -> None:
    """Answer work that is not going to be done, unless nobody waits for it any more."""
    if piece.answer.set_running_or_notify_cancel():
        piece.answer.set_exception(error)
