"""The same labelling steps in Gradio's own idiom: its annotator component, a Next button and a Gallery.

python -m tests.benchmarks.annotator_peer FOLDER-OF-PHOTOGRAPHS PORT
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

PAGE = 60
SIZE = (1280, 960)


def crowd(count: int) -> list[dict[str, Any]]:
    """So many boxes in rows, as the component wants them."""
    boxes = []
    for number in range(count):
        x, y = 12 + (number % 40) * 31, 12 + (number // 40) * 70
        boxes.append(
            {"xmin": x, "ymin": y, "xmax": x + 26, "ymax": y + 50, "label": "bolt", "color": (30, 90, 200)}
        )
    return boxes


def main() -> None:
    """Serve until ended."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr
    from gradio_image_annotation import image_annotator

    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    files = sorted(str(path) for path in folder.glob("*.jpg"))
    saved: dict[int, Any] = {}

    def step(value: Any, index: int) -> tuple[dict[str, Any], int]:
        saved[index] = value["boxes"]
        following = index + 1
        boxes = saved.get(following, [])
        return {"image": files[following % len(files)], "boxes": boxes}, following

    def page_of(number: int) -> tuple[list[str], int]:
        following = number + 1
        first = following * 7
        return [files[(first + place) % len(files)] for place in range(PAGE)], following

    with gr.Blocks() as demo:
        index, page = gr.State(0), gr.State(0)
        annotator = image_annotator(
            {"image": files[0], "boxes": crowd(500)},
            label_list=["bolt", "nut"],
            use_default_label=True,
            image_type="filepath",
            show_label=False,
            elem_id="annotator",
        )
        gr.Button("Next", elem_id="next").click(step, [annotator, index], [annotator, index])
        gallery = gr.Gallery(files[:PAGE], columns=10, height=600, elem_id="gallery")
        gr.Button("Page", elem_id="page").click(page_of, page, [gallery, page])
    demo.launch(server_port=port, allowed_paths=[str(folder)], quiet=True, footer_links=[])


if __name__ == "__main__":
    main()
