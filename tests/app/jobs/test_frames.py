"""What is said over a pipe arrives as it was, or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from app.jobs.frames import packed, picture_frame, picture_of, read_frame, unpacked, write_frame
from ssd_core.candidates import Candidates


def test_frames_come_one_after_the_other_and_then_the_end() -> None:
    stream = io.BytesIO()
    write_frame(stream, {"load": "mödel"})
    write_frame(stream, {"id": 7}, b"\0{}\n")
    stream.seek(0)
    assert [read_frame(stream) for _ in range(3)] == [({"load": "mödel"}, b""), ({"id": 7}, b"\0{}\n"), None]


def test_of_a_frame_that_breaks_off_nothing_is_taken() -> None:
    stream = io.BytesIO()
    write_frame(stream, {"id": 7}, b"body")
    whole = stream.getvalue()
    assert [read_frame(io.BytesIO(whole[:end])) for end in range(len(whole))] == [None] * len(whole)


def test_a_picture_is_the_same_on_the_other_side() -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)[:, 1:3]
    for picture in (b"a file", Path("/some/where.jpg")):
        assert picture_of(*picture_frame(picture)) == picture
    np.testing.assert_array_equal(picture_of(*picture_frame(pixels)), pixels)


def test_candidates_are_the_same_on_the_other_side() -> None:
    boxes = np.array([[0, 0.1, 7, 8], [1, 2, 3, 4]], np.float32)
    for count in (2, 0):
        given = Candidates(boxes[:count], np.array([0.7, 0.6], np.float32)[:count], np.array([3, 0])[:count])
        assert unpacked(packed(given)).rows() == given.rows()
