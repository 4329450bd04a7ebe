"""What becomes of files when a project is deleted."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Studio
from data.records import Project


@pytest.fixture
def files(studio: Studio, labelled_project: Project) -> list[Path]:
    """The image files of the project and a small copy of one; the last image is in another project too."""
    images = studio.labelling.images(labelled_project.id).images
    other = studio.labelling.create_project("other")
    path, _ = studio.labelling.file_of(images[-1])
    with path.open("rb") as stream:
        studio.exchange.upload(other.id, [("copy.jpg", stream)])
    return [studio.labelling.file_of(image)[0] for image in images] + [
        studio.labelling.thumbnail_of(images[0])
    ]


def folders_of_a_run(studio: Studio, project: Project) -> tuple[Path, str]:
    run = studio.training.start(project.id, steps=1)
    studio.training.stop(run.id)
    folder = studio.workspace.run(run.id)
    folder.mkdir(parents=True)
    (folder / "checkpoint").write_bytes(b"weights")
    return folder, run.id


def test_the_files_that_nothing_needs_any_more_go_and_the_others_stay(
    studio: Studio, labelled_project: Project, files: list[Path]
) -> None:
    folder, _ = folders_of_a_run(studio, labelled_project)
    studio.organising.delete_project(labelled_project.id, "parts", young_seconds=0)
    assert [path.exists() for path in files] == [False] * 5 + [True, False]
    assert not folder.exists()


def test_a_file_stored_at_this_moment_stays_for_whoever_stores_it(
    studio: Studio, labelled_project: Project, files: list[Path]
) -> None:
    studio.organising.delete_project(labelled_project.id, "parts")
    assert all(path.exists() for path in files[:6])


def test_a_file_that_cannot_be_removed_does_not_bring_the_project_back(
    studio: Studio, labelled_project: Project, files: list[Path], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    folder, _ = folders_of_a_run(studio, labelled_project)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    monkeypatch.setattr("data.blobs.Blobs.remove", refuse)
    studio.organising.delete_project(labelled_project.id, "parts", young_seconds=0)
    assert [project.name for project in studio.labelling.projects()] == ["other"]
    assert "could not be removed" in caplog.text
    assert folder.exists()
