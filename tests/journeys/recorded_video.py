"""A video that the browser records of plain colours, for what opens videos."""

from __future__ import annotations

from typing import Any

#: Shows each colour for so many frames, and chooses the recording in a file input.
RECORD = """async ({colours, frames, name, input: selector}) => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 160, height: 120});
    const paint = canvas.getContext('2d');
    const stream = canvas.captureStream(0);
    const [track] = stream.getVideoTracks();
    const recorder = new MediaRecorder(stream, {mimeType: 'video/webm'});
    const parts = [];
    recorder.ondataavailable = ({data}) => parts.push(data);
    paint.fillStyle = colours[0];
    paint.fillRect(0, 0, 160, 120);
    recorder.start();
    for (let frame = 0; frame < frames * colours.length; frame += 1) {
        paint.fillStyle = colours[Math.floor(frame / frames)];
        paint.fillRect(0, 0, 160, 120);
        track.requestFrame();
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await new Promise((resolve) => { recorder.onstop = resolve; recorder.stop(); });
    const chosen = new DataTransfer();
    chosen.items.add(new File(parts, name, {type: 'video/webm'}));
    const input = document.querySelector(selector);
    input.files = chosen.files;
    input.dispatchEvent(new Event('change'));
}"""


def record_video(page: Any, chooser: str, name: str, colours: tuple[str, ...], frames: int) -> None:
    """Record colours, each for so many frames of 50 ms, and choose the recording in the page.

    Args:
        page: the page.
        chooser: selector of the file input.
        name: of the file.
        colours: as CSS writes them, one after the other.
        frames: of each colour.
    """
    page.evaluate(RECORD, {"colours": list(colours), "frames": frames, "name": name, "input": chooser})
