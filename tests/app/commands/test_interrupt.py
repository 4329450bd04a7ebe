"""A wish to end is noted once; what was set before holds again from then on."""

from __future__ import annotations

import signal

import pytest

from app.commands.interrupt import Interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_the_end_of_a_service_are_noted_once(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interrupt() as interrupt:
        assert signal.getsignal(number) == interrupt._note
        assert not interrupt.pressed
        signal.raise_signal(number)
        assert (interrupt.pressed, signal.getsignal(number)) == (True, before)
    assert signal.getsignal(number) is before


def test_what_somebody_else_listens_to_is_left_to_him() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            signal.raise_signal(signal.SIGINT)
        assert not interrupt.pressed
    finally:
        signal.signal(signal.SIGINT, before)
