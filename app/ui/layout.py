"""The pages in one frame: a header with the project, and a tab for each screen."""

from __future__ import annotations

import gradio as gr

from app.bootstrap import Studio
from app.ui.detect_endpoint import add_detect_endpoint
from app.ui.module import module

#: Temporary files of Gradio are looked at each hour and deleted after a day.
CACHE_SWEEP = (3600, 86400)


def build_pages(studio: Studio) -> gr.Blocks:
    """Lay out every screen; the modules read and write through the REST API."""
    pages = gr.Blocks(title="SSD Studio", analytics_enabled=False, fill_width=True, delete_cache=CACHE_SWEEP)
    with pages:
        add_detect_endpoint(studio)
        module("header.js", "studio-header")
        with gr.Tabs(elem_id="studio-tabs"):
            with gr.Tab("Home", id="home", elem_id="tab-home"):
                module("home.js", "studio-home")
            with gr.Tab("Images", id="images", elem_id="tab-images"):
                module("image_grid.js", "studio-images")
            with gr.Tab("Label", id="label", elem_id="tab-label"):
                module("box_editor.js", "studio-label")
            with gr.Tab("Review", id="review", elem_id="tab-review"):
                module("review_view.js", "studio-review")
            with gr.Tab("Train", id="train", elem_id="tab-train"):
                module("train_view.js", "studio-train")
            with gr.Tab("Evaluate", id="evaluate", elem_id="tab-evaluate"):
                module("evaluate_view.js", "studio-evaluate")
            with gr.Tab("Models", id="models", elem_id="tab-models"):
                module("models_view.js", "studio-models")
            with gr.Tab("Live", id="live", elem_id="tab-live"):
                module("live_view.js", "studio-live")
    return pages
