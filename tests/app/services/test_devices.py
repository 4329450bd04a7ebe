"""What one can train on, from what driver and TensorFlow say."""

from __future__ import annotations

import json

import pytest

from app.bootstrap import Studio
from app.services import devices
from app.services.devices import described, read_driver

TOLD = "NVIDIA A100, PCIe, 40960, 40000\nNVIDIA T4, 15360, 1000\n[Unknown Error]\n"
DRIVER = read_driver(TOLD)


def test_the_drivers_lines_are_read_and_others_left_out() -> None:
    assert [(gpu["name"], gpu["free_bytes"] >> 20) for gpu in DRIVER] == [
        ("NVIDIA A100, PCIe", 40000),
        ("NVIDIA T4", 1000),
    ]


def test_a_machine_without_a_gpu_trains_on_its_cpu() -> None:
    found = described([], [])
    assert [device.id for device in found.devices] == ["cpu"]
    assert found.devices[0].usable
    assert found.devices[0].memory_bytes
    assert found.sentences == ("There is no GPU here that TensorFlow can use, so the CPU trains.",)


def test_a_gpu_that_lies_idle_for_want_of_libraries_is_told_with_the_line_that_cures_it() -> None:
    found = described(DRIVER[1:], [])
    assert [(device.id, device.usable) for device in found.devices] == [("cpu", True), ("0", False)]
    (sentence,) = found.sentences
    assert "NVIDIA T4 lies idle" in sentence
    assert 'pip install "ssd-studio[gpu]"' in sentence


def test_several_gpus_can_be_used_one_by_one_or_together() -> None:
    found = described(DRIVER, [{"name": "NVIDIA A100"}, {"name": "NVIDIA T4"}])
    assert [device.id for device in found.devices] == ["cpu", "0", "1", "all"]
    together = found.devices[-1]
    assert (together.name, together.free_bytes) == ("All 2 GPUs", 41000 << 20)
    assert found.sentences == ()


def test_until_tensorflow_has_answered_gpus_are_being_looked_at() -> None:
    found = described(DRIVER, None)
    assert found.looking
    assert [device.usable for device in found.devices] == [True, False, False]


@pytest.mark.slow
def test_tensorflow_is_asked_in_a_child_and_its_answer_kept(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "driver_gpus", lambda: DRIVER[1:])
    found = studio.devices.found(wait=True)
    assert not found.looking
    (kept,) = studio.workspace.cache.glob("devices-*.json")
    assert json.loads(kept.read_text())["driver"] == ["NVIDIA T4"]
    monkeypatch.setattr(devices.subprocess, "run", lambda *_, **__: pytest.fail("asked again"))
    assert not studio.devices.found().looking
