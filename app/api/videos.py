"""Routes of videos: a model looks at a whole one in the background, and the results are fetched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from app.api.detections import Tiles
from app.api.receiving import announced_bytes, receive_file
from app.api.shapes import task_shape
from app.api.thresholds import AskedThresholds
from app.bootstrap import Studio
from app.services.video_jobs import RESULTS, VideoJob

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "the video file's bytes",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("video/mp4", "video/webm")
        },
    }
}
_EXAMPLE = {
    "id": "Zk3v0Qm1hTz8aXYc",
    "state": "running",
    "waiting": False,
    "done": 240,
    "total": 900,
    "report": None,
    "error": None,
    "project_id": 1,
    "name": "garden.mp4",
    "model": "m0123456789ab",
    "model_name": "raccoon quick 1",
    "thresholds": {"score": 0.5, "iou": 0.45, "every": 1},
    "created": "2026-11-26T08:15:00+00:00",
    "frames_per_second": 21.4,
    "seconds_left": 30.8,
}
_DONE = {
    **_EXAMPLE,
    "state": "done",
    "done": 900,
    "report": {
        "frames": 900,
        "frames_read": 900,
        "width": 1280,
        "height": 720,
        "seconds": 30.0,
        "boxes": {"raccoon": 612},
        "notes": [],
    },
    "frames_per_second": None,
    "seconds_left": None,
}


def video_shape(job: VideoJob) -> dict[str, Any]:
    """How far a video is, and what came of it."""
    return {
        **task_shape(job),
        "waiting": job.waiting,
        "name": job.name,
        "model": job.model_id,
        "model_name": job.model_name,
        "thresholds": job.thresholds,
        "created": datetime.fromtimestamp(job.created, UTC).isoformat(),
        "frames_per_second": job.frames_per_second,
        "seconds_left": job.seconds_left,
    }


def videos_router(studio: Studio) -> APIRouter:
    """Make the routes of videos."""
    router = APIRouter(tags=["detections"])

    @router.post(
        "/models/{model_id}/videos",
        status_code=202,
        openapi_extra=_BODY,
        responses={202: {"content": {"application/json": {"example": _EXAMPLE}}}},
    )
    async def begin(
        model_id: str,
        request: Request,
        thresholds: AskedThresholds,
        name: Annotated[str, Query(max_length=400, description="Of the video's file.")] = "video.mp4",
        every: Annotated[int, Query(ge=1, le=1000, description="Look at each frame of so many.")] = 1,
        tiles: Tiles = 1,
    ) -> Response:
        """Look at a whole video, the body, in the background: every frame in order, upright.

        Videos are processed one after the other. The annotated video has no sound, and is VP9 in MP4; the
        tables count frames from 0. `curl -X POST -T clip.mp4 localhost:7860/api/models/ID/videos`
        is a whole call. 507 where the disk has no room.
        """
        jobs = studio.videos
        job = await run_in_threadpool(jobs.begin, model_id, name, thresholds, every=every, tiles=tiles)
        try:
            incoming = await run_in_threadpool(jobs.receive, job, announced_bytes(request))
            try:
                await receive_file(request, incoming)
            finally:
                incoming.drop()
            await run_in_threadpool(jobs.start, job)
        except BaseException:
            await run_in_threadpool(jobs.discard, job.id)
            raise
        return JSONResponse(video_shape(job), status_code=202)

    @router.get(
        "/videos",
        responses={200: {"content": {"application/json": {"example": {"missing": None, "videos": [_DONE]}}}}},
    )
    def read_all(project_id: int | None = None) -> dict[str, Any]:
        """The videos of a project's models, or of all, the newest first; each waits for a day.

        ``missing`` says what must be installed before one can be processed, or is null.
        """
        jobs = studio.videos
        return {"missing": jobs.missing(), "videos": [video_shape(job) for job in jobs.all(project_id)]}

    @router.get("/videos/{video_id}", responses={200: {"content": {"application/json": {"example": _DONE}}}})
    def read(video_id: str) -> dict[str, Any]:
        """How far a video is: frames ``done`` of ``total``, then its ``report`` or ``error``.

        ``boxes`` of the report counts those of each class over all frames; ``notes`` are sentences on what
        was not as it should be, a file that is cut off for one.
        """
        return video_shape(studio.videos.get(video_id))

    @router.get(
        "/videos/{video_id}/{file_name}",
        response_class=FileResponse,
        responses={200: {"content": {kind: {} for kind in RESULTS.values()}, "description": "the file"}},
    )
    def result(video_id: str, file_name: str, download: bool = False) -> FileResponse:
        """`video.mp4`, `detections.csv`, `coco.json` or `detections.json` of a video; 409 before."""
        path, called, kind = studio.videos.result(video_id, file_name)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        shown = "attachment" if download else "inline"
        return FileResponse(
            path, media_type=kind, filename=called, headers=headers, content_disposition_type=shown
        )

    @router.delete("/videos/{video_id}", status_code=204)
    def discard(video_id: str) -> Response:
        """Stop a video, or remove what was found in it."""
        studio.videos.discard(video_id)
        return Response(status_code=204)

    return router
