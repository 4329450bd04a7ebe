"""The Live screen as a benchmark meets it: every frame is followed from the camera to the paint."""

from __future__ import annotations

import base64
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.studio_in_browser import opened_page

#: Chromium's own camera, at the rate of a good one.
CAMERA = ("--use-fake-device-for-media-stream=fps=60", "--use-fake-ui-for-media-stream")
CAMERA_RATE = 60.0
#: Frames kept for the bare detector.
KEPT = 60

#: Follows each frame: shown (by its capture time) → encoded → sent → answered → painted on the screen.
FOLLOW = """
window.live = {
  shown: null, presented: 0, of: new WeakMap(), answered: null, model: '', painted: [], jpegs: [], asked: 0,
};
{
  const { live } = window;
  const next = HTMLVideoElement.prototype.requestVideoFrameCallback;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (run) {
    return next.call(this, (now, frame) => {
      live.shown = frame.captureTime ?? frame.presentationTime;
      live.presented = frame.presentedFrames;
      run(now, frame);
    });
  };
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (source, ...rest) {
    if (source instanceof HTMLVideoElement) this.canvas.shown = live.shown;
    return draw.call(this, source, ...rest);
  };
  const encode = HTMLCanvasElement.prototype.toBlob;
  HTMLCanvasElement.prototype.toBlob = function (done, ...rest) {
    const { shown } = this;
    return encode.call(this, (blob) => { if (blob) live.of.set(blob, shown); done(blob); }, ...rest);
  };
  const ask = window.fetch;
  window.fetch = async (address, options) => {
    const frame = /[?&]frame=(\\d+)/.exec(String(address))?.[1];
    const body = options?.body;
    if (frame === undefined || !live.of.has(body)) return ask(address, options);
    live.asked += 1;
    if (live.keeping && live.jpegs.length < live.keeping) live.jpegs.push(body);
    const answer = await ask(address, options);
    const text = answer.text.bind(answer);
    answer.text = async () => {
      const words = await text();
      if (!words.includes('"superseded"')) {
        live.answered = live.of.get(body);
        live.model = /"model":"([^"]*)"/.exec(words)?.[1] ?? '';
        live.words = words;
      }
      return words;
    };
    return answer;
  };
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  let waiting = null;
  CanvasRenderingContext2D.prototype.clearRect = function (...rest) {
    if (live.answered !== null && this.canvas.classList.contains('st-detections')) {
      const first = waiting === null;
      waiting = live.answered; // of two answers between two frames of the screen, the last is seen
      live.answered = null;
      const { model } = live;
      if (first) requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          live.painted.push([waiting, performance.now(), model]);
          waiting = null;
        };
        channel.port2.postMessage(null);
      });
    }
    return clear.apply(this, rest);
  };
}
"""
#: As the page sends it for a network of 300 pixels: in another size, it would see other things.
FRAME = """
async () => {
  const video = document.createElement('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
  await video.play();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const canvas = Object.assign(document.createElement('canvas'), { width: 534, height: 300 });
  canvas.getContext('2d').drawImage(video, 0, 0, 534, 300);
  return canvas.toDataURL('image/jpeg', 0.8).split(',')[1];
}
"""
JPEGS = """
async () => Promise.all(live.jpegs.map(async (blob) => {
  let text = '';
  for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
  return btoa(text);
}))
"""
#: Moves the score slider step after step and tells milliseconds from each event until it is painted.
SLIDE = """
async (rounds) => {
  const slider = document.querySelector('.studio-live .st-sliders input[type=range]');
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20 + (round * 7) % 17));
    const asked = performance.now();
    slider.valueAsNumber = 0.05 + (round % 20) / 100;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const handled = performance.now();
    const painted = await untilPainted(() => true);
    times.push([handled - asked, painted - asked]);
  }
  return times;
}
"""


@dataclass(frozen=True)
class Streamed:
    """What a page saw while it streamed.

    Args:
        delivered: frames a second whose boxes reached the screen.
        presented: frames a second that the browser showed of the camera.
        p50: milliseconds from the capture of a frame to the paint of its boxes, the median.
        p95: the 95th percentile.
    """

    delivered: float
    presented: float
    p50: float
    p95: float


def camera_frame(browser: Any, path: Path) -> Path:
    """A picture of the fake camera: the models are made to see their candidates in it."""
    context = browser.new_context(permissions=["camera"])
    page = context.new_page()
    # A camera is opened on this machine itself only, so the empty page has its name.
    page.route("**/*", lambda route: route.fulfill(body="<title>camera</title>", content_type="text/html"))
    page.goto("http://localhost/")
    path.write_bytes(base64.b64decode(page.evaluate(FRAME)))
    context.close()
    return path


@contextmanager
def live_page(browser: Any, url: str, project: int, model: str) -> Iterator[Any]:
    """The Live screen with a model chosen."""
    with opened_page(browser, url, permissions=["camera"]) as page:
        page.add_init_script(FOLLOW)
        page.evaluate(f"localStorage.setItem('ssd-studio.project', '{project}')")
        page.reload()
        page.locator("#tab-live-button").click()
        page.get_by_label("Model", exact=True).select_option(model)
        yield page


def start_camera(page: Any) -> None:
    """Start the webcam and wait for the first boxes."""
    page.get_by_role("button", name="Start webcam").click()
    page.wait_for_function("() => live.painted.length > 0")


def stream(page: Any, seconds: float) -> Streamed:
    """Measure a page that streams already."""
    (result,) = stream_together([page], seconds)
    return result


def stream_together(pages: list[Any], seconds: float) -> list[Streamed]:
    """Measure pages that stream at the same time."""
    for page in pages:
        page.evaluate("() => { live.painted.length = 0; live.begun = [performance.now(), live.presented]; }")
    pages[0].wait_for_timeout(seconds * 1000)
    results = []
    for page in pages:
        painted, presented, span = page.evaluate(
            "() => { const now = performance.now();"
            " return [live.painted.slice(), live.presented - live.begun[1], now - live.begun[0]]; }"
        )
        took = sorted(shown - captured for captured, shown, _ in painted) or [float("inf")]
        rates = (1000 * len(painted) / span, 1000 * presented / span)
        results.append(Streamed(*rates, statistics.median(took), took[int(len(took) * 0.95)]))
    return results


def frames_as_sent(page: Any, count: int = KEPT) -> list[bytes]:
    """Frames as the page sends them."""
    page.evaluate(f"() => {{ live.jpegs = []; live.keeping = {count}; }}")
    page.wait_for_function(f"() => live.jpegs.length === {count}")
    return [base64.b64decode(each) for each in page.evaluate(JPEGS)]


def first_box_of(page: Any, model: str) -> float:
    """Milliseconds from choosing a model that is not loaded until its first boxes are on the screen."""
    begun = page.evaluate(
        """(model) => {
          const list = document.querySelector('#st-live-model');
          list.value = model;
          const begun = performance.now();
          list.dispatchEvent(new Event('change', { bubbles: true }));
          return begun;
        }""",
        model,
    )
    page.wait_for_function("(model) => live.painted.some((one) => one[2] === model)", arg=model)
    seen = page.evaluate("(model) => live.painted.find((one) => one[2] === model)[1]", model)
    return float(seen - begun)


def slide(page: Any, rounds: int) -> tuple[list[float], list[float], int, int]:
    """Move the score slider while the camera is paused.

    Returns:
        Milliseconds of handling each move, those until it is painted, the requests sent, and how many
        candidates were chosen from.
    """
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(1000)
    requests: list[str] = []
    page.on("request", lambda sent: requests.append(sent.url))
    times = page.evaluate(SLIDE, rounds)
    candidates = page.evaluate("() => JSON.parse(live.words).candidates.length")
    return [each[0] for each in times], [each[1] for each in times], len(requests), int(candidates)
