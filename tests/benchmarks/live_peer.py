"""The same detector in Gradio's own idiom: the webcam streams into gr.Image, a picture with boxes comes out.

python -m tests.benchmarks.live_peer MODEL-FOLDER PORT

The settings are those that make it quickest: frames of 640 × 480 as often as the page can send them, JPEG
where WebP is the default, an output that streams.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

SECONDS_BETWEEN_FRAMES = 1 / 60


def main() -> None:
    """Serve until ended."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr
    import numpy as np
    from PIL import Image, ImageDraw

    from ssd_core.runtime import Detector

    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    detector = Detector.load(folder)
    detector.warm()
    score = detector.card["thresholds"]["score"]

    def detect(frame: Any) -> Any:
        picture = Image.fromarray(frame)
        drawing = ImageDraw.Draw(picture)
        for box in detector.predict(frame, score).boxes_xyxy.tolist():
            drawing.rectangle(box, outline="red", width=3)
        return np.asarray(picture)

    camera = gr.WebcamOptions(mirror=False, constraints={"video": {"width": 640, "height": 480}})
    with gr.Blocks() as demo:
        seen = gr.Image(sources=["webcam"], streaming=True, elem_id="seen", webcam_options=camera)
        found = gr.Image(elem_id="found", streaming=True, format="jpeg", interactive=False)
        seen.stream(
            detect,
            seen,
            found,
            stream_every=SECONDS_BETWEEN_FRAMES,
            time_limit=None,
            show_progress="hidden",
        )
    demo.launch(server_port=port, quiet=True, footer_links=[])


if __name__ == "__main__":
    main()
