"""Looking at a data set before it comes in."""

from __future__ import annotations

import pytest
from PIL import Image

from data import classes, exchange, images, projects
from data.errors import AmbiguousFormat, NotFound
from data.preview import preview_folder
from data.records import PreviewClass
from tests.data.formats.folders import jpeg, write

TABLE = "filename,class,xmin,ymin,xmax,ymax,split\n"


@pytest.fixture
def look(database, blobs, tmp_path):
    def run(files: dict, **options):
        return preview_folder(database, blobs, "Workshop", write(tmp_path / "set", files), **options)

    return run


FILES = {
    "a.jpg": (40, 30),
    "b.jpg": (40, 30),
    "c.jpg": (40, 30),
    "t.csv": f"{TABLE}a.jpg,nut,1,2,9,9,train\na.jpg,Bolt,1,2,90,9,train\nb.jpg,,,,,,val\n",
}


def test_counts_splits_and_problems_are_told_and_nothing_is_written(database, look):
    preview = look(FILES)
    assert (preview.images, preview.existing) == (3, 0)
    assert (preview.labelled, preview.empty, preview.unlabelled, preview.boxes) == (1, 1, 1, 1)
    assert preview.by_split == {"train": 1, "val": 1, "test": 0, None: 1}
    (problem,) = preview.problems
    assert (problem.file, problem.line) == ("t.csv", 3)
    assert "reaches outside the 40×30 image" in problem.problem
    assert preview.notes[0].startswith("Read as csv")
    with database.read() as session:
        assert projects.list_all(session) == ()


def test_classes_are_told_with_what_is_here_and_what_may_be_the_same(database, project, bolt, look):
    preview = look(FILES)
    assert preview.classes == (
        PreviewClass("nut", "nut", 1, exists=False),
        PreviewClass("Bolt", "Bolt", 1, exists=False, similar=("bolt",)),
    )
    preview = look(FILES, class_map={"Bolt": "bolt", "nut": None})
    assert preview.classes == (
        PreviewClass("nut", "", 1, exists=False),
        PreviewClass("Bolt", "bolt", 1, exists=True, similar=("bolt",)),
    )


def test_images_that_are_here_are_counted_by_name(database, blobs, project, look, tmp_path):
    look(FILES)
    exchange.import_folder(database, blobs, project.name, tmp_path / "set", format="images")
    with database.write() as session:
        images.discard(session, images.page(session, project.id).images[0].id)
    assert look({}).existing == 2


@pytest.mark.parametrize("split", [None, "test"])
def test_what_it_promises_is_what_the_import_does(database, blobs, look, tmp_path, split):
    preview = look(FILES, split=split)
    report = exchange.import_folder(database, blobs, "Workshop", tmp_path / "set", split=split)
    assert (report.added, report.boxes, report.rejected) == (preview.images, preview.boxes, preview.problems)
    with database.read() as session:
        found = images.page(session, 1).images
        assert [entry.name for entry in classes.list_all(session, 1)] == ["nut"]
    for wanted, number in preview.by_split.items():
        assert sum(image.split == wanted for image in found) == number


def test_a_box_drawn_on_the_picture_before_it_was_turned_is_no_problem(look):
    exif = Image.Exif()
    exif[0x0112] = 8
    shape = {"label": "nut", "shape_type": "rectangle", "points": [[30, 2], [39, 9]]}
    document = {"shapes": [shape], "imagePath": "a.jpg", "imageWidth": 40, "imageHeight": 30}
    preview = look({"a.jpg": jpeg(40, 30, exif=exif), "a.json": document})
    assert (preview.boxes, preview.problems) == (1, ())


def test_a_damaged_photograph_is_left_for_the_import_to_name(look):
    assert look({"a.jpg": b"broken", "a.txt": "0 .5 .5 1 1", "data.yaml": "names: [nut]"}).boxes == 0


def test_progress_is_told_from_nothing_to_all(look):
    told = []
    look(FILES, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_what_cannot_be_looked_at_is_said(look):
    with pytest.raises(NotFound, match="no image in"):
        look({"t.csv": FILES["t.csv"]})
    with pytest.raises(AmbiguousFormat):
        look({**FILES, "a.xml": "<annotation/>"})


def test_a_class_that_would_come_into_an_archived_one_is_told(database, project, look):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        classes.change(session, nut.id, archived=True)
    (told,) = [note for note in look(FILES).notes if "archived" in note]
    assert told.startswith("The class 'nut' is archived here")
    assert not any("archived" in note for note in look(FILES, class_map={"nut": "screw"}).notes)
