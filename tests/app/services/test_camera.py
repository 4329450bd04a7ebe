"""A camera: its newest frame, a connection that is made again, and what is no camera."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.jobs.opencv import opencv
from app.services import camera as cameras
from app.services.camera import Camera, CameraGone, InvalidCamera, checked_source, without_password
from tests.app.mjpeg_camera import MjpegCamera
from tests.app.rtsp_camera import RtspCamera
from tests.app.videos import BLUE, RED

SOON = 20.0


def test_the_newest_frame_wins_and_the_connection_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "PAUSES", (0.01,))
    told: list[str] = []
    with MjpegCamera([RED] * 40, [BLUE] * 40) as served, Camera(served.url, told.append) as camera:
        first = camera.next(SOON)
        assert first is not None
        assert first.rgb.shape == (48, 64, 3)
        assert first.rgb[20, 20, 0] > 200
        frame, seen = first, 1
        while frame.rgb[20, 20, 2] < 200:
            taken = camera.next(SOON)
            assert taken is not None
            assert taken.seconds >= frame.seconds
            frame, seen = taken, seen + 1
        assert served.connected == 2
    assert seen <= 41
    assert [sentence.rpartition(" gives ")[2] for sentence in told[:2]] == [
        "no picture any more. Trying again.",
        "pictures again.",
    ]


def test_a_slow_reader_is_never_behind() -> None:
    with MjpegCamera([RED] * 10 + [BLUE] * 400) as served, Camera(served.url, print) as camera:
        assert camera.next(SOON) is not None
        while not _blue_is_newest(camera):
            pass
        frame = camera.next(SOON)
        assert frame is not None
        assert frame.rgb[20, 20, 2] > 200


def _blue_is_newest(camera: Camera) -> bool:
    newest = camera._newest
    return newest is not None and bool(newest.rgb[20, 20, 2] > 200)


def test_a_camera_that_speaks_rtsp_is_looked_through() -> None:
    with RtspCamera(BLUE) as served, Camera(served.url, print) as camera:
        frame = camera.next(SOON)
        assert frame is not None
        assert (frame.rgb.shape, frame.rgb[20, 20, 2] > 200) == ((48, 64, 3), True)


def test_a_camera_of_this_computer_is_opened_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    class Capture:
        def open(self, *given: Any) -> bool:
            return given == (1,)

        def read(self) -> tuple[bool, Any]:
            return True, np.full((48, 64, 3), RED[::-1], np.uint8)

        def release(self) -> None:
            pass

    cv = opencv()
    fake = SimpleNamespace(VideoCapture=Capture, cvtColor=cv.cvtColor, COLOR_BGR2RGB=cv.COLOR_BGR2RGB)
    monkeypatch.setattr(cameras, "opencv", lambda: fake)
    with Camera("1", print) as camera:
        frame = camera.next(SOON)
        assert frame is not None
        assert frame.rgb[20, 20].tolist() == list(RED)


def test_a_camera_that_is_not_there_is_said_in_a_sentence() -> None:
    with (
        MjpegCamera() as served,
        Camera(served.url.replace("http://", "http://me:secret@")) as camera,
        pytest.raises(CameraGone, match=r"cannot be opened") as caught,
    ):
        camera.next(SOON)
    assert "secret" not in str(caught.value)


def test_numbers_and_addresses_are_cameras_and_nothing_else_is() -> None:
    assert checked_source("0") == 0
    assert checked_source("rtsp://10.0.0.2/live") == "rtsp://10.0.0.2/live"
    for source in (
        "file:///etc/passwd",
        "/dev/video0",
        "clip.mp4",
        "rtsp://",
        "concat:a|b",
        "",
        "http://[x",
        "http://h/\udcdf",
    ):
        with pytest.raises(InvalidCamera):
            checked_source(source)
    assert without_password("rtsp://me:secret@10.0.0.2:554/live?x=1") == "rtsp://10.0.0.2:554/live?x=1"
    assert without_password("0") == "0"
    for written, shown in (
        ("http://10.0.0.2/v.cgi?channel=1&usr=me&Pwd=se_cret&rate=0", "v.cgi?channel=1&usr=…&Pwd=…&rate=0"),
        ("rtsp://10.0.0.2/user=me_password=secret&channel=1.sdp", "user=…&channel=1.sdp"),
        ("http://10.0.0.2/?apikey=9&accessToken=8&access_key=7", "?apikey=…&accessToken=…&access_key=…"),
        ("http://10.0.0.2/monkey?turnkey=1", "monkey?turnkey=1"),
    ):
        assert without_password(written).endswith(f"//10.0.0.2/{shown}")


def test_a_camera_whose_pictures_cannot_be_read_is_said_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise ValueError("Pictures of sixteen bits.")

    with MjpegCamera([RED] * 40) as served:
        camera = Camera(served.url, print)
        monkeypatch.setattr(camera, "_read", fail)
        with camera, pytest.raises(CameraGone, match=r"cannot be read \(ValueError\)"):
            camera.next(SOON)
