"""What Linux says of processes that it ended for want of memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.jobs import memory_watch
from app.jobs.memory_watch import out_of_memory_kills


def test_kills_are_counted_in_our_own_group_else_on_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, machine = tmp_path / "own", tmp_path / "vmstat"
    for name, place in (("_CGROUP", tmp_path / "cgroup"), ("_OWN", own), ("_MACHINE", machine)):
        monkeypatch.setattr(memory_watch, name, place)
    assert out_of_memory_kills() == 0
    machine.write_text("nr_free_pages 7\noom_kill 5\n")
    assert out_of_memory_kills() == 5
    group = tmp_path / "cgroup" / "studio.service"
    group.mkdir(parents=True)
    (group / "memory.events").write_text("low 0\noom 3\noom_kill 2\noom_group_kill 9\n")
    own.write_text("0::/studio.service\n")
    assert out_of_memory_kills() == 2
