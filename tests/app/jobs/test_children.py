"""What a child process is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.jobs.children import CODE, child_environment, python_command, trainer_environment, visible_device
from app.settings import Settings


@pytest.mark.parametrize(
    ("device", "already_visible", "visible"),
    [
        ("0", None, "0"),
        ("1", None, "1"),
        ("1", "", "1"),
        ("cpu", None, "-1"),
        ("cpu", "0,1", "-1"),
        ("0", "4,7", "4"),
        ("1", "4, 7", "7"),
        ("2", "4,7", "-1"),
        ("all", "4,7", "4,7"),
        ("all", None, None),
    ],
)
def test_a_device_is_counted_among_those_that_were_chosen_outside(
    device: str, already_visible: str | None, visible: str | None
) -> None:
    assert visible_device(device, already_visible) == visible


def test_a_child_runs_our_code_and_nothing_from_the_folder_it_starts_in() -> None:
    assert "-P" in python_command("app")
    environment = child_environment(Settings(workspace=Path("/somewhere")))
    assert environment["PYTHONPATH"].split(":")[0] == str(CODE)


def test_a_child_learns_the_settings_and_no_argument_tells_the_database(tmp_path: Path) -> None:
    url = "postgresql://me:secret@host/studio"
    settings = Settings(workspace=tmp_path, database_url=url, device="cpu")
    environment = trainer_environment(settings)
    assert environment["SSD_STUDIO_WORKSPACE"] == str(tmp_path)
    assert environment["SSD_STUDIO_DATABASE_URL"] == url
    assert environment["CUDA_VISIBLE_DEVICES"] == "-1"
    # It takes of a GPU's memory what it needs, so that others can use the rest.
    assert environment["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert "secret" not in repr(settings)
