"""The sample that ships: rendered pictures with boxes, and the project they fill."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from data import annotations, classes, images, projects, samples
from data.blobs import Blobs
from data.database import Database
from data.records import Image as StoredImage
from data.records import ImageStatus

ROOT = Path(__file__).parents[2]
SMALL = (240, 180)


@pytest.fixture(scope="module")
def first_pictures() -> list[tuple[bytes, tuple[samples.NamedBox, ...]]]:
    return [samples.render(index, 0, SMALL) for index in range(14)]


@pytest.fixture
def quick_render(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Replaces rendering by a plain picture with one bolt, none on picture 2; tells which were rendered."""
    rendered: list[int] = []

    def render(index: int, seed: int) -> tuple[bytes, tuple[samples.NamedBox, ...]]:
        rendered.append(index)
        stream = io.BytesIO()
        Image.new("RGB", (40, 30), (index, seed, 90)).save(stream, "JPEG")
        return stream.getvalue(), () if index == 2 else (("bolt", 1.0, 2.0, 30.0, 20.0),)

    monkeypatch.setattr(samples, "render", render)
    return rendered


def stored(database: Database, name: str = "Workshop parts") -> list[StoredImage]:
    with database.read() as session:
        return list(images.page(session, projects.by_name(session, name).id).images)


def test_the_same_picture_is_rendered_to_the_same_bytes() -> None:
    assert samples.render(3, 7, SMALL) == samples.render(3, 7, SMALL)


def test_another_index_and_another_seed_give_another_picture() -> None:
    assert len({samples.render(index, seed, SMALL)[0] for index, seed in ((3, 7), (4, 7), (3, 8))}) == 3


def test_a_picture_is_a_jpeg_of_the_size_asked_for() -> None:
    data, _ = samples.render(1, 0, (200, 260))
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (200, 260))


def test_boxes_lie_inside_the_picture(
    first_pictures: list[tuple[bytes, tuple[samples.NamedBox, ...]]],
) -> None:
    for _, boxes in first_pictures:
        for _, x0, y0, x1, y1 in boxes:
            assert 0 <= x0 < x1 <= SMALL[0]
            assert 0 <= y0 < y1 <= SMALL[1]


def test_a_picture_shows_two_to_nine_parts_and_every_class_occurs(
    first_pictures: list[tuple[bytes, tuple[samples.NamedBox, ...]]],
) -> None:
    counts = [len(boxes) for _, boxes in first_pictures[:13]]
    assert min(counts) >= 2
    assert max(counts) <= 9
    assert len(set(counts)) > 2
    assert {name for _, boxes in first_pictures for name, *_ in boxes} == {"nut", "bolt", "washer"}


def test_one_picture_in_twenty_shows_no_part(
    first_pictures: list[tuple[bytes, tuple[samples.NamedBox, ...]]],
) -> None:
    assert first_pictures[13][1] == ()


def test_pictures_are_neither_flat_nor_burnt_out(
    first_pictures: list[tuple[bytes, tuple[samples.NamedBox, ...]]],
) -> None:
    for data, _ in first_pictures:
        grey = Image.open(io.BytesIO(data)).convert("L")
        levels = grey.histogram()
        total = sum(levels)
        mean = sum(level * count for level, count in enumerate(levels)) / total
        assert 30 < mean < 225
        assert sum(levels[254:]) < 0.2 * total


def test_rendering_needs_no_numpy() -> None:
    code = (
        "import sys; from data import samples; samples.render(0, 0, (64, 48)); print('numpy' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


def test_a_project_is_filled_with_labelled_and_unlabelled_pictures(
    database: Database, blobs: Blobs, quick_render: list[int]
) -> None:
    report = samples.fill_project(database, blobs, images=8, labelled=6)
    assert (report.added, report.existing, report.boxes) == (8, 0, 5)
    assert report.classes == ("nut", "bolt", "washer")
    found = stored(database)
    assert [image.name for image in found][:2] == ["bench-001.jpg", "bench-002.jpg"]
    expected: list[ImageStatus] = ["unlabelled", "labelled", "empty", "labelled"]
    assert [image.status for image in found] == [*expected, "unlabelled", *["labelled"] * 3]


def test_labelled_pictures_carry_their_boxes_as_imported(
    database: Database, blobs: Blobs, quick_render: list[int]
) -> None:
    samples.fill_project(database, blobs, images=1, labelled=1)
    image = stored(database)[0]
    with database.read() as session:
        (box,) = annotations.read(session, image.id)
        names = {entry.id: entry.name for entry in classes.list_all(session, image.project_id)}
    assert (names[box.class_id], box.xyxy, box.source) == ("bolt", (1.0, 2.0, 30.0, 20.0), "import")


def test_classes_stand_in_the_same_order_whatever_is_rendered(
    database: Database, blobs: Blobs, quick_render: list[int]
) -> None:
    samples.fill_project(database, blobs, images=1, labelled=1)
    with database.read() as session:
        project = projects.by_name(session, "Workshop parts")
        listed = classes.list_all(session, project.id)
    assert [entry.name for entry in listed] == ["nut", "bolt", "washer"]


def test_filling_twice_adds_and_renders_nothing(
    database: Database, blobs: Blobs, quick_render: list[int]
) -> None:
    samples.fill_project(database, blobs, images=4, labelled=2)
    quick_render.clear()
    report = samples.fill_project(database, blobs, images=4, labelled=2)
    assert (report.added, report.existing, report.boxes) == (0, 4, 0)
    assert quick_render == []
    assert len(stored(database)) == 4


def test_a_filling_that_was_cut_off_is_finished(
    database: Database, blobs: Blobs, quick_render: list[int]
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        samples.fill_project(database, blobs, images=6, labelled=6, on_progress=stop)
    assert [image.status for image in stored(database)] == ["labelled", "labelled", "empty"]
    assert samples.fill_project(database, blobs, images=6, labelled=6).added == 3


def test_what_a_person_changed_stays(database: Database, blobs: Blobs, quick_render: list[int]) -> None:
    samples.fill_project(database, blobs, images=2, labelled=2)
    image = stored(database)[0]
    with database.write() as session:
        annotations.replace(session, image.id, [], image.revision, "mine")
    samples.fill_project(database, blobs, images=2, labelled=2)
    assert [image.status for image in stored(database)] == ["unlabelled", "labelled"]


def test_progress_is_told_to_the_end(database: Database, blobs: Blobs, quick_render: list[int]) -> None:
    told: list[tuple[int, int]] = []
    samples.fill_project(
        database, blobs, images=2, labelled=1, on_progress=lambda done, total: told.append((done, total))
    )
    assert told == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize(("total", "labelled"), [(80, 60), (7, 3), (5, 0), (5, 5)])
def test_as_many_pictures_are_labelled_as_asked_for(total: int, labelled: int) -> None:
    assert sum(samples._is_labelled(index, total, labelled) for index in range(total)) == labelled
