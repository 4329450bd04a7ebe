"""The routes of models as a page or a program meets them."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from data.records import Model

Two = tuple[Model, Model]
PATIENCE_SECONDS = 120.0


def waited(client: TestClient, method: str, url: str, **request: Any) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := client.request(method, url, **request)).status_code == 202:
        assert set(answer.json()) == {"id", "state", "waiting", "done", "total", "error"}
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return answer


def test_a_model_is_listed_with_all_that_is_known_of_it(client: TestClient, colour_models: Two) -> None:
    project_id = colour_models[0].project_id
    listed = client.get("/api/models", params={"project_id": project_id}).json()
    assert [model["id"] for model in listed] == ["m1", "m0"]
    assert client.get("/api/models", params={"project": project_id}).json() == listed
    model = client.get("/api/models/m0").json()
    assert model == listed[1]
    assert (model["name"], model["note"], model["is_default"], model["parent_id"]) == (
        "right",
        "",
        False,
        None,
    )
    assert set(model["lineage"]) == {
        "parent",
        "run",
        "snapshot",
        "images",
        "program",
        "runtime",
        "reason",
        "parity",
        "imported",
    }
    assert model["thresholds"] == {"score": 0.5, "iou": 0.45}


def test_a_model_is_renamed_noted_and_made_the_default(client: TestClient, colour_models: Two) -> None:
    change = {"name": "best one", "note": "lamp on", "is_default": True}
    changed = client.patch("/api/models/m0", json=change).json()
    assert {key: changed[key] for key in change} == change
    assert client.patch("/api/models/m1", json={"name": "best one"}).status_code == 409
    assert client.patch("/api/models/m1", json={"name": "  "}).status_code == 422
    assert client.patch("/api/models/m1", json={"colour": "red"}).status_code == 422
    assert client.patch("/api/models/m9", json={"note": ""}).status_code == 404


def test_a_deleted_model_waits_in_the_bin(client: TestClient, colour_models: Two, jpeg: Any) -> None:
    assert client.delete("/api/models/m0").status_code == 204
    assert [model["id"] for model in client.get("/api/models").json()] == ["m1"]
    (gone,) = client.get("/api/models", params={"deleted": True}).json()
    assert (gone["id"], gone["deleted"] is not None) == ("m0", True)
    answer = client.post("/api/models/m0/detections", content=jpeg())
    assert answer.status_code == 404
    assert "Put it back" in answer.json()["error"]
    assert client.post("/api/models/m0/put_back").json()["deleted"] is None
    assert len(client.get("/api/models").json()) == 2


def test_a_report_and_a_comparison_are_measured_and_then_there(
    client: TestClient, colour_models: Two
) -> None:
    report = waited(client, "GET", "/api/models/m0/evaluation", params={"split": "test"})
    assert (report.status_code, report.json()["AP"]) == (200, 1)
    body = {"a": "m0", "b": "m1", "split": "test"}
    compared = waited(client, "POST", "/api/models/compare", json=body)
    assert (compared.status_code, compared.json()["verdict"]["AP"]["difference"]) == (200, -1)
    refused = waited(client, "POST", "/api/models/compare", json={**body, "b": "m0"})
    assert (refused.status_code, "one and the same" in refused.json()["error"]) == (400, True)
    nothing = waited(client, "POST", "/api/models/compare", json={**body, "split": "val"})
    assert (nothing.status_code, "split Test" in nothing.json()["error"]) == (400, True)
    assert client.get("/api/models/m0/evaluation", params={"split": "all"}).status_code == 422


@pytest.mark.slow
def test_a_model_is_imported_exported_and_imported_elsewhere(
    client: TestClient, built_folder: Path, tmp_path: Path
) -> None:
    taken = client.post("/api/models/import", json={"path": str(built_folder), "name": "first"})
    assert (taken.status_code, taken.json()["name"]) == (201, "first")
    model_id = taken.json()["id"]
    begun = client.post(f"/api/models/{model_id}/exports", json={"format": "folder"})
    assert begun.status_code == 202
    deadline = time.monotonic() + PATIENCE_SECONDS
    url = f"/api/model-exports/{begun.json()['id']}"
    while (state := client.get(url).json())["state"] == "running":
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    assert (state["error"], state["receipt"]["format"]) == (None, "folder")
    file = client.get(f"{url}/file")
    assert 'filename="first-folder.zip"' in file.headers["content-disposition"]
    assert "example.py" in zipfile.ZipFile(io.BytesIO(file.content)).namelist()
    again = client.post("/api/models/import", content=file.content)
    assert (again.status_code, "here already" in again.json()["error"]) == (409, True)


def test_an_import_that_makes_no_sense_is_refused(client: TestClient, tmp_path: Path) -> None:
    for body, code in (
        ({"path": "relative/folder"}, 422),
        ({"path": "~nobody-of-that-name/model"}, 422),
        ({"file": "x"}, 422),
        ({"path": str(tmp_path / "nowhere")}, 404),
    ):
        assert client.post("/api/models/import", json=body).status_code == code
    nested = client.post(
        "/api/models/import", content=b"[" * 100_000, headers={"content-type": "application/json"}
    )
    assert nested.status_code == 422
    answer = client.post("/api/models/import", content=b"no archive")
    assert (answer.status_code, "The file sent is no zip file" in answer.json()["error"]) == (422, True)


def test_the_formats_of_exports_are_told(client: TestClient) -> None:
    formats = client.get("/api/models/export-formats").json()
    assert [known["id"] for known in formats] == ["litert", "litert_int8", "saved_model", "onnx", "folder"]
    assert client.post("/api/models/m0/exports", json={"format": "pdf"}).status_code == 422
    assert client.post("/api/models/m0/exports", json={"format": "litert"}).status_code == 404
