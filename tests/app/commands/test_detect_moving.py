"""``ssd-studio detect`` on a video and through a camera."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.jobs.video_detection import VideoTables
from app.jobs.video_reader import VideoReader, VideoUnreadable
from app.services.sightings import Sightings
from app.settings import Settings
from tests.app.mjpeg_camera import MjpegCamera
from tests.app.services.test_webhook import Receiver
from tests.app.videos import BLACK, BLUE, RED, times_of, write_video


@pytest.fixture(autouse=True)
def workspace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSD_STUDIO_WORKSPACE", str(settings.workspace))
    monkeypatch.delenv("SSD_STUDIO_DATABASE_URL", raising=False)


@pytest.fixture
def model(colour_folders: tuple[Path, Path]) -> str:
    return str(colour_folders[0])


def test_a_video_is_counted_printed_and_written(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(write_video(tmp_path / "clip.mp4", [RED, RED, BLACK, BLUE]))
    out = tmp_path / "out"
    files = ["--video", str(out / "boxes.mp4"), "--csv", str(out / "b.csv"), "--coco", str(out / "b.json")]
    assert main(["detect", model, clip, *files]) == 0
    said, notes = capsys.readouterr()
    assert said == f"{clip}: 4 frames of 0 s: 2 × nut, 1 × bolt\n"
    assert [f"Wrote {name}" in notes for name in (out / "boxes.mp4", out / "b.csv", out / "b.json")] == [
        True
    ] * 3
    assert times_of(out / "boxes.mp4") == [0.0, 0.1, 0.2, 0.3]
    assert (out / "b.csv").read_text().count("\n") == 5
    assert len(json.loads((out / "b.json").read_text())["annotations"]) == 3
    assert sorted(path.name for path in out.iterdir()) == ["b.csv", "b.json", "boxes.mp4"]
    assert main(["detect", model, clip, "--json", "--every", "3", "--class", "bolt"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(frame["frame"], len(frame["detections"])) for frame in told["frames"]] == [(0, 0), (3, 1)]


def test_a_video_is_never_written_over_by_its_drawn_copy(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = write_video(tmp_path / "clip.mp4", [RED])
    before = clip.read_bytes()
    assert main(["detect", model, str(clip), "--video", str(tmp_path / "." / "clip.mp4")]) == 2
    assert (clip.read_bytes(), "another name" in capsys.readouterr().err) == (before, True)


def test_what_is_no_video_is_said(tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no video")
    assert main(["detect", model, str(tmp_path / "clip.mp4"), "--video", str(tmp_path / "o.mp4")]) == 1
    assert main(["detect", model, str(tmp_path / "none.mp4")]) == 1
    with pytest.raises(VideoUnreadable, match="Rename it first"):
        VideoReader(tmp_path / "clip\udcdf.mp4", "clip")
    said = capsys.readouterr().err
    assert "clip.mp4 cannot be read as a video" in said
    assert "none.mp4: There is no such file." in said
    assert not (tmp_path / "o.mp4").exists()


def test_a_camera_tells_what_comes_and_goes_to_all_who_want_it(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver = Receiver()
    log = tmp_path / "logs" / "seen.jsonl"
    try:
        with MjpegCamera([BLACK] * 3 + [RED] * 400) as served:
            options = [
                "--camera",
                served.url,
                "--watch",
                "nut",
                "--frames",
                "40",
                "--seconds",
                "60",
                "--json",
            ]
            assert main(["detect", model, *options, "--log", str(log), "--webhook", receiver.url]) == 0
    finally:
        receiver.close()
    news = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["event"], each["class"], each["camera"], each["most"]) for each in news] == [
        ("appeared", "nut", served.url, 1),
        ("gone", "nut", served.url, 1),
    ]
    assert news[0]["detections"][0]["class"] == "nut"
    assert [json.loads(line) for line in log.read_text().splitlines()] == news
    assert [body for _, _, body in receiver.taken] == news


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a.jpg", "--camera", "0"],
        ["a.mp4", "b.jpg"],
        ["a.mp4", "--images", "out"],
        ["a.jpg", "--video", "o.mp4"],
        ["a.jpg", "--every", "3"],
        ["a.jpg", "--log", "x.jsonl"],
        ["--camera", "0", "--csv", "x.csv"],
        ["--camera", "0", "--seconds", "0"],
        ["a.mp4", "--every", "0"],
    ],
)
def test_arguments_that_do_not_go_together_are_a_wrong_call(arguments: list[str]) -> None:
    assert main(["detect", "m", *arguments]) == 2


def test_neither_camera_nor_webhook_is_taken_for_something_else(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect", model, "--camera", "file:///etc/passwd"]) == 1
    assert main(["detect", model, "--camera", "0", "--webhook", "ftp://host/"]) == 1
    assert main(["detect", model, "--camera", "0", "--watch", "cup"]) == 1
    said = capsys.readouterr().err
    for problem in ("is no camera", "is no address of a webhook", "no class 'cup'"):
        assert problem in said


def test_ctrl_c_keeps_what_was_seen_of_a_video_until_then(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add = VideoTables.add

    def interrupted(tables: VideoTables, number: int, *found: Any) -> None:
        add(tables, number, *found)
        if number == 1:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(VideoTables, "add", interrupted)
    clip = str(write_video(tmp_path / "clip.mp4", [RED] * 6))
    files = ["--video", str(tmp_path / "boxes.mp4"), "--csv", str(tmp_path / "b.csv")]
    assert main(["detect", model, clip, *files]) == 1
    assert "It was stopped after 2 frames: the results end there." in capsys.readouterr().err
    assert times_of(tmp_path / "boxes.mp4") == [0.0, 0.1]
    assert (tmp_path / "b.csv").read_text().count("\n") == 3


@pytest.mark.parametrize("option", ["--video", "--csv", "--coco"])
def test_where_a_video_s_results_cannot_go_is_said_before_it_is_looked_at(
    tmp_path: Path, model: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(write_video(tmp_path / "clip.mp4", [RED]))
    (tmp_path / "there").mkdir()
    assert main(["detect", model, clip, option, str(tmp_path / "there")]) == 1
    out, err = capsys.readouterr()
    assert (out, f"{tmp_path / 'there'}" in err, "Looking at frame" in err) == ("", True, False)


def test_ctrl_c_tells_that_what_a_camera_saw_is_gone(
    model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = Sightings.frame

    def interrupted(sightings: Sightings, *seen: Any) -> Any:
        news = frame(sightings, *seen)
        if news:
            signal.raise_signal(signal.SIGINT)
        return news

    monkeypatch.setattr(Sightings, "frame", interrupted)
    with MjpegCamera([RED] * 400) as served:
        assert main(["detect", model, "--camera", served.url, "--json", "--seconds", "60"]) == 0
    news = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert news == ["appeared", "gone"]
