"""What every command finds: a shell in which Ctrl-C means what it usually does."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def ctrl_c_as_usual() -> Iterator[None]:
    """Hear Ctrl-C even where these tests run in a shell's background, which keeps it from them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
