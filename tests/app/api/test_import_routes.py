"""Imports over REST: what the import dialog relies on."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio
from data import exchange
from data.formats import archive


@pytest.fixture
def coco(jpeg: Any) -> dict[str, bytes]:
    """Three photographs; COCO boxes of Cup on a, and one of b that reaches far outside."""
    described = {
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": 64, "height": 48},
            {"id": 2, "file_name": "b.jpg", "width": 64, "height": 48},
        ],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 8, 7]},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 2, 800, 7]},
        ],
        "categories": [{"id": 1, "name": "Cup"}],
    }
    photographs = {f"images/{name}.jpg": jpeg((number, 0, 0)) for number, name in enumerate("abc")}
    return {"instances.json": json.dumps(described).encode(), **photographs}


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return stream.getvalue()


def send(client: TestClient, files: dict[str, bytes]) -> str:
    begun = client.post("/api/imports", json={"name": "cups"}).json()
    assert begun["state"] == "uploading"
    for path, data in files.items():
        answer = client.put(f"/api/imports/{begun['id']}/file", params={"path": path}, content=data)
        assert answer.status_code == 204, answer.text
    return str(begun["id"])


def ended(client: TestClient, address: str) -> dict[str, Any]:
    """The state of a task that has ended; the thread that carries it out is waited for."""
    for _ in range(600):
        state: dict[str, Any] = client.get(address).json()
        if state["state"] not in ("running", "ready", "uploading"):
            return state
        time.sleep(0.02)
    raise AssertionError(f"{address} did not end: {state}")


def run(client: TestClient, import_id: str, **wanted: Any) -> dict[str, Any]:
    begun = client.post(f"/api/imports/{import_id}/run", json={"project": "cups", **wanted})
    # A small one may have ended before the answer is written.
    assert (begun.status_code, begun.json()["state"] in ("running", "done", "failed")) == (202, True), (
        begun.text
    )
    return ended(client, f"/api/imports/{import_id}")


def staged(studio: Studio) -> list[Path]:
    return list((studio.workspace.cache / "imports").glob("*"))


def test_a_folder_that_is_sent_is_looked_at_and_brought_in_and_leaves_nothing_behind(
    client: TestClient, studio: Studio, coco: dict[str, bytes]
) -> None:
    import_id = send(client, coco)
    address = f"/api/imports/{import_id}"
    preview = client.post(f"{address}/preview", json={"project": "cups"}).json()
    keys = ("format", "images", "existing", "labelled", "empty", "unlabelled", "boxes")
    assert [preview[key] for key in keys] == ["coco", 3, 0, 1, 1, 1, 1]
    assert preview["by_split"] == {"train": 0, "val": 0, "test": 0, "none": 3}
    (cup,) = preview["classes"]
    assert cup == {"written": "Cup", "name": "Cup", "boxes": 2, "exists": False, "similar": []}
    assert "reaches outside" in preview["problems"][0]["problem"]
    assert client.get("/api/projects").json() == []
    assert client.get(address).json()["state"] == "ready"
    done = run(client, import_id, class_map={"Cup": "cup"}, split="train")
    assert (done["state"], done["done"], done["total"], done["error"]) == ("done", 3, 3, None)
    assert (done["report"]["added"], done["report"]["classes"]) == (3, ["cup"])
    page = client.get(f"/api/projects/{done['project_id']}/images").json()
    assert [(image["name"], image["split"]) for image in page["images"]] == [
        (f"images/{name}.jpg", "train") for name in "abc"
    ]
    assert staged(studio) == []
    assert client.post(f"{address}/run", json={"project": "cups"}).status_code == 409


def test_a_zip_is_unpacked_once_and_its_only_folder_is_the_data_set(
    client: TestClient, studio: Studio, coco: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = {f"data/{path}": data for path, data in coco.items()} | {"data/more.zip": packed({"x": b""})}
    import_id = send(client, {"cups.zip": packed(inner)})
    unpacked = []
    extract = archive.extract
    monkeypatch.setattr(
        "data.formats.archive.extract", lambda *given: (unpacked.append(given), extract(*given))[1]
    )
    preview = client.post(f"/api/imports/{import_id}/preview", json={"project": "cups"}).json()
    assert (preview["images"], preview["boxes"]) == (3, 1)
    assert "The archive holds further archives, which were passed over." in preview["notes"]
    done = run(client, import_id)
    assert (done["report"]["added"], len(unpacked)) == (3, 1)
    page = client.get(f"/api/projects/{done['project_id']}/images").json()
    assert page["images"][0]["name"] == "images/a.jpg"


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_data_set_of_this_computer_is_read_where_it_is_and_stays(
    client: TestClient, studio: Studio, coco: dict[str, bytes], tmp_path: Path, kind: str
) -> None:
    source = tmp_path / ("cups.zip" if kind == "zip" else "cups")
    if kind == "zip":
        source.write_bytes(packed(coco))
    else:
        for path, data in coco.items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes(data)
    begun = client.post("/api/imports", json={"path": str(source)}).json()
    assert (begun["state"], begun["name"]) == ("ready", source.name)
    assert run(client, begun["id"])["report"]["added"] == 3
    assert source.exists()
    assert staged(studio) == []


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        ({"path": "/nowhere/at/all"}, 404, "neither a folder nor a .zip"),
        ({"path": " "}, 404, "neither a folder nor a .zip"),
        ({"path": "~nobody-of-this-name/x"}, 422, "is no path of this computer"),
        ({"path": "/tmp/\x00"}, 404, "neither a folder nor a .zip"),
        ({}, 422, "either a path or a name"),
        ({"name": "a", "path": "/tmp"}, 422, "either a path or a name"),
        ({"name": " "}, 422, "needs a name"),
    ],
)
def test_what_is_no_data_set_is_refused_in_words(
    client: TestClient, body: dict[str, str], code: int, told: str
) -> None:
    answer = client.post("/api/imports", json=body)
    assert (answer.status_code, told in answer.json()["error"]) == (code, True), answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("../x.jpg", "a/../../x.jpg", "/etc/x.jpg", "C:/x.jpg", "a/C:x.jpg", "a\\..\\x.jpg", "a/.. /x.jpg"),
        *("a//x.jpg", "", ".", "x\x00.jpg", "x\n.jpg", "a/" * 40 + "x.jpg", "x" * 600, "é" * 200),
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(client: TestClient, studio: Studio, path: str) -> None:
    begun = client.post("/api/imports", json={"name": "cups"}).json()
    answer = client.put(f"/api/imports/{begun['id']}/file", params={"path": path}, content=b"x")
    assert (answer.status_code, answer.json()["error"][:4]) == (422, "The ")
    assert [found for found in studio.workspace.root.rglob("*") if found.name.endswith(".jpg")] == []


def test_a_file_sent_again_takes_the_place_of_the_first(
    client: TestClient, coco: dict[str, bytes], jpeg: Any
) -> None:
    import_id = send(client, {"images/a.jpg": b"half a photog", **coco})
    assert run(client, import_id)["report"]["rejected"][0]["file"] == "instances.json"


def test_a_file_where_a_folder_is_wanted_is_told_in_words(client: TestClient) -> None:
    import_id = send(client, {"a/b.jpg": b"x", "c": b"x"})
    for path in ("a", "c/d.jpg"):
        answer = client.put(f"/api/imports/{import_id}/file", params={"path": path}, content=b"x")
        assert (answer.status_code, "a file and a folder at once" in answer.json()["error"]) == (422, True)


def test_a_disk_without_room_refuses_a_file_before_and_while_it_arrives(
    client: TestClient, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = client.post("/api/imports", json={"name": "cups"}).json()
    free = iter([2**29, 2**29, 0])
    room = namedtuple("room", "total used free")
    monkeypatch.setattr("app.services.staging.shutil.disk_usage", lambda _: room(0, 0, next(free)))
    monkeypatch.setattr("app.services.staging.LOOK_EVERY", 10)
    address = f"/api/imports/{begun['id']}/file"
    announced = client.put(
        address, params={"path": "a.jpg"}, content=b"x", headers={"content-length": str(2**29)}
    )
    assert (announced.status_code, "The disk is full: a.jpg" in announced.json()["error"]) == (507, True)
    arriving = client.put(address, params={"path": "a.jpg"}, content=iter([b"x" * 20]))
    assert arriving.status_code == 507
    assert [found for found in staged(studio)[0].rglob("*") if found.is_file()] == []


def test_an_import_without_any_file_or_image_says_so_under_the_name_it_was_given(
    client: TestClient, studio: Studio
) -> None:
    begun = client.post("/api/imports", json={"name": "cups"}).json()
    address = f"/api/imports/{begun['id']}"
    assert "No file was sent" in client.post(f"{address}/preview", json={"project": "p"}).json()["error"]
    assert client.get(address).json()["state"] == "uploading"
    import_id = send(client, {"notes.txt": b"x"})
    answer = client.post(f"/api/imports/{import_id}/preview", json={"project": "p"})
    assert (answer.status_code, "no image in cups" in answer.json()["error"]) == (404, True)
    failed = run(client, import_id)
    assert (failed["state"], "no image in cups" in failed["error"]) == ("failed", True)
    assert client.post(f"/api/imports/{import_id}/preview", json={"project": "p"}).status_code == 404


def test_several_formats_are_named_to_choose_from(client: TestClient, coco: dict[str, bytes]) -> None:
    size = "<size><width>64</width><height>48</height></size>"
    voc = f"<annotation><filename>c.jpg</filename>{size}</annotation>".encode()
    import_id = send(client, {**coco, "images/c.xml": voc})
    answer = client.post(f"/api/imports/{import_id}/preview", json={"project": "p"})
    assert (answer.status_code, answer.json()["candidates"]) == (400, ["coco", "voc"])
    chosen = client.post(f"/api/imports/{import_id}/preview", json={"project": "p", "format": "voc"})
    assert chosen.json()["format"] == "voc"


def test_a_cancelled_import_keeps_the_images_that_are_in_and_can_be_begun_again(
    client: TestClient, studio: Studio, coco: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = send(client, coco)
    second, cancelled = threading.Event(), threading.Event()
    imported = exchange.import_annotated

    def slowly(*arguments: Any, **options: Any) -> Any:
        if "b.jpg" in arguments[3]:
            second.set()
            assert cancelled.wait(10)
        return imported(*arguments, **options)

    monkeypatch.setattr("data.exchange.import_annotated", slowly)
    client.post(f"/api/imports/{import_id}/run", json={"project": "cups"})
    assert second.wait(10)
    running = client.get(f"/api/imports/{import_id}").json()
    assert (running["state"], running["done"], running["total"]) == ("running", 1, 3)
    assert running["project_id"] == client.get("/api/projects").json()[0]["id"]
    for again in ("preview", "run"):
        assert client.post(f"/api/imports/{import_id}/{again}", json={"project": "p"}).status_code == 409
    assert client.put(f"/api/imports/{import_id}/file", params={"path": "d"}, content=b"").status_code == 409
    assert client.delete(f"/api/imports/{import_id}").status_code == 204
    cancelled.set()
    state = ended(client, f"/api/imports/{import_id}")
    assert (state["state"], state["done"]) == ("cancelled", 1)
    assert client.get("/api/projects").json()[0]["images"] == 2
    assert staged(studio) == []
    again = send(client, coco)
    assert (run(client, again)["report"]["added"], client.get("/api/projects").json()[0]["images"]) == (1, 3)


def test_an_import_that_is_thrown_away_takes_its_files_with_it(
    client: TestClient, studio: Studio, coco: dict[str, bytes]
) -> None:
    import_id = send(client, coco)
    assert len(staged(studio)) == 1
    assert client.delete(f"/api/imports/{import_id}").status_code == 204
    assert staged(studio) == []
    for answer in (client.get(f"/api/imports/{import_id}"), client.delete(f"/api/imports/{import_id}")):
        assert (answer.status_code, "Begin it again" in answer.json()["error"]) == (404, True)


def test_a_full_disk_during_an_import_is_told_in_a_sentence_and_it_can_be_run_again(
    client: TestClient, coco: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = send(client, coco)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data.blobs.os.fsync", full)
    failed = run(client, import_id)
    assert (failed["state"], "The disk is full" in failed["error"]) == ("failed", True)
    monkeypatch.undo()
    assert run(client, import_id)["report"]["added"] == 3


def test_a_fault_of_the_program_is_told_without_its_innards(
    client: TestClient, coco: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = send(client, coco)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret innards")

    monkeypatch.setattr("data.exchange.import_folder", fail)
    assert run(client, import_id)["error"] == "It failed unexpectedly (ZeroDivisionError). The log says why."
