"""The Live screen: a model that knows red from blue looks at photographs, a video and the camera."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.dragging import drag_in
from tests.journeys.known_project import jpeg
from tests.journeys.measured_models import MeasuredProject, make_measured_project
from tests.journeys.recorded_video import record_video
from tests.journeys.running_studio import RunningStudio

#: What the model takes for a nut, for a bolt, and with scores below a half for both.
RED, BLUE, BOTH = (250, 5, 5), (5, 5, 250), (153, 5, 153)


@pytest.fixture(scope="module")
def project(studio: RunningStudio, tmp_path_factory: pytest.TempPathFactory) -> MeasuredProject:
    made = make_measured_project(studio, "Belt", tmp_path_factory)
    file = studio.workspace / "models" / made.right / "card.json"
    card = json.loads(file.read_text())
    card["thresholds"]["class_scores"] = {"nut": 0.1, "bolt": 0.9}
    file.write_text(json.dumps(card))
    return made


@pytest.fixture
def live(page: Any, studio: RunningStudio, project: MeasuredProject) -> Any:
    """The Live screen with the model that is right."""
    page.evaluate("(id) => localStorage.setItem('ssd-studio.project', String(id))", project.id)
    page.goto(studio.url)
    page.locator("#tab-live-button").click()
    page.get_by_label("Model", exact=True).select_option(project.right)
    return page.locator(".studio-live")


def picture(name: str, colour: tuple[int, int, int], size: tuple[int, int] = (320, 240)) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": jpeg(colour, size)}


def choose(page: Any, *pictures: dict[str, Any]) -> None:
    page.locator(".st-live-file").set_input_files(list(pictures))


def downloaded(page: Any, menu: str, item: str) -> bytes:
    page.get_by_role("button", name=menu).click()
    with page.expect_download() as got:
        page.get_by_role("menuitem", name=item).click()
    return Path(got.value.path()).read_bytes()


def count_of(page: Any, name: str) -> Any:
    return page.locator(".st-live-class", has_text=name).locator(".st-count")


def asked(page: Any) -> Callable[[], list[str]]:
    requests: list[str] = []
    page.on("request", lambda sent: requests.append(sent.url) if sent.url.startswith("http") else None)
    return lambda: requests


def test_every_threshold_is_applied_in_the_page_and_asks_nobody(page: Any, live: Any) -> None:
    choose(page, picture("both.jpg", BOTH))
    expect(live).to_have_attribute("data-ready", "true")
    requests = asked(page)
    expect(live).to_have_attribute("data-boxes", "0")
    page.get_by_label("Score", exact=True).fill("0.1")
    expect(live).to_have_attribute("data-boxes", "2")
    expect(count_of(page, "nut")).to_have_text("1")

    page.get_by_text("More", exact=True).click()
    page.get_by_label("Boxes of different classes rival each other").check()
    expect(live).to_have_attribute("data-boxes", "1")
    page.get_by_label("Boxes of different classes rival each other").uncheck()
    page.get_by_label("Most boxes").fill("1")
    expect(live).to_have_attribute("data-boxes", "1")
    page.get_by_label("Most boxes").fill("200")

    page.get_by_text("Score of each class", exact=True).click()
    page.get_by_label("Score of nut").fill("0.9")
    expect(live).to_have_attribute("data-boxes", "1")
    expect(count_of(page, "nut")).to_have_text("0")
    page.get_by_role("button", name="Let nut follow the score of all").click()
    expect(live).to_have_attribute("data-boxes", "2")
    page.locator(".st-live-class", has_text="bolt").click()
    expect(live).to_have_attribute("data-boxes", "1")
    page.get_by_role("button", name="Use suggested").click()
    expect(page.get_by_label("Score", exact=True)).to_have_value("0.5")
    expect(live).to_have_attribute("data-boxes", "0")
    page.locator(".st-live-class", has_text="bolt").click()
    page.get_by_role("button", name="Use each class's best score").click()
    expect(page.locator(".st-found li")).to_have_count(1)
    expect(page.locator(".st-found li")).to_contain_text("nut")
    expect(page.get_by_label("Score of bolt")).to_have_value("0.9")
    assert requests() == []


@pytest.mark.parametrize("fails", [False, True])
def test_a_photograph_is_not_lost_that_comes_while_models_are_being_read(
    page: Any, studio: RunningStudio, project: MeasuredProject, fails: bool
) -> None:
    held: list[Any] = []
    page.evaluate("(id) => localStorage.setItem('ssd-studio.project', String(id))", project.id)
    page.route("**/api/models?project=*", lambda asked: held.append(asked))
    page.goto(studio.url)
    page.locator("#tab-live-button").click()
    choose(page, picture("blue.jpg", BLUE), *([picture("dark.jpg", (5, 5, 5))] if fails else []))
    while not held:
        page.wait_for_timeout(50)
    for asked in held:
        asked.fulfill(body="no JSON") if fails else asked.continue_()
    page.unroute("**/api/models?project=*")
    if fails:
        choose(page, picture("red.jpg", RED))
        expect(page.locator(".st-toast")).to_contain_text("1 file kept until there is a model to look at it.")
        page.locator(".st-live .st-message").get_by_role("button", name="Try again").click()
    page.get_by_label("Model", exact=True).select_option(project.right)
    if fails:
        expect(page.locator(".st-live-card .st-name")).to_have_text(["blue.jpg", "dark.jpg", "red.jpg"])
    else:
        expect(page.locator(".st-found li")).to_contain_text("bolt")


def test_small_things_on_a_photograph_are_found_in_tiles(page: Any, live: Any) -> None:
    photograph, stored = Image.new("RGB", (640, 480)), io.BytesIO()
    photograph.paste(RED, (0, 0, 210, 160))  # most of one tile of nine
    photograph.save(stored, "PNG")
    choose(page, {"name": "corner.png", "mimeType": "image/png", "buffer": stored.getvalue()})
    expect(live).to_have_attribute("data-ready", "true")
    expect(live).to_have_attribute("data-boxes", "0")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("combobox", name="Photographs").select_option("3")
    expect(page.locator(".st-found li")).to_contain_text("nut")


def test_another_model_answers_while_what_the_first_found_stays(
    page: Any, live: Any, project: MeasuredProject
) -> None:
    choose(page, picture("red.jpg", RED))
    expect(page.locator(".st-found li")).to_contain_text("nut")
    page.get_by_label("Model", exact=True).select_option(project.wrong)
    expect(page.locator(".st-found li")).to_contain_text("bolt")


def test_photographs_stand_in_a_gallery_that_is_sorted_and_saved(page: Any, live: Any) -> None:
    colours = [RED, BLUE, BOTH, (5, 5, 5), (5, 250, 5), (150, 5, 5)]
    files = [
        (f"p{number}.jpg", "image/jpeg", jpeg(colour, (320, 240))) for number, colour in enumerate(colours)
    ]
    drag_in(page, "drop", *files, onto=".st-live-stage")
    expect(page.locator('.st-live-gallery[data-done="true"]')).to_be_visible()
    expect(live).to_have_attribute("data-boxes", "3")
    names = page.locator(".st-live-card .st-name")
    page.get_by_label("Order").select_option("doubt")
    expect(names.first).to_have_text("p2.jpg")
    page.get_by_label("Order").select_option("most")
    expect(names.nth(2)).to_have_text("p5.jpg")

    coco = json.loads(downloaded(page, "Download", "COCO JSON"))
    assert [each["name"] for each in coco["categories"]] == ["nut", "bolt"]
    assert (len(coco["images"]), len(coco["annotations"])) == (6, 3)
    table = downloaded(page, "Download", "Table (CSV)").decode().splitlines()
    assert (len(table), table[1].split(",")[:4]) == (7, ["p0.jpg", "320", "240", "nut"])
    drawn = zipfile.ZipFile(io.BytesIO(downloaded(page, "Download", "Pictures with boxes (ZIP)")))
    assert sorted(drawn.namelist()) == [f"p{number}.jpg" for number in range(6)]
    assert Image.open(drawn.open("p0.jpg")).size == (320, 240)
    colours_of = [len(Image.open(drawn.open(f"p{number}.jpg")).getcolors(1 << 17) or ()) for number in (0, 3)]
    assert colours_of[0] > 50  # a box and letters
    assert colours_of[1] == 1  # nothing was found there

    page.locator(".st-live-card", has_text="p1.jpg").click()
    expect(page.locator(".st-found li")).to_contain_text("bolt")
    page.get_by_role("button", name="All photographs").click()
    expect(page.locator(".st-live-card")).to_have_count(6)


def test_what_fails_is_said_and_leaves_the_other_photographs_as_they_are(
    page: Any, live: Any, project: MeasuredProject
) -> None:
    tiff = io.BytesIO()
    Image.new("RGB", (400, 200), RED).save(tiff, "TIFF")
    choose(page, {"name": "scan.tiff", "mimeType": "image/tiff", "buffer": tiff.getvalue()})
    expect(page.locator(".st-found li")).to_contain_text("nut")
    expect(page.locator(".st-toast")).to_contain_text("cannot show scan.tiff")
    sheet = page.locator(".st-media-frame").bounding_box()
    assert sheet["width"] == pytest.approx(2 * sheet["height"], rel=0.01)  # though the browser cannot show it

    choose(page, picture("p0.jpg", RED), picture("p1.jpg", BLUE))
    expect(page.locator('.st-live-gallery[data-done="true"]')).to_be_visible()
    page.route(f"**/{project.wrong}/candidates*", lambda asked: asked.fulfill(body="no JSON"), times=1)
    page.get_by_label("Model", exact=True).select_option(project.wrong)
    expect(page.locator(".st-live-gallery-words")).to_have_text("2 photographs · 1 box · 1 failed")
    page.get_by_label("Score", exact=True).fill("0.4")
    expect(page.locator(".st-live-card[data-failed]")).to_have_count(1)
    table = downloaded(page, "Download", "Table (CSV)").decode().splitlines()
    assert len(table) == 2  # what the first model found there is no answer of the second

    page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia =
            () => Promise.reject(new DOMException('', 'NotFoundError')); }"""
    )
    page.get_by_role("button", name="Start webcam").click()
    expect(page.locator(".st-toast-error")).to_contain_text("No camera was found")
    record_video(page, ".st-live-file", "belt.webm", ("#fa0505",), 5)
    page.get_by_role("button", name="All photographs").click()
    expect(page.locator(".st-live-card")).to_have_count(2)
    choose(page, {"name": "torn.webm", "mimeType": "video/webm", "buffer": b"torn"})
    expect(page.locator(".st-toast-error", has_text="cannot decode torn.webm")).to_be_visible()
    expect(page.locator(".st-live-card").first).to_be_visible()


def test_the_camera_is_chosen_mirrored_paused_and_kept_as_a_picture_with_boxes(page: Any, live: Any) -> None:
    page.get_by_role("button", name="Start webcam").click()
    expect(live).to_have_attribute("data-ready", "true")
    expect(page.locator(".st-pace")).to_have_text(re.compile(r"^\d+ frames a second, \d+ ms each$"))
    expect(page.locator(".st-spark-line").first).to_have_attribute("points", re.compile(r"\d,\d"))
    page.get_by_label("Camera", exact=True).select_option(label="fake_device_1")
    page.get_by_label("Camera picture size").select_option("640x480")
    page.wait_for_function("() => document.querySelector('.st-media').videoWidth === 640")
    track = "document.querySelector('.st-media').srcObject.getVideoTracks()[0]"
    assert page.evaluate(f"() => {track}.label") == "fake_device_1"
    expect(page.locator(".st-media.st-mirrored")).to_be_visible()
    page.get_by_label("Mirror").uncheck()
    expect(page.locator(".st-media.st-mirrored")).to_have_count(0)
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("() => document.fullscreenElement?.contains(document.querySelector('.st-media'))")
    page.evaluate("() => document.exitFullscreen()")
    page.get_by_role("button", name="Pause").click()
    kept = Image.open(io.BytesIO(downloaded(page, "Snapshot", "Picture with boxes (PNG)")))
    assert (kept.format, kept.size) == ("PNG", (640, 480))
    found = json.loads(downloaded(page, "Snapshot", "Detections (JSON)"))
    assert (found["width"], found["height"], found["detections"]) == (640, 480, [])
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Send to Label").click()
    expect(page.locator(".st-toast", has_text="is in the project")).to_contain_text("webcam-")
    page.get_by_role("button", name="Stop webcam").click()
    expect(live).to_have_attribute("data-mode", "none")


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("NotAllowedError", "Allow it beside the address in your browser"),
        ("NotFoundError", "Connect one"),
        (None, "ssd-studio serve --https"),
    ],
)
def test_a_camera_that_does_not_open_says_what_to_do(
    page: Any, live: Any, failure: str | None, sentence: str
) -> None:
    page.evaluate(
        """(name) => Object.defineProperty(navigator, 'mediaDevices', { value: name === null ? undefined
            : { getUserMedia: () => Promise.reject(new DOMException('no', name)) } })""",
        failure,
    )
    page.get_by_role("button", name="Start webcam").click()
    alert = live.get_by_role("alert")
    expect(alert).to_contain_text(sentence)
    expect(alert.get_by_role("button", name="Try again")).to_be_visible()


def test_boxes_follow_a_video_that_is_played_stepped_and_sought(page: Any, live: Any) -> None:
    # A busy browser tells of a video's first frame a moment before it can draw it.
    page.evaluate(
        """(times, draw = CanvasRenderingContext2D.prototype.drawImage) => {
            CanvasRenderingContext2D.prototype.drawImage = function (source, ...place) {
                const early = source instanceof HTMLVideoElement && times-- > 0;
                return early ? undefined : draw.call(this, source, ...place);
            }
        }""",
        3,
    )
    record_video(page, ".st-live-file", "belt.webm", ("#fa0505", "#0505fa"), 20)
    expect(page.locator(".st-found li")).to_contain_text("nut")
    place = page.get_by_label("Place in the video")
    expect(place).to_have_value("0")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_focused()  # Space plays
    page.keyboard.press("ArrowRight")
    expect(place).not_to_have_value("0")
    place.fill("1.6")
    expect(page.locator(".st-found li")).to_contain_text("bolt")
    page.evaluate(  # the server is gone until something is pressed
        """() => {
            const answering = fetch;
            window.fetch = () => Promise.reject(new TypeError('gone'));
            addEventListener('click', () => (window.fetch = answering), { capture: true, once: true });
        }"""
    )
    place.fill("0.1")
    # What stands still would not be asked about again by itself.
    live.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.locator(".st-found li")).to_contain_text("nut")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".st-found li")).to_contain_text("bolt")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()  # it has come to its end
    expect(page.locator(".st-pace")).to_be_hidden()


def test_a_step_in_a_video_is_one_frame_however_many_a_second_has(
    page: Any, live: Any, tmp_path: Path
) -> None:
    from tests.app.videos import write_video

    clip = write_video(tmp_path / "clip.webm", [RED, RED, BLUE, *[RED] * 20], rate=60)
    page.locator(".st-live-file").set_input_files(clip)
    expect(page.locator(".st-found li")).to_contain_text("nut")
    for keys, name in (("ArrowRight ArrowRight", "bolt"), ("ArrowRight", "nut"), ("ArrowLeft", "bolt")):
        for key in keys.split():
            page.keyboard.press(key)
        expect(page.locator(".st-found li")).to_contain_text(name)


def test_a_photograph_goes_to_label_with_what_was_found_as_a_suggestion(page: Any, live: Any) -> None:
    choose(page, picture("missed.jpg", RED, (200, 150)))
    expect(live).to_have_attribute("data-ready", "true")
    page.get_by_role("button", name="Send to Label").click()
    page.get_by_role("button", name="Open in Label").click()
    expect(page.locator(".st-image-name")).to_have_text("missed.jpg")
    expect(page.locator(".st-overlay g.ghost")).to_contain_text("nut")
    expect(page.get_by_role("region", name="Suggestions")).to_contain_text("by right")


def test_a_whole_video_is_processed_and_waits_for_whoever_comes_back(page: Any, live: Any) -> None:
    record_video(page, ".st-live-file", "belt.webm", ("#fa0505", "#0505fa"), 10)
    page.get_by_role("button", name="Process whole video").click()
    page.get_by_label("Look at").select_option("2")
    page.get_by_role("button", name="Process", exact=True).click()
    card = page.get_by_role("region", name="Whole videos").get_by_role("listitem")
    expect(card).to_contain_text(re.compile("Starting|frame"))  # it has all arrived
    page.reload()
    page.locator("#tab-live-button").click()
    expect(card).to_contain_text("nut", timeout=60_000)
    table = downloaded(page, "Download", "Table (CSV)").decode().splitlines()
    assert table[0] == "frame,time,class,score,x0,y0,x1,y1"
    assert {line.split(",")[2] for line in table[1:]} >= {"nut", "bolt"}
    assert all(int(line.split(",")[0]) % 2 == 0 for line in table[1:])
    card.get_by_role("button", name="Watch").click()
    page.wait_for_function("() => document.querySelector('.st-whole-player').currentTime > 0.2")
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Remove").click()
    expect(card).to_have_count(0)
