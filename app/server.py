"""The web server: our REST routes and static modules, with the Gradio pages mounted at the root."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException, Request
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from starlette.responses import Response
from starlette.types import Scope

from app.api.body_limit import BodyLimit
from app.api.boxes import boxes_router
from app.api.classes import classes_router
from app.api.detections import detections_router
from app.api.devices import devices_router
from app.api.errors import install_error_handlers
from app.api.evaluations import evaluations_router
from app.api.exports import exports_router
from app.api.guard import Guard
from app.api.images import images_router
from app.api.imports import imports_router
from app.api.looking_ahead import looking_ahead_router
from app.api.models import models_router
from app.api.pictures import pictures_router
from app.api.project_images import project_images_router
from app.api.projects import projects_router
from app.api.review import review_router
from app.api.runs import runs_router
from app.api.statistics import statistics_router
from app.api.suggestions import suggestions_router
from app.api.videos import videos_router
from app.settings import version

if TYPE_CHECKING:
    from app.bootstrap import Studio

STATIC = Path(__file__).parent / "static"
SECONDS_BETWEEN_GRADIO_LOOKS = 0.5
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class RevalidatedFiles(StaticFiles):
    """Static files that a browser asks about each time, so that an upgrade is never half loaded."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer as usual, and forbid use without asking."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_api(studio: Studio) -> FastAPI:
    """Build the REST API, its documentation and the static modules, without the pages."""
    app = FastAPIOffline(
        title="SSD Studio",
        version=version(),
        summary="Label, train and detect: everything the pages do, over REST.",
        docs_url="/docs",
        redoc_url=None,
        static_url="/docs-assets",
        favicon_url="/ui/favicon.svg",
    )
    install_error_handlers(app)
    # What an import is sent, or a video, goes to the disk as it arrives, and is bounded by its room.
    app.add_middleware(BodyLimit, unlimited=re.compile(r"/api/imports/[^/]+/file|/api/models/[^/]+/videos"))
    app.add_middleware(Guard, allowed_hosts=studio.settings.allowed_host_names)
    for router in (
        # Looked through from here on for each request, and frames of a camera come thirty times a second.
        detections_router,
        projects_router,
        classes_router,
        statistics_router,
        imports_router,
        exports_router,
        project_images_router,
        images_router,
        boxes_router,
        suggestions_router,
        pictures_router,
        review_router,
        looking_ahead_router,
        runs_router,
        devices_router,
        evaluations_router,
        models_router,
        videos_router,
    ):
        # Not gathered in one router under /api first, or all of them are looked through twice.
        app.include_router(router(studio), prefix="/api")

    @app.api_route("/api/{_:path}", methods=METHODS, include_in_schema=False)
    def nothing(request: Request) -> None:
        # Or the pages, mounted over all that is left, answer in a shape of their own.
        raise HTTPException(
            404, f"There is no {request.method} {request.url.path}. /docs lists what there is."
        )

    # Not at /static or /assets: those are Gradio's own and would be shadowed.
    app.mount("/ui", RevalidatedFiles(directory=STATIC))
    return app


def create_app(studio: Studio) -> FastAPI:
    """Build the whole web application: the API with the Gradio pages at the root."""
    # Gradio reads these when it is imported; unset, it looks up hosts on the internet.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import gradio as gr

    from app.ui.layout import build_pages
    from app.ui.theme import HEAD, studio_theme

    pages = build_pages(studio)
    mounted: FastAPI = gr.mount_gradio_app(
        create_api(studio),
        pages,
        path="/",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        max_file_size="64mb",
        show_error=True,
        favicon_path=str(STATIC / "favicon.svg"),
        theme=studio_theme(),
        head=HEAD,
        ssr_mode=False,
    )
    # Gradio's queue, which these pages give nothing to do, would look for work a thousand times a second.
    pages._queue.sleep_when_free = SECONDS_BETWEEN_GRADIO_LOOKS  # noqa: SLF001
    pages._queue.progress_update_sleep_when_free = SECONDS_BETWEEN_GRADIO_LOOKS  # noqa: SLF001
    return mounted
