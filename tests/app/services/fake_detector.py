"""Stands in for the process that detects on TensorFlow: the same frames, and misbehaviour on request.

A picture's bytes say what happens: ``die``, ``hang``, ``unreadable``, ``unable``; of any other, one candidate
is found whose right side is the number in them. A model whose name has ``broken`` in it cannot be loaded,
and one with ``slow`` takes longer here than on LiteRT; how long is told once.
"""

from __future__ import annotations

import os
import sys

import numpy as np

from app.jobs.frames import packed, read_frame, write_frame
from ssd_core.candidates import Candidates


def main() -> None:
    loaded: set[str] = set()
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        header, body = frame
        answer, found = {"id": header.get("id"), "size_hw": [48, 64], "decode": 1.0, "network": 2.0}, b""
        if "load" in header:
            folder = header["load"]
            times = {"tensorflow": 14.4 if "slow" in folder else 2.0, "litert": 7.1}
            answer = {"loaded": folder, "milliseconds": {} if folder in loaded else times}
            loaded.add(folder)
            if "broken" in folder:
                answer = {"failed": folder, "error": "half a copy"}
        elif body == b"die":
            os._exit(3)
        elif body == b"hang":
            continue
        elif body == b"unreadable":
            answer = {"id": header["id"], "error": "No image format."}
        elif body == b"unable":
            answer = {"id": header["id"], "unable": "No memory."}
        else:
            box = np.array([[0, 0, float(body), 9]], np.float32)
            found = packed(Candidates(box, np.array([0.5], np.float32), np.array([1])))
        write_frame(sys.stdout.buffer, answer, found)


main()
