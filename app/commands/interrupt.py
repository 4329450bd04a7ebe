"""Ctrl-C that ends what a command is at, so that what was found until then is still given and written."""

from __future__ import annotations

import signal
import threading
from types import TracebackType
from typing import Any, Self

#: What asks a program to end, and what hears of it otherwise; services are ended by the second.
_ASKED_BY = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


class Interrupt:
    """Notes inside ``with`` that somebody wants the program to end; who asks again ends it at once.

    Args:
        pressed: whether somebody does.
    """

    def __init__(self) -> None:
        self.pressed = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # Others hear of no signals.
            for number, usual in _ASKED_BY.items():
                # A shell keeps Ctrl-C from what runs in its background, for one.
                if signal.getsignal(number) is usual:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listen_no_more()

    def _note(self, *_: object) -> None:
        self.pressed = True
        self._listen_no_more()

    def _listen_no_more(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
