"""Importing: everything that can come in comes in, once; everything else is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import event

from data import annotations, classes, exchange, images, projects
from data.errors import AmbiguousFormat, DatabaseUnusable, ImageRejected, NotFound, StaleRevision
from data.export import export_project
from data.formats.annotated import Labels, NamedBox
from data.records import EXPORT_FORMATS, Box

REPOSITORY = Path(exchange.__file__).parents[1]
BOX = (
    "<object><name>{}</name><difficult>{}</difficult><bndbox>"
    "<xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"
)


def xml(*objects: tuple, size: tuple[int, int] = (40, 30)) -> bytes:
    inner = "\n".join(BOX.format(*each) for each in objects)
    width, height = size
    return (
        f"<annotation><size><width>{width}</width><height>{height}</height></size>\n{inner}</annotation>"
    ).encode()


@pytest.fixture
def folder(tmp_path, picture):
    """Writes files into a data set folder; values are bytes, or a colour for a 40×30 photograph."""

    def write(files: dict[str, bytes | str]) -> Path:
        place = tmp_path / "dataset"
        for name, content in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(picture(colour=content) if isinstance(content, str) else content)
        return place

    return write


@pytest.fixture
def import_(database, blobs):
    def run(place: Path, **options):
        return exchange.import_folder(database, blobs, "imported", place, **options)

    return run


@pytest.fixture
def content(database):
    """Everything an import is about: images with status, split and boxes by class name."""

    def read() -> dict[str, tuple]:
        with database.read() as session:
            project = projects.by_name(session, "imported")
            names = {entry.id: entry.name for entry in classes.list_all(session, project.id)}
            return {
                image.name: (
                    image.status,
                    image.split,
                    [(names[box.class_id], *box.xyxy) for box in annotations.read(session, image.id)],
                )
                for image in images.page(session, project.id, limit=500).images
            }

    return read


THREE = {
    "images/1.jpg": "red",
    "images/2.jpg": "green",
    "images/10.jpg": "blue",
    "annotations/1.xml": xml(("nut", 0, 3, 4, 20, 25), ("bolt", 1, 1, 1, 40, 30)),
    "annotations/2.xml": xml(),
}


def test_photographs_come_in_with_their_boxes_classes_and_status(database, folder, import_, content):
    report = import_(folder(THREE))
    assert (report.added, report.existing, report.boxes, report.classes) == (3, 0, 2, ("nut", "bolt"))
    assert report.rejected == ()
    assert content() == {
        "images/1.jpg": ("labelled", None, [("nut", 2, 3, 20, 25), ("bolt", 0, 0, 40, 30)]),
        "images/2.jpg": ("empty", None, []),
        "images/10.jpg": ("unlabelled", None, []),
    }
    with database.read() as session:
        first = images.page(session, 1).images[0]
        boxes = annotations.read(session, first.id)
    assert [(box.source, box.difficult) for box in boxes] == [("import", False), ("import", True)]


def test_importing_twice_adds_nothing(folder, import_, content):
    import_(folder(THREE))
    before = content()
    report = import_(folder({}))
    assert (report.added, report.existing, report.boxes) == (0, 3, 0)
    assert report.rejected == ()
    assert content() == before
    assert not any("differ" in note for note in report.notes)


def test_an_import_keeps_boxes_that_a_person_changed_and_says_so(database, folder, import_):
    import_(folder(THREE))
    with database.write() as session:
        image = images.page(session, 1).images[0]
        (nut, _bolt) = classes.list_all(session, 1)
        mine = Box("mine", nut.id, 0, 0, 9, 9)
        annotations.replace(session, image.id, [mine], image.revision, "op")
    report = import_(folder({}))
    with database.read() as session:
        assert annotations.read(session, image.id) == (mine,)
    assert any("1 image already here with boxes that differ" in note for note in report.notes)
    assert report.boxes == 0


@pytest.mark.parametrize("first", [THREE, {"images/1.jpg": "red"}])
def test_boxes_that_a_person_removed_do_not_come_back(database, folder, import_, first):
    import_(folder(first))
    with database.write() as session:
        image = images.page(session, 1).images[0]
        annotations.replace(session, image.id, [], image.revision, "op")
    report = import_(folder(THREE))
    assert report.boxes == 0
    with database.read() as session:
        assert annotations.read(session, image.id) == ()


def test_photographs_that_came_without_boxes_get_them_when_the_annotations_arrive(folder, import_, content):
    import_(folder({"images/1.jpg": "red"}))
    report = import_(folder(THREE))
    assert (report.added, report.existing, report.boxes) == (2, 1, 2)
    assert any("labelled now: images/1.jpg" in note for note in report.notes)
    assert content()["images/1.jpg"][0] == "labelled"


def test_equal_photographs_share_a_file_and_keep_their_own_boxes(database, blobs, folder, import_, content):
    report = import_(
        folder(
            {
                "a.jpg": "red",
                "b.jpg": "red",
                "c.jpg": "blue",
                "a.xml": xml(("nut", 0, 1, 1, 9, 9)),
                "b.xml": xml(("nut", 0, 2, 2, 9, 9)),
            }
        )
    )
    assert report.added == 3
    assert [note for note in report.notes if "same photograph" in note] == [
        "a.jpg = b.jpg: the same photograph, kept once on disk and apart in the project."
    ]
    assert content()["a.jpg"][2] != content()["b.jpg"][2]
    assert sum(place.is_file() for place in blobs.folder.rglob("*")) == 2


def test_bad_files_are_reported_by_name_and_the_rest_comes_in(folder, import_, content, picture):
    report = import_(
        folder(
            {
                "good.jpg": "red",
                "good.xml": xml(
                    ("<script>".replace("<", "&lt;"), 0, 1, 1, 9, 9), ("${alert(1)}", 0, 2, 2, 9, 9)
                ),
                "cut.jpg": picture((200, 200))[:300],
                "cut.xml": xml(("nut", 0, 1, 1, 9, 9)),
                "zero.png": b"",
                "text.jpg": b"not an image",
                "turned.jpg": "blue",
                "turned.xml": xml(("nut", 0, 9, 1, 1, 9), ("nut", 0, 1, 1, 9, 9)),
                "ghost.xml": xml(("nut", 0, 1, 1, 9, 9)),
                "outside.jpg": "green",
                "outside.xml": xml(("nut", 0, 1, 1, 900, 9)),
                "phone.heic": b"\x00\x00\x00\x18ftypheic",
            }
        )
    )
    told = {problem.file: problem for problem in report.rejected}
    assert sorted(told) == [
        "cut.jpg",
        "ghost.xml",
        "outside.xml",
        "phone.heic",
        "text.jpg",
        "turned.xml",
        "zero.png",
    ]
    assert all(problem.problem and problem.remedy for problem in report.rejected)
    assert "cut short" in told["cut.jpg"].problem
    assert "xmax 1 < xmin 9" in told["turned.xml"].problem
    assert told["turned.xml"].line == 2
    assert content() == {
        "good.jpg": ("labelled", None, [("<script>", 0, 0, 9, 9), ("${alert(1)}", 1, 1, 9, 9)]),
        "outside.jpg": ("unlabelled", None, []),
        "turned.jpg": ("labelled", None, [("nut", 0, 0, 9, 9)]),
    }
    assert report.classes == ("<script>", "${alert(1)}", "nut")


def test_a_box_a_pixel_over_the_edge_is_clipped_and_noted(folder, import_, content):
    report = import_(folder({"a.jpg": "red", "a.xml": xml(("nut", 0, 1, 1, 41, 30))}))
    assert content()["a.jpg"][2] == [("nut", 0, 0, 40, 30)]
    assert any("1 boxes reached a little over" in note for note in report.notes)


def test_boxes_drawn_on_a_photograph_before_it_was_turned_are_turned_with_it(
    folder, import_, content, picture
):
    exif = Image.Exif()
    exif[0x0112] = 6
    report = import_(folder({"a.jpg": picture((40, 30), exif=exif), "a.xml": xml(("nut", 0, 1, 1, 10, 5))}))
    assert content()["a.jpg"][2] == [("nut", 25, 0, 30, 10)]
    assert any("turned upright" in note for note in report.notes)


def test_a_split_is_given_to_what_is_added(folder, import_, content):
    import_(folder({"a.jpg": "red"}), split="test")
    import_(folder({"b.jpg": "blue"}), split="train")
    assert {name: split for name, (_, split, _) in content().items()} == {"a.jpg": "test", "b.jpg": "train"}


def test_a_folder_of_photographs_alone_comes_in_unlabelled(folder, import_, content):
    report = import_(folder({"a.jpg": "red", "sub/a.jpg": "blue"}))
    assert (report.added, report.notes) == (2, ())
    assert content() == {"a.jpg": ("unlabelled", None, []), "sub/a.jpg": ("unlabelled", None, [])}


def test_progress_is_told_from_nothing_to_all(folder, import_):
    told = []
    import_(folder(THREE), on_progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_what_cannot_be_imported_at_all_is_said(folder, import_, tmp_path):
    with pytest.raises(NotFound, match="no folder"):
        import_(tmp_path / "missing")
    with pytest.raises(NotFound, match=r"no format 'word'.*auto, voc"):
        import_(folder(THREE), format="word")
    with pytest.raises(NotFound, match="nothing of COCO"):
        import_(folder(THREE), format="coco")
    (tmp_path / "bare").mkdir()
    with pytest.raises(NotFound, match="no image in"):
        import_(tmp_path / "bare")


def test_a_missing_image_file_is_put_back_by_importing_again(database, blobs, folder, import_):
    import_(folder(THREE))
    with database.read() as session:
        lost = blobs.path(images.get(session, 1).sha256)
    lost.unlink()
    import_(folder({}))
    assert lost.is_file()


KILLED = """
import os, pathlib, signal, sys
from data import exchange
from data.blobs import Blobs
from data.database import Database
workspace, place, last = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
def stop(done, total):
    if done == last:
        os.kill(os.getpid(), signal.SIGKILL)
url = sys.argv[4] or None
database = Database.open(url, workspace)
exchange.import_folder(database, Blobs(workspace / "blobs"), "imported", place, on_progress=stop)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_an_import_killed_half_way_is_finished_by_importing_again(
    database, database_url, folder, import_, content, tmp_path
):
    place = folder(THREE)
    arguments = [
        sys.executable,
        "-c",
        KILLED,
        str(tmp_path / "workspace"),
        str(place),
        "2",
        database_url or "",
    ]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    assert subprocess.run(arguments, env=environment, check=False).returncode == -signal.SIGKILL
    assert len(content()) == 2
    report = import_(place)
    assert (report.added, report.existing) == (1, 2)
    assert {name: status for name, (status, _, _) in content().items()} == {
        "images/1.jpg": "labelled",
        "images/2.jpg": "empty",
        "images/10.jpg": "unlabelled",
    }


def test_a_failure_between_image_and_boxes_leaves_neither(database, blobs, project, picture, monkeypatch):
    def fail(*_args: object, **_options: object) -> None:
        raise DatabaseUnusable("The disk is full.")

    monkeypatch.setattr(exchange, "replace_boxes", fail)
    labels = Labels((NamedBox("nut", 0, 0, 5, 5),))
    with pytest.raises(DatabaseUnusable):
        exchange.import_annotated(database, blobs, project.id, "a.jpg", picture(), labels)
    with database.read() as session:
        assert images.page(session, project.id).total == 0
        assert classes.list_all(session, project.id) == ()


def test_one_image_can_be_imported_with_its_boxes(database, blobs, project, picture):
    labels = Labels((NamedBox("nut", 0, 0, 5, 5, crowd=True),))
    done = exchange.import_annotated(database, blobs, project.id, "a.jpg", picture(), labels, split="val")
    assert (done.added, done.boxes, done.image.status, done.image.split) == (True, 1, "labelled", "val")
    with pytest.raises(ImageRejected):
        exchange.import_annotated(database, blobs, project.id, "b.jpg", b"nothing", labels)


def test_each_class_of_an_image_is_looked_up_once_however_many_boxes_it_has(
    database, blobs, project, bolt, picture
):
    asked: list[str] = []
    event.listen(
        database._writer,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_rest: asked.append(statement),
    )
    boxes = [NamedBox(name, 0, 0, 5, 5) for name in ("bolt", "nut") for _ in range(20)]
    done = exchange.import_annotated(database, blobs, project.id, "a.jpg", picture(), Labels(tuple(boxes)))
    assert done.boxes == 40
    assert sum("label_class.name = " in statement for statement in asked) == 2
    assert not any("box.class_id =" in statement for statement in asked)


def test_uploaded_photographs_are_added_once_and_bad_ones_named(database, blobs, project, picture):
    files = [
        ("a.jpg", picture()),
        ("b.png", b"broken"),
        ("", picture()),
        ("C:\\x\\c.jpg", picture(colour="red")),
    ]
    report = exchange.import_images(database, blobs, project.id, files)
    assert (report.added, report.existing, report.boxes) == (2, 0, 0)
    assert [problem.file for problem in report.rejected] == ["b.png", ""]
    assert exchange.import_images(database, blobs, project.id, files).existing == 2
    with pytest.raises(NotFound):
        exchange.import_images(database, blobs, 99, files)


COCO = {
    "images": [
        {"id": 1, "file_name": "a.jpg", "width": 40, "height": 30},
        {"id": 2, "file_name": "b.jpg", "width": 40, "height": 30},
    ],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 8, 7], "iscrowd": 0}],
    "categories": [{"id": 9, "name": "washer"}, {"id": 7, "name": "nut"}],
}


@pytest.fixture
def coco_folder(folder):
    files = {"images/a.jpg": "red", "images/b.jpg": "blue", "images/c.jpg": "green"}
    return folder({**files, "annotations/coco.json": json.dumps(COCO).encode()})


def test_every_format_comes_in_with_its_classes_in_their_order(database, import_, content, coco_folder):
    report = import_(coco_folder)
    assert (report.added, report.boxes, report.classes) == (3, 1, ("washer", "nut"))
    assert report.notes[0].startswith("Read as coco")
    assert content() == {
        "images/a.jpg": ("labelled", None, [("nut", 1, 2, 9, 9)]),
        "images/b.jpg": ("empty", None, []),
        "images/c.jpg": ("unlabelled", None, []),
    }
    with database.read() as session:
        assert [entry.name for entry in classes.list_all(session, 1)] == ["washer", "nut"]


def test_an_archive_comes_in_as_its_folder_does(import_, content, coco_folder, tmp_path):
    import_(coco_folder)
    before = content()
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", coco_folder.parent, coco_folder.name))
    report = import_(packed)
    assert (report.added, report.existing, report.boxes) == (0, 3, 0)
    assert content() == before


def test_splits_that_the_data_set_states_are_kept_unless_another_is_asked_for(folder, import_, content):
    table = b"filename,class,xmin,ymin,xmax,ymax,split\na.jpg,nut,1,2,9,9,val\nb.jpg,,,,,,test\n"
    place = folder({"a.jpg": "red", "b.jpg": "blue", "t.csv": table})
    import_(place)
    assert {name: split for name, (_, split, _) in content().items()} == {"a.jpg": "val", "b.jpg": "test"}
    folder({"c.jpg": "green"})
    import_(place, split="train")
    assert content()["c.jpg"][1] == "train"
    assert content()["a.jpg"][1] == "val"


def test_a_folder_of_several_formats_comes_in_only_as_the_one_that_is_asked_for(folder, import_, content):
    place = folder({"a.jpg": "red", "a.xml": xml(("nut", 0, 1, 1, 9, 9)), "a.txt": b"0 .5 .5 1 1"})
    with pytest.raises(AmbiguousFormat, match=r"voc.*yolo|yolo.*voc"):
        import_(place)
    import_(place, format="voc")
    assert content()["a.jpg"][2] == [("nut", 0, 0, 9, 9)]


def test_the_base_of_voc_can_be_asked_for(folder, import_, content):
    import_(folder({"a.jpg": "red", "a.xml": xml(("nut", 0, 1, 1, 9, 9))}), voc_base="0")
    assert content()["a.jpg"][2] == [("nut", 1, 1, 9, 9)]


def test_boxes_that_differ_are_replaced_when_asked_for_and_history_keeps_them(
    database, folder, import_, content
):
    place = folder(THREE)
    import_(place)
    with database.write() as session:
        image = images.page(session, 1).images[0]
        (nut, _bolt) = classes.list_all(session, 1)
        mine = Box("mine", nut.id, 0, 0, 9, 9)
        annotations.replace(session, image.id, [mine], image.revision, "op")
    report = import_(place, on_existing="replace")
    assert report.boxes == 2
    assert any(
        "1 image already here with boxes that differ from the file's, which gave way" in n
        for n in report.notes
    )
    assert content()["images/1.jpg"][2] == [("nut", 2, 3, 20, 25), ("bolt", 0, 0, 40, 30)]
    with database.read() as session:
        assert [edit.boxes for edit in annotations.history(session, image.id)][1] == (mine,)
    again = import_(place, on_existing="replace")
    assert (again.boxes, [note for note in again.notes if "gave way" in note]) == (0, [])
    with database.read() as session:
        assert images.get(session, image.id).revision == 3


def test_replacing_empties_an_image_that_the_file_says_is_empty(database, folder, import_, content):
    place = folder(THREE)
    import_(place)
    with database.write() as session:
        image = images.page(session, 1).images[1]
        (nut, _bolt) = classes.list_all(session, 1)
        annotations.replace(session, image.id, [Box("mine", nut.id, 0, 0, 9, 9)], image.revision, "op")
    import_(place)
    assert content()["images/2.jpg"][0] == "labelled"
    import_(place, on_existing="replace")
    assert content()["images/2.jpg"] == ("empty", None, [])


def test_replacing_leaves_images_alone_of_which_the_files_say_nothing_or_nothing_usable(
    database, folder, import_, content
):
    place = folder({**THREE, "annotations/10.xml": xml(("nut", 0, 9, 9, 1, 1))})
    import_(place)
    with database.write() as session:
        (nut, _bolt) = classes.list_all(session, 1)
        image = images.page(session, 1).images[2]
        annotations.replace(session, image.id, [Box("mine", nut.id, 0, 0, 9, 9)], image.revision, "op")
    import_(place, on_existing="replace")
    assert content()["images/10.jpg"][2] == [("nut", 0, 0, 9, 9)]
    (place / "annotations/10.xml").unlink()
    import_(place, on_existing="replace")
    assert content()["images/10.jpg"][2] == [("nut", 0, 0, 9, 9)]


def test_boxes_that_differ_only_by_rounding_are_the_same(database, folder, import_):
    place = folder({"a.jpg": "red", "a.txt": b"0 0.50001 0.5 0.2 0.2", "data.yaml": b"names: [nut]"})
    import_(place)
    (place / "a.txt").write_text("0 0.500010001 0.5 0.2 0.2")
    report = import_(place, on_existing="replace")
    assert (report.boxes, any("differ" in note for note in report.notes)) == (0, False)


def test_somebody_who_saves_at_the_same_moment_keeps_their_boxes(database, folder, import_, monkeypatch):
    place = folder(THREE)
    import_(place)
    (place / "annotations/1.xml").write_bytes(xml(("nut", 0, 1, 1, 5, 5)))

    def stale(_session: object, image_id: int, *_args: object, **_options: object) -> None:
        raise StaleRevision(image_id, 9, "unlabelled", ())

    monkeypatch.setattr(exchange, "replace_boxes", stale)
    report = import_(place, on_existing="replace")
    assert [problem.file for problem in report.rejected] == ["images/1.jpg"]
    assert "Somebody changed its boxes" in report.rejected[0].problem


def test_classes_are_renamed_merged_and_left_out(import_, content, folder):
    place = folder(
        {
            "a.jpg": "red",
            "a.xml": xml(("Nut", 0, 1, 1, 9, 9), ("bolt", 0, 1, 1, 5, 5)),
            "b.jpg": "blue",
            "b.xml": xml(("bolt", 0, 1, 1, 5, 5)),
        }
    )
    report = import_(place, class_map={"Nut": "nut", "bolt": None, "screw": "nut"})
    assert report.classes == ("nut",)
    assert any("No class is named 'screw'" in note for note in report.notes)
    assert content() == {
        "a.jpg": ("labelled", None, [("nut", 0, 0, 9, 9)]),
        "b.jpg": ("empty", None, []),
    }


def test_what_was_exported_comes_back_as_the_images_it_was(
    database, blobs, folder, import_, content, picture, tmp_path
):
    exif = Image.Exif()
    exif[0x0112] = 6
    place = folder({**THREE, "images/turned.jpg": picture((40, 30), exif=exif)})
    (place / "annotations/turned.xml").write_bytes(xml(("nut", 0, 1, 1, 10, 5)))
    import_(place)
    before = content()
    for format in EXPORT_FORMATS:
        target = tmp_path / f"{format}.zip"
        export_project(database, blobs, 1, target, format)
        report = import_(target, format=format)
        assert (report.added, report.existing, report.boxes) == (0, 3, 0)
        assert report.rejected == ()
        assert content() == before
