"""Locks that end with their process, however it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.jobs.children import CODE
from app.jobs.locks import Presence, is_held, somebody_present, try_lock

HOLD_AND_WAIT = """
import sys
from pathlib import Path
from app.jobs.locks import Presence, try_lock
lock, presence = try_lock(Path(sys.argv[1]) / "it.lock"), Presence(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_is_held_once_until_it_is_released(tmp_path: Path) -> None:
    lock = try_lock(tmp_path / "it.lock")
    assert lock is not None
    assert is_held(tmp_path / "it.lock")
    assert try_lock(tmp_path / "it.lock") is None
    lock.release()
    assert not is_held(tmp_path / "it.lock")


def test_a_killed_process_holds_no_lock_and_is_not_present(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_AND_WAIT, str(tmp_path)],
        cwd=CODE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert is_held(tmp_path / "it.lock")
        assert somebody_present(tmp_path)
        process.kill()
        process.wait()
        assert not is_held(tmp_path / "it.lock")
        assert not somebody_present(tmp_path)


def test_somebody_is_present_until_the_last_one_has_left(tmp_path: Path) -> None:
    assert not somebody_present(tmp_path)
    one, other = Presence(tmp_path), Presence(tmp_path)
    one.end()
    assert somebody_present(tmp_path)
    other.end()
    other.end()
    assert not somebody_present(tmp_path)
