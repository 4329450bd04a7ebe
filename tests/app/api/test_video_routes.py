"""A video over REST: sent, processed by a child, fetched, stopped; and nothing half done is called done."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from fastapi.testclient import TestClient

from app.bootstrap import Studio, open_studio
from app.services import video_jobs
from app.settings import Settings
from data.records import Model
from ssd_core.thresholds import Thresholds
from tests.app.conftest import PATIENCE_SECONDS
from tests.app.videos import BLACK, BLUE, RED, times_of, write_video

Two = tuple[Model, Model]
Clip = Callable[..., bytes]


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """Make a video of as many plain frames as are asked for: red, blue, and nothing in turns."""

    def make(frames: int = 6) -> bytes:
        colours = [(RED, BLUE, BLACK)[number % 3] for number in range(frames)]
        return write_video(tmp_path / "clip.mp4", colours).read_bytes()

    return make


def send(client: TestClient, content: bytes, **asked: Any) -> dict[str, Any]:
    answer = client.post("/api/models/m0/videos", params={"name": "clip.mp4", **asked}, content=content)
    assert answer.status_code == 202, answer.text
    begun: dict[str, Any] = answer.json()
    return begun


def state_of(
    client: TestClient, begun: dict[str, Any], wanted: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    for _ in range(1500):
        state: dict[str, Any] = client.get(f"/api/videos/{begun['id']}").json()
        if wanted(state):
            return state
        time.sleep(0.02)
    raise AssertionError(f"it did not come to that: {state}")


def ended(client: TestClient, begun: dict[str, Any]) -> dict[str, Any]:
    return state_of(client, begun, lambda state: state["state"] != "running")


def test_a_video_goes_in_and_its_results_come_out(
    client: TestClient, studio: Studio, colour_models: Two, clip: Clip, tmp_path: Path
) -> None:
    begun = send(client, clip(), class_score=["bolt:0.99999"])
    assert (begun["state"], begun["model"], begun["name"]) == ("running", "m0", "clip.mp4")
    done = ended(client, begun)
    assert (done["state"], done["error"], done["done"], done["total"]) == ("done", None, 6, 6)
    assert done["report"]["boxes"] == {"nut": 2, "bolt": 0}
    address = f"/api/videos/{done['id']}"
    video = client.get(f"{address}/video.mp4")
    assert (video.headers["content-type"], video.headers["accept-ranges"]) == ("video/mp4", "bytes")
    (tmp_path / "made.mp4").write_bytes(video.content)
    assert len(times_of(tmp_path / "made.mp4")) == 6
    part = client.get(f"{address}/video.mp4", headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    table = client.get(f"{address}/detections.csv", params={"download": True})
    assert table.headers["content-disposition"] == 'attachment; filename="clip-detections.csv"'
    assert table.text.count("nut") == 2
    assert len(client.get(f"{address}/coco.json").json()["images"]) == 6
    told = client.get(f"{address}/detections.json").json()
    assert (told["video"], told["model"], len(told["frames"])) == ("clip.mp4", "right", 6)
    assert client.get(f"{address}/other.json").status_code == 404
    assert [each["id"] for each in client.get("/api/videos").json()["videos"]] == [done["id"]]
    assert client.get("/api/videos", params={"project_id": 999}).json()["videos"] == []
    assert list((studio.workspace.cache / "videos" / done["id"]).glob("files/*")) == []
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert list((studio.workspace.cache / "videos").iterdir()) == []


def test_what_is_done_is_known_after_a_new_start_and_what_was_not_is_not(
    client: TestClient, studio: Studio, settings: Settings, colour_models: Two, clip: Clip
) -> None:
    done = ended(client, send(client, clip(), every=2))
    half = studio.workspace.cache / "videos" / "half"
    (half / "working").mkdir(parents=True)
    (half / "working" / "video.mp4").write_bytes(b"half of it")
    with open_studio(settings) as again:
        (job,) = again.videos.all()
        assert (job.id, job.state, job.report) == (done["id"], "done", done["report"])
        assert again.videos.result(job.id, "video.mp4")[1] == "clip-boxes.mp4"
        os.utime(half, (0, 0))
        open_studio(settings).close()
        assert (again.videos.result(job.id, "coco.json")[0].is_file(), half.exists()) == (True, False)
        again.videos.sweep(older_than=-1)
        assert again.videos.all() == ()
        assert list(half.parent.iterdir()) == []


def test_what_is_in_work_when_the_server_ends_is_begun_anew_by_the_next(
    client: TestClient,
    studio: Studio,
    settings: Settings,
    colour_models: Two,
    clip: Clip,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    first, second, stopped = (send(client, clip(frames)) for frames in (1500, 4, 5))
    state_of(client, first, lambda state: state["done"] > 0)
    client.delete(f"/api/videos/{stopped['id']}")
    with open_studio(settings) as other:
        other.videos.begin_again()
        assert other.videos.all() == ()  # They are another's.
    studio.videos.close()
    with open_studio(settings) as full, monkeypatch.context() as patch:
        patch.setattr(video_jobs.VideoJob, "note_order", no_room)
        full.videos.begin_again()
        assert {job.state for job in full.videos.all()} == {"failed"}
    with open_studio(settings) as again:
        again.videos.begin_again()
        again.videos.begin_again()
        taken_up = again.videos.all()
        assert [(job.id, job.name) for job in taken_up] == [
            (each["id"], "clip.mp4") for each in (second, first)
        ]
        again.videos.discard(first["id"])
        assert taken_up[0].turn is not None
        taken_up[0].turn.result(PATIENCE_SECONDS)
        assert (taken_up[0].state, taken_up[0].total) == ("done", 4)
        assert [job.id for job in again.videos.all() if job.state == "done"] == [second["id"]]


def test_a_video_that_servers_were_killed_over_or_whose_model_is_gone_is_not_begun_anew_and_says_why(
    client: TestClient, studio: Studio, settings: Settings, colour_models: Two, clip: Clip
) -> None:
    begun = [send(client, clip(frames)) for frames in (1500, 3)]
    state_of(client, begun[0], lambda state: state["done"] > 0)
    folders = [studio.workspace.cache / "videos" / each["id"] for each in begun]
    assert json.loads((folders[0] / "order.json").read_text())["begun"] == 1
    studio.videos.close()
    order = json.loads((folders[0] / "order.json").read_text())
    assert order["begun"] == 0
    (folders[0] / "order.json").write_text(json.dumps({**order, "begun": 3}))
    studio.models.delete("m0")
    with open_studio(settings) as again:
        again.videos.begin_again()
        told = {job.id: (job.state, job.error) for job in again.videos.all()}
    assert [state for state, _ in told.values()] == ["failed", "failed"]
    assert "3 servers were killed" in str(told[begun[0]["id"]][1])
    assert "'right' was deleted" in str(told[begun[1]["id"]][1])
    assert not any(folder.exists() for folder in folders)


def test_what_a_killed_command_left_is_swept_away_like_the_rest(studio: Studio) -> None:
    with studio.videos.scratch() as folder:
        (folder / "video.mp4").write_bytes(b"half of it")
        os.utime(folder, (0, 0))
        studio.videos.sweep()
        assert not folder.exists()


def test_a_video_that_waits_for_longer_than_a_day_is_not_swept_away(
    studio: Studio, colour_models: Two, clip: Clip
) -> None:
    job = studio.videos.begin("m0", "clip.mp4", Thresholds())
    incoming = studio.videos.receive(job)
    incoming.write(clip())
    incoming.keep()
    os.utime(job.stage.folder, (0, 0))
    assert studio.videos.all() == (job,)
    assert job.stage.source().is_dir()


def test_what_is_no_video_fails_in_a_sentence_and_leaves_nothing(
    client: TestClient, studio: Studio, colour_models: Two
) -> None:
    failed = ended(client, send(client, b"no video"))
    assert failed["state"] == "failed"
    assert failed["error"].startswith("clip.mp4 cannot be read as a video")
    assert client.get(f"/api/videos/{failed['id']}/video.mp4").status_code == 409
    assert list((studio.workspace.cache / "videos").iterdir()) == []


def test_one_is_stopped_in_the_middle_and_one_before_its_turn(
    client: TestClient, studio: Studio, colour_models: Two, clip: Clip
) -> None:
    long = clip(3000)
    first, second = send(client, long), send(client, long)
    state_of(client, first, lambda state: state["done"] > 0)
    assert client.get(f"/api/videos/{second['id']}").json()["waiting"]
    for begun in (second, first):
        assert client.delete(f"/api/videos/{begun['id']}").status_code == 204
    for begun in (first, second):
        assert ended(client, begun)["state"] == "cancelled"
    assert list((studio.workspace.cache / "videos").iterdir()) == []


def working_children() -> Iterator[psutil.Process]:
    """The children of this process that do an errand; one that another test killed is passed by."""
    for child in psutil.Process().children():
        with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            if "app.jobs.errand" in child.cmdline():
                yield child


def test_a_child_that_is_killed_leaves_no_half_file(
    client: TestClient, studio: Studio, colour_models: Two, clip: Clip
) -> None:
    begun = send(client, clip(3000))
    state_of(client, begun, lambda state: state["done"] > 0)
    (child,) = working_children()
    assert psutil.WINDOWS or child.nice() >= min(psutil.Process().nice() + 10, 19)
    child.kill()
    failed = ended(client, begun)
    assert (failed["state"], "ended unexpectedly" in failed["error"]) == ("failed", True)
    assert client.get(f"/api/videos/{begun['id']}/video.mp4").status_code == 409
    assert list((studio.workspace.cache / "videos").iterdir()) == []


def test_what_cannot_be_begun_is_refused_before_anything_is_kept(
    client: TestClient, studio: Studio, colour_models: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/api/models/m0/videos"
    assert client.post("/api/models/none/videos", content=b"x").status_code == 404
    unknown = client.post(address, params={"classes": "cup"}, content=b"x")
    assert (unknown.status_code, "no class 'cup'" in unknown.json()["error"]) == (400, True)
    assert client.post(address, params={"every": 0}, content=b"x").status_code == 422
    monkeypatch.setattr(video_jobs.opencv, "is_missing", lambda: "Install OpenCV.")
    missing = client.post(address, content=b"x")
    assert (missing.status_code, missing.json()["error"]) == (400, "Install OpenCV.")
    assert client.get("/api/videos").json() == {"missing": "Install OpenCV.", "videos": []}
    assert json.loads(client.get("/openapi.json").text)["paths"]["/api/models/{model_id}/videos"]
