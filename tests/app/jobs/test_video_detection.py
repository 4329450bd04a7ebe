"""A video in, an annotated one and tables out: frame by frame, upright, at the right times."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.jobs import video_detection
from app.jobs.mp4_times import VideoNotWritten, set_times
from app.jobs.video_detection import process_video
from app.jobs.video_reader import VideoReader, VideoUnreadable
from app.jobs.video_work import COCO, DETECTIONS, TABLE, VIDEO, VideoWork
from data.errors import DiskFull
from ssd_core.runtime import Detector
from ssd_core.thresholds import Thresholds
from tests.app.model_folders import PLANTED_BOX
from tests.app.videos import BLACK, BLUE, RED, colours_of, times_of, turn, write_video

TEN = [RED, BLUE, BLACK, RED, RED, BLUE, BLACK, RED, BLACK, BLUE]


@pytest.fixture(scope="module")
def detector(colour_folders: tuple[Path, Path]) -> Detector:
    return Detector.load(colour_folders[0], threads=1)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", TEN)


def processed(detector: Detector, source: Path, **more: Any) -> tuple[dict[str, Any], Path]:
    folder = source.parent / "results"
    folder.mkdir(exist_ok=True)
    work = VideoWork(source, source.name, folder, "colours", Thresholds(), **more)
    return process_video(work, detector, lambda _done, _total: None), folder


def test_every_frame_is_looked_at_in_order_and_written_down(detector: Detector, video: Path) -> None:
    report, folder = processed(detector, video)
    assert (report["frames"], report["frames_read"], report["seconds"]) == (10, 10, 1.0)
    assert report["boxes"] == {"nut": 4, "bolt": 3}
    document = json.loads((folder / DETECTIONS).read_text())
    assert [[each["class"] for each in frame["detections"]] for frame in document["frames"]] == [
        {RED: ["nut"], BLUE: ["bolt"], BLACK: []}[colour] for colour in TEN
    ]
    assert document["frames"][3]["time"] == pytest.approx(0.3)
    assert document["frames"][3]["detections"][0]["box"] == pytest.approx(PLANTED_BOX, abs=1e-3)
    rows = list(csv.reader((folder / TABLE).read_text().splitlines()))
    assert rows[0] == ["frame", "time", "class", "score", "x0", "y0", "x1", "y1"]
    assert [row[:3] for row in rows[1:4]] == [
        ["0", "0.000000", "nut"],
        ["1", "0.100000", "bolt"],
        ["2", "0.200000", ""],
    ]
    coco = json.loads((folder / COCO).read_text())
    assert len(coco["images"]) == 10
    assert coco["images"][2] | {"time": 0.2} == {
        "id": 3,
        "file_name": "clip/000002.jpg",
        "width": 64,
        "height": 48,
        "frame": 2,
        "time": 0.2,
    }
    assert [(each["image_id"], each["category_id"]) for each in coco["annotations"]] == [
        (1, 1),
        (2, 2),
        (4, 1),
        (5, 1),
        (6, 2),
        (8, 1),
        (10, 2),
    ]


def test_the_annotated_video_shows_the_same_frames_at_the_same_times(detector: Detector, video: Path) -> None:
    _, folder = processed(detector, video)
    assert times_of(folder / VIDEO) == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    names = {RED: "red", BLUE: "blue", BLACK: "black"}
    assert colours_of(folder / VIDEO) == [names[colour] for colour in TEN]
    assert b"vp09" in (folder / VIDEO).read_bytes()  # which nobody asks a fee for


def test_frames_that_were_filmed_unevenly_stay_so(detector: Detector, video: Path) -> None:
    set_times(video, [0, 0.05, 0.3, 0.4, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5], 1.75)
    report, folder = processed(detector, video)
    assert report["frames"] == 10
    assert times_of(folder / VIDEO) == [0.0, 0.05, 0.3, 0.4, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5]


def test_each_third_frame_keeps_its_number_and_its_time(detector: Detector, video: Path) -> None:
    report, folder = processed(detector, video, every=3)
    assert (report["frames"], report["frames_read"], report["boxes"]) == (4, 10, {"nut": 2, "bolt": 1})
    frames = json.loads((folder / DETECTIONS).read_text())["frames"]
    assert [frame["frame"] for frame in frames] == [0, 3, 6, 9]
    assert times_of(folder / VIDEO) == [0.0, 0.3, 0.6, 0.9]


def test_a_telephones_video_is_set_upright(detector: Detector, video: Path) -> None:
    report, _ = processed(detector, turn(video))
    assert (report["width"], report["height"]) == (48, 64)


@pytest.mark.parametrize("size_wh", [(2, 2), (130, 70), (4096, 2160)])
def test_any_size_becomes_a_video(detector: Detector, tmp_path: Path, size_wh: tuple[int, int]) -> None:
    source = write_video(tmp_path / "clip.mp4", [RED, BLUE], size_wh=size_wh)
    report, folder = processed(detector, source)
    assert (report["width"], report["height"]) == size_wh
    assert len(times_of(folder / VIDEO)) == 2
    assert [note.split(" is ")[0] for note in report["notes"]] == (
        ["The annotated video"] if max(size_wh) > 1280 else []
    )


def test_odd_sizes_keep_every_pixel(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_video(tmp_path / "clip.webm", [RED, BLUE])
    real = VideoReader.frames

    def odd(reader: VideoReader, every: int = 1) -> Iterator[Any]:
        for frame in real(reader, every):
            yield type(frame)(frame.number, frame.seconds, frame.rgb[:-3, :-1].copy())

    monkeypatch.setattr(VideoReader, "frames", odd)
    report, folder = processed(detector, source)
    assert (report["width"], report["height"]) == (63, 45)
    assert colours_of(folder / VIDEO) == ["red", "blue"]


def test_a_file_that_is_cut_off_gives_what_it_has_and_says_so(detector: Detector, tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.webm", TEN * 4)
    cut = tmp_path / "cut.webm"
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 2 // 3])
    report, _ = processed(detector, cut)
    assert 0 < report["frames"] < 40
    assert len(report["notes"]) == 1


@pytest.mark.parametrize("content", [b"", b"no video at all\n" * 500])
def test_what_is_no_video_is_refused_in_a_sentence(
    detector: Detector, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "clip.mp4").write_bytes(content)
    with pytest.raises(VideoUnreadable, match=r"^clip\.mp4 cannot be read as a video"):
        processed(detector, tmp_path / "clip.mp4")


def test_a_list_of_other_files_is_no_video(detector: Detector, video: Path) -> None:
    playlist = video.with_name("list.m3u8")
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{video}\n#EXT-X-ENDLIST\n")
    with pytest.raises(VideoUnreadable):
        processed(detector, playlist)


def test_a_full_disk_ends_it_in_a_sentence_and_leaves_no_video(
    detector: Detector, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [2**40, 2**40, 0]
    monkeypatch.setattr(video_detection, "_LOOK_EVERY", 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free.pop(0)))
    with pytest.raises(DiskFull, match=r"^The disk is full"):
        processed(detector, video)
    assert list((video.parent / "results").iterdir()) == []


def test_a_video_that_lacks_frames_is_not_called_whole(video: Path) -> None:
    with pytest.raises(VideoNotWritten):
        set_times(video, [0, 1, 2], 3)
    video.write_bytes(video.read_bytes()[:200])
    with pytest.raises(VideoNotWritten):
        set_times(video, [0, 1, 2], 3)


def test_a_time_that_leaps_by_years_is_cut_short(detector: Detector, video: Path) -> None:
    _, folder = processed(detector, video)
    seconds = [*(number / 10 for number in range(9)), 1e9]
    set_times(folder / VIDEO, seconds, 1e9 + 0.1)
    assert len(times_of(folder / VIDEO)) == 10
