"""What is asked at every click is answered from indexes, however large the project (SQLite tells how)."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from data import annotations, browsing, classes, findings, images, looks, projects, summary
from data.records import Box, ImageFilter


@pytest.fixture
def plans(database, project, bolt, add_image):
    """Carries out a question and gives the plan of each of its statements."""
    if database.kind != "sqlite":
        pytest.skip("PostgreSQL plans by the number of rows, of which there are few here")
    first, second = (add_image(f"{number}.png") for number in range(2))
    with database.write() as session:
        annotations.replace(session, first.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")

    def of(question, session_kind="read"):
        asked = []
        with getattr(database, session_kind)() as session:
            connection = session.connection()
            event.listen(
                connection,
                "before_cursor_execute",
                lambda _conn, _cursor, statement, values, _context, _many: asked.append((statement, values)),
            )
            question(session, project.id, second.id)
            raw = connection.connection.driver_connection
            return [
                row[3]
                for statement, values in asked
                if statement.lstrip().upper().startswith(("SELECT", "DELETE", "UPDATE"))
                for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                if row[3] != "SCAN CONSTANT ROW"  # A question made of several has one row, and no table.
            ]

    return of


QUESTIONS = {
    "the first page": lambda session, project, _: images.page(session, project, limit=50),
    "a later page": lambda session, project, image: images.page(session, project, after=image),
    "a page of one status": lambda session, project, image: images.page(
        session, project, after=image, wanted=ImageFilter(status="unlabelled")
    ),
    "an image's place": lambda session, _, image: browsing.place(session, image),
    "an image's boxes": lambda session, _, image: annotations.read(session, image),
    "an image's history": lambda session, _, image: annotations.history(session, image),
    "the class histogram": lambda session, project, _: classes.list_all(session, project),
    "a project's numbers": lambda session, project, _: projects.get(session, project),
    "a page far behind": lambda session, project, _: images.page(session, project, offset=1),
    "the last page": lambda session, project, _: images.page(
        session, project, wanted=ImageFilter(sort="-name")
    ),
    "a filtered page": lambda session, project, _: images.page(
        session, project, wanted=ImageFilter(split="val", flagged=True, text="a")
    ),
    "a page of one split": lambda session, project, image: images.page(
        session, project, after=image, wanted=ImageFilter(split="val")
    ),
    "a page without a split": lambda session, project, _: images.page(
        session, project, wanted=ImageFilter(split="none")
    ),
    "a page of flagged ones": lambda session, project, _: images.page(
        session, project, wanted=ImageFilter(flagged=True)
    ),
    "a place among one split": lambda session, _, image: browsing.place(
        session, image, ImageFilter(split="val")
    ),
    "a strip of flagged ones": lambda session, _, image: browsing.around(
        session, image, 6, 12, ImageFilter(flagged=True)
    ),
    "the counts of the filters": lambda session, project, _: browsing.tallies(session, project),
    "a film strip": lambda session, _, image: browsing.around(session, image, 6, 12),
    "the boxes of a page": lambda session, _, image: browsing.boxes_of(session, [image, image + 1]),
    "the suggestions of a page": lambda session, _, image: browsing.open_suggestions(session, [image]),
    "the looks at a page": lambda session, _, image: looks.of_images(session, [image, image + 1]),
    "what a model has not looked at": lambda session, project, _: looks.waiting(session, project, "m", 9),
    "how far a look is": lambda session, project, _: looks.progress(session, project, "m"),
    "whether images have a place in the queue": lambda session, project, _: looks.has_any(session, project),
    "the bin": lambda session, project, _: images.discarded(session, project),
    "the counts by split": lambda session, project, _: summary.of(session, project),
}


# What is sorted there is few: the classes, the bin, one image's boxes.
SORTS = {
    "the boxes of a page",
    "an image's boxes",
    "the class histogram",
    "a project's numbers",
    "the bin",
    "the counts by split",
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_of_every_click_reads_no_table_through_and_sorts_nothing_large(plans, name):
    steps = plans(QUESTIONS[name])
    assert steps
    slow = ("SCAN",) if name in SORTS else ("SCAN", "USE TEMP")
    assert [step for step in steps if step.startswith(slow)] == []


def test_an_offset_and_a_total_are_counted_in_an_index_that_has_all_that_is_asked(plans):
    steps = plans(lambda session, project, _: images.page(session, project, offset=1))
    # That no row is in the bin is what the index says by itself, so that no row is looked up.
    assert steps[0] == "SEARCH image USING INDEX ix_image_order (project_id=?)"
    steps = plans(lambda session, project, _: images.count(session, project, ImageFilter(split="val")))
    assert [step.split(" (")[0].split("INDEX ")[1] for step in steps] == ["ix_image_status_split"]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (ImageFilter(split="val"), "ix_image_split_order"),
        (ImageFilter(flagged=True), "ix_image_flagged_order"),
        (ImageFilter(suggested=True), "ix_suggestion_state_image_id"),
        (ImageFilter(sort="useful"), "ix_image_order"),
        (ImageFilter(status="unlabelled", sort="useful"), "ix_image_status_order"),
    ],
)
def test_a_page_of_a_filter_is_read_from_its_own_index(plans, wanted, index):
    steps = plans(lambda session, project, _: images.page(session, project, wanted=wanted))
    assert [step for step in steps if f"INDEX {index} " in step]


@pytest.mark.parametrize("question", [findings.outdated, findings.counts])
def test_the_images_of_findings_are_looked_up_and_not_gone_through(plans, question):
    steps = plans(lambda session, project, _: question(session, project))
    assert [step for step in steps if " image " in step] == [
        "SEARCH image USING INTEGER PRIMARY KEY (rowid=?)"
    ]


def test_a_save_finds_its_rows_by_their_keys(plans, bolt):
    def save(session, _, image):
        annotations.replace(session, image, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "plan")

    slow = [step for step in plans(save, "write") if step.startswith(("SCAN", "USE TEMP"))]
    assert slow == []


def test_a_question_without_an_index_would_be_noticed(plans):
    steps = plans(lambda session, *_: session.execute(text("SELECT * FROM image ORDER BY mime")))
    assert [step.split()[0] for step in steps] == ["SCAN", "USE"]
