"""ssd-studio backup and doctor --repair, as a person or a script meets them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Studio, open_studio
from app.cli import main
from app.settings import Settings
from data.records import Project


@pytest.fixture(autouse=True)
def workspace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSD_STUDIO_WORKSPACE", str(settings.workspace))
    monkeypatch.delenv("SSD_STUDIO_DATABASE_URL", raising=False)
    return settings.workspace


def blobs_of(workspace: Path) -> list[Path]:
    return sorted(path for path in (workspace / "blobs").rglob("*") if len(path.name) == 64)


def test_a_backup_is_made_checked_and_brought_back_while_the_studio_is_open(
    labelled_project: Project, studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "my backup"
    assert main(["backup", "create", str(target), "--json"]) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert set(report) == {"backup", "files", "bytes", "database", "schema", "missing", "notes"}
    assert (report["backup"], report["database"], report["missing"]) == (str(target), "sqlite", [])
    assert "Saving" in err
    assert main(["backup", "verify", str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"backup": str(target), "ok": True, "faults": []}
    other = tmp_path / "other"
    assert main(["backup", "restore", str(target), "--workspace", str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "workspace": str(other),
        "files": report["files"],
        "bytes": report["bytes"],
        "interrupted": 0,
        "missing": [],
    }
    with open_studio(Settings(workspace=other)) as copy:
        assert copy.labelling.project(labelled_project.id) == studio.labelling.project(labelled_project.id)
        page = copy.labelling.images(labelled_project.id)
        assert all(copy.labelling.file_of(image)[0].is_file() for image in page.images)


def test_without_a_target_a_backup_goes_into_the_workspace_and_tells_where(
    labelled_project: Project, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", "create"]) == 0
    (made,) = (workspace / "backups").glob("backup-*")
    assert capsys.readouterr().out.startswith(f"{made}: ")
    assert main(["backup", "verify", str(made)]) == 0
    assert "every file is as it was saved" in capsys.readouterr().out


def test_a_run_under_way_is_interrupted_in_the_copy_and_goes_on_in_the_original(
    labelled_project: Project, studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = studio.training.start(labelled_project.id, "quick")
    assert main(["backup", "create", str(tmp_path / "backup")]) == 0
    assert main(["backup", "restore", str(tmp_path / "backup"), "--workspace", str(tmp_path / "other")]) == 0
    assert "1 run was under way then and can be resumed" in capsys.readouterr().out
    with open_studio(Settings(workspace=tmp_path / "other")) as copy:
        progress = copy.training.progress(run.id)
        assert progress.status == "failed"
        assert "Interrupted: restored from a backup" in str(progress.run.error)
        copy.training.resume(run.id)
        assert copy.training.progress(run.id).status == "queued"
    assert studio.training.progress(run.id).status == "queued"


def test_a_damaged_backup_is_exit_code_one_with_the_file_named(
    labelled_project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "backup"
    assert main(["backup", "create", str(target)]) == 0
    blobs_of(target)[0].unlink()
    capsys.readouterr()
    assert main(["backup", "verify", str(target)]) == 1
    assert "cannot be read" in capsys.readouterr().out
    assert main(["backup", "restore", str(target), "--workspace", str(tmp_path / "other")]) == 1
    assert "nothing was restored" in capsys.readouterr().err
    assert not (tmp_path / "other" / "studio.db").exists()


def test_what_cannot_be_done_is_one_sentence_and_exit_code_one(
    labelled_project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", "create", str(tmp_path / "backup")]) == 0
    capsys.readouterr()
    for arguments, said in (
        (["create", str(tmp_path / "backup")], "exists already"),
        (["verify", str(tmp_path)], "There is no backup in"),
        (["restore", str(tmp_path)], "There is no backup in"),
        (["restore", str(tmp_path / "backup")], "Restore into an empty workspace"),
    ):
        assert main(["backup", *arguments]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert said in err
        assert err.count("\n") == 1
    assert main(["backup"]) == 2
    assert main(["backup", "restore"]) == 2


def test_a_file_that_is_lost_already_is_told_and_the_exit_code_says_so(
    labelled_project: Project, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blobs_of(workspace)[0].unlink()
    assert main(["backup", "create", str(tmp_path / "backup"), "--json"]) == 1
    out, err = capsys.readouterr()
    assert len(json.loads(out)["missing"]) == 1
    assert "doctor --repair" in err


def test_doctor_says_what_it_would_repair_and_repairs_only_with_yes(
    labelled_project: Project, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", "create"]) == 0
    unneeded = workspace / "blobs" / "ab" / "cd" / ("abcd" + "0" * 60)
    unneeded.parent.mkdir(parents=True)
    unneeded.write_bytes(b"left")
    os.utime(unneeded, (0, 0))
    missing = blobs_of(workspace)[-1]
    missing.unlink()
    capsys.readouterr()
    assert main(["doctor", "--repair"]) == 1
    text = capsys.readouterr().out
    assert "Would remove 1 image file that nothing needs" in text
    assert "bring back 1 image file from the workspace's backups. Add --yes to do it." in text
    assert "PROBLEM  files: missing: 1 image files" in text
    assert unneeded.exists()
    assert not missing.exists()
    assert main(["doctor", "--repair", "--yes", "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert report["repair"]["done"] == {
        "removed": 1,
        "removed_bytes": 4,
        "brought_back": 1,
        "removed_folders": 0,
        "removed_backups": 0,
    }
    assert not unneeded.exists()
    assert missing.exists()
    assert main(["doctor", "--repair"]) == 0
    assert "There is nothing to repair." in capsys.readouterr().out


def test_doctor_names_the_images_whose_picture_is_lost(
    labelled_project: Project, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = blobs_of(workspace)[0]
    path.write_bytes(b"x" * path.stat().st_size)
    os.utime(path, (time.time(),) * 2)
    assert main(["doctor", "--repair"]) == 0
    capsys.readouterr()
    assert main(["doctor", "--repair", "--thorough", "--json"]) == 0
    (lost,) = json.loads(capsys.readouterr().out)["repair"]["missing"]
    assert (lost["file"], lost["damaged"], lost["copy"]) == (path.name, True, None)
    assert [image["name"][-4:] for image in lost["images"]] == [".jpg"]
    assert main(["doctor", "--repair", "--thorough"]) == 0
    text = capsys.readouterr().out
    assert f"The picture of {lost['images'][0]['name']} is damaged and in no backup here" in text


def test_yes_without_repair_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--yes"]) == 2
    assert "--yes goes with --repair" in capsys.readouterr().err


def test_doctor_tells_the_faults_of_a_projects_labels(
    labelled_project: Project, studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    studio.labelling.add_class(labelled_project.id, "forgotten")
    assert main(["doctor", "--project", labelled_project.name, "--json"]) == 0
    faults = {fault["kind"]: fault for fault in json.loads(capsys.readouterr().out)["faults"]}
    assert faults["empty_classes"]["problem"] == "1 class has no box: forgotten."
    assert set(faults["rare_classes"]) == {"kind", "problem", "remedy", "count", "images"}
    assert set(faults["rare_classes"]["images"][0]) == {"id", "name", "detail"}
    assert main(["doctor", "--project", labelled_project.name]) == 0
    assert "parts: 1 class has no box: forgotten. → " in capsys.readouterr().out
    assert main(["doctor", "--project", "nope"]) == 1
