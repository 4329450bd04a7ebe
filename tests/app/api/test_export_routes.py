"""Exports over REST, and the formats to choose from."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio
from data.records import EXPORT_FORMATS, Project


def export(client: TestClient, project: Project, **wanted: Any) -> dict[str, Any]:
    """Begin an export and wait for the thread that carries it out."""
    begun = client.post(f"/api/projects/{project.id}/exports", json={"format": "coco", **wanted})
    assert begun.status_code == 202, begun.text
    for _ in range(600):
        state: dict[str, Any] = client.get(f"/api/exports/{begun.json()['id']}").json()
        if state["state"] != "running":
            return state
        time.sleep(0.02)
    raise AssertionError(f"the export did not end: {state}")


def kept(studio: Studio) -> list[Path]:
    return list((studio.workspace.cache / "exports").glob("*"))


def test_a_project_goes_out_as_a_zip_that_can_be_fetched_and_comes_back_the_same(
    client: TestClient, labelled_project: Project
) -> None:
    done = export(client, labelled_project)
    assert (done["state"], done["done"], done["total"], done["error"]) == ("done", 6, 6, None)
    assert (done["report"]["images"], done["report"]["boxes"], done["report"]["classes"]) == (6, 6, ["thing"])
    assert done["file_name"] == "parts-coco.zip"
    answer = client.get(f"/api/exports/{done['id']}/file")
    assert answer.headers["content-disposition"] == 'attachment; filename="parts-coco.zip"'
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sum(name.endswith(".jpg") for name in archive.namelist()) == 6
    begun = client.post("/api/imports", json={"name": "parts"}).json()
    address = f"/api/imports/{begun['id']}"
    client.put(f"{address}/file", params={"path": "parts-coco.zip"}, content=answer.content)
    preview = client.post(f"{address}/preview", json={"project": "parts"}).json()
    assert (preview["images"], preview["existing"], preview["boxes"]) == (6, 6, 6)


def test_the_boxes_alone_and_one_split_may_be_written(client: TestClient, labelled_project: Project) -> None:
    done = export(client, labelled_project, format="voc", with_images=False)
    with zipfile.ZipFile(io.BytesIO(client.get(f"/api/exports/{done['id']}/file").content)) as archive:
        assert sum(name.endswith(".xml") for name in archive.namelist()) == 6
        assert not any(name.endswith(".jpg") for name in archive.namelist())
    failed = export(client, labelled_project, split="test")
    assert (failed["state"], failed["file_name"]) == ("failed", "parts-coco-test.zip")
    assert "no labelled image in the split test" in failed["error"]
    assert client.get(f"/api/exports/{failed['id']}/file").status_code == 409


def test_a_file_name_is_made_of_any_project_name(client: TestClient, labelled_project: Project) -> None:
    address = f"/api/projects/{labelled_project.id}"
    for name, wanted in (('a/b: "c"\\..', "a_b_ _c_-coco.zip"), ("..", "project-coco.zip")):
        client.patch(address, json={"name": name})
        assert export(client, labelled_project)["file_name"] == wanted


def test_what_cannot_be_exported_is_refused_at_once(client: TestClient, labelled_project: Project) -> None:
    address = f"/api/projects/{labelled_project.id}/exports"
    assert client.post(address, json={"format": "tfrecord"}).status_code == 404
    assert client.post("/api/projects/99/exports", json={"format": "coco"}).status_code == 404
    assert client.post(address, json={}).status_code == 422
    for path in ("/api/exports/none", "/api/exports/none/file"):
        assert client.get(path).status_code == 404


def test_an_export_that_is_thrown_away_takes_its_file_with_it(
    client: TestClient, studio: Studio, labelled_project: Project
) -> None:
    done = export(client, labelled_project)
    assert len(kept(studio)) == 1
    assert client.delete(f"/api/exports/{done['id']}").status_code == 204
    assert kept(studio) == []
    assert client.get(f"/api/exports/{done['id']}").status_code == 404


def test_a_full_disk_is_told_in_a_sentence_and_nothing_half_written_stays(
    client: TestClient, studio: Studio, labelled_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data.formats.writing.shutil.copyfileobj", full)
    failed = export(client, labelled_project)
    assert (failed["state"], "The disk is full" in failed["error"]) == ("failed", True)
    assert kept(studio) == []


def test_every_format_is_named_with_what_it_loses(client: TestClient) -> None:
    formats = client.get("/api/formats").json()
    assert [entry["id"] for entry in formats["export"]] == list(EXPORT_FORMATS)
    assert [entry["id"] for entry in formats["import"]] == ["auto", *EXPORT_FORMATS, "images"]
    loses = {entry["id"]: entry["loses"] for entry in formats["export"]}
    assert loses["coco"] == []
    assert loses["yolo"] == ["which boxes are difficult", "which boxes are a crowd"]
    assert loses["voc"] == ["boxes smaller than a pixel, which become one wide"]
