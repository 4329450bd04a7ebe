"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings


def test_the_workspace_is_the_users_data_folder_unless_the_environment_names_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSD_STUDIO_WORKSPACE", raising=False)
    assert Settings().workspace.name == "ssd-studio"
    monkeypatch.setenv("SSD_STUDIO_WORKSPACE", "here")
    assert Settings().workspace == Path.cwd() / "here"
    monkeypatch.setenv("SSD_STUDIO_WORKSPACE", "~/there")
    assert Settings().workspace == Path.home() / "there"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSD_STUDIO_DATABASE_URL", "")
    monkeypatch.setenv("SSD_STUDIO_PORT", "")
    assert (Settings().database_url, Settings().port) == (None, 7860)


def test_allowed_hosts_are_names_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSD_STUDIO_ALLOWED_HOSTS", "Studio.example, other ,")
    monkeypatch.setenv("SSD_STUDIO_HOST", "MyBox")
    assert Settings().allowed_host_names == frozenset({"studio.example", "other", "mybox"})


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("sqlite:///my.db", f"sqlite:///{Path.cwd().as_posix()}/my.db"),
        ("sqlite:////there/my.db", "sqlite:////there/my.db"),
        ("postgresql://me@host/name", "postgresql://me@host/name"),
    ],
)
def test_a_relative_database_file_is_the_same_file_in_every_process(address: str, meant: str) -> None:
    assert Settings(database_url=address).database_url == meant


@pytest.mark.parametrize(("name", "value"), [("PORT", "99999"), ("DEVICE", "0; rm"), ("DEVICE", "../x")])
def test_a_setting_that_cannot_be_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SSD_STUDIO_{name}", value)
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert value not in str(refusal.value)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1
