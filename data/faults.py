"""What is probably wrong with a project's labels: each fault in a sentence, with the images to open.

All this is told by boxes, hashes and counts alone. Whether a thing on a picture lacks its box only a detector
can suspect; here an image is suspected that has far fewer boxes than another that looks like it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, select
from sqlalchemy.orm import Session, aliased

from data import classes, duplicates, images, projects
from data.duplicates import Photograph
from data.images import PRESENT
from data.records import ImageFilter, LabelClass
from data.schema import BoxRow, ImageRow

#: The kinds of fault, the worst first.
FaultKind = Literal[
    "boxes_outside",
    "leak",
    "duplicate_boxes",
    "labels_missing",
    "tiny_boxes",
    "damaged_files",
    "empty_classes",
    "rare_classes",
    "class_imbalance",
    "never_labelled",
]

#: So many images are named for each kind; the others are counted.
NAMED_IMAGES = 20
#: A box is tiny if a side is shorter, in pixels of the photograph: the editor draws none below it.
SMALLEST_SIDE = 3.0
#: Or if a side is a smaller part of the image's shorter side: three pixels of the detector's 300.
SMALLEST_PART = 0.01
#: From this overlap on, two boxes of one class on one image are one thing drawn twice.
SAME_IOU = 0.95
#: Fewer boxes than this are hardly enough to learn a class from.
FEW_BOXES = 10
#: The most frequent class may have so many times the boxes of the rarest.
LARGEST_RATIO = 20.0
#: An image with a smaller part of the boxes of one that looks like it was probably not labelled to the end.
SUSPICIOUS_PART = 0.5
_BATCH = 500


@dataclass(frozen=True, slots=True)
class FaultyImage:
    """An image to open, and what to look for on it."""

    id: int
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: on how many images, or of how many classes, and the first of those images."""

    kind: FaultKind
    problem: str
    remedy: str
    count: int
    images: tuple[FaultyImage, ...] = ()


def of(session: Session, project_id: int) -> tuple[Fault, ...]:
    """Look a project through; the worst comes first, and a project without faults gives none.

    Images whose perceptual hash is not computed yet are compared byte for byte only
    (``duplicates.hash_missing`` computes it).

    Raises:
        NotFound: there is no such project.
    """
    projects.require(session, project_id)
    label_classes = classes.list_all(session, project_id)
    equal, alike = duplicates.equal(session, project_id), duplicates.alike(session, project_id)
    found = (
        *_misshapen_boxes(session, project_id),
        _leak(equal, alike),
        _duplicate_boxes(session, project_id, label_classes),
        _labels_missing(session, [*equal, *alike]),
        _damaged_files(session, project_id),
        _empty_classes(label_classes),
        _rare_classes(session, label_classes),
        _class_imbalance(label_classes),
        _never_labelled(session, project_id),
    )
    order = get_args(FaultKind)
    return tuple(sorted((fault for fault in found if fault), key=lambda fault: order.index(fault.kind)))


def unlearnable(session: Session, project_id: int) -> tuple[Fault, ...]:
    """Look only for what cannot be learnt from: boxes outside or tiny, and damaged files."""
    found = (*_misshapen_boxes(session, project_id), _damaged_files(session, project_id))
    return tuple(fault for fault in found if fault)


def _misshapen_boxes(session: Session, project_id: int) -> list[Fault]:
    """Find boxes that are tiny or reach outside, in one pass over the boxes."""
    width, height = BoxRow.x1 - BoxRow.x0, BoxRow.y1 - BoxRow.y0
    side = _smaller(width, height)
    tiny = (side < SMALLEST_SIDE) | (side < SMALLEST_PART * _smaller(ImageRow.width, ImageRow.height))
    outside = (BoxRow.x1 > ImageRow.width) | (BoxRow.y1 > ImageRow.height)
    rows = session.execute(
        select(ImageRow.id, ImageRow.name, _number_of(outside), _number_of(tiny))
        .join(BoxRow, BoxRow.image_id == ImageRow.id)
        .where(ImageRow.project_id == project_id, PRESENT, tiny | outside)
        .group_by(ImageRow.id, ImageRow.name, ImageRow.sort_key)
        .order_by(ImageRow.sort_key, ImageRow.id)
    ).all()
    found = [
        _boxes_fault(
            "boxes_outside",
            [(image_id, name, number) for image_id, name, number, _ in rows if number],
            "reaching outside the image",
            "Open the image and draw them again: the file is probably not the one they were drawn on.",
        ),
        _boxes_fault(
            "tiny_boxes",
            [(image_id, name, number) for image_id, name, _, number in rows if number],
            f"with a side below {SMALLEST_SIDE:g} pixels or {SMALLEST_PART:.0%} of the image",
            "Delete those drawn by accident: the detector cannot learn things as small.",
        ),
    ]
    return [fault for fault in found if fault]


def _duplicate_boxes(session: Session, project_id: int, label_classes: Sequence[LabelClass]) -> Fault | None:
    one, other = aliased(BoxRow), aliased(BoxRow)
    across = _smaller(one.x1, other.x1) - _larger(one.x0, other.x0)
    down = _smaller(one.y1, other.y1) - _larger(one.y0, other.y0)
    areas = (one.x1 - one.x0) * (one.y1 - one.y0) + (other.x1 - other.x0) * (other.y1 - other.y0)
    pairs = (
        select(one.image_id, func.count().label("number"))
        .join(
            other, (other.image_id == one.image_id) & (other.class_id == one.class_id) & (other.id > one.id)
        )
        # By class, because the index of classes holds the image and the box too.
        .where(one.class_id.in_([entry.id for entry in label_classes]), across > 0, down > 0)
        .where(across * down > SAME_IOU * (areas - across * down))
        .group_by(one.image_id)
        .subquery()
    )
    rows = session.execute(
        select(ImageRow.id, ImageRow.name, pairs.c.number)
        .join(pairs, pairs.c.image_id == ImageRow.id)
        .where(ImageRow.project_id == project_id, PRESENT)
        .order_by(ImageRow.sort_key, ImageRow.id)
    )
    return _boxes_fault(
        "duplicate_boxes",
        [(image_id, name, number) for image_id, name, number in rows],
        f"overlapping another of their class by more than {SAME_IOU:.0%}",
        "Delete one of each pair: the same thing counts twice.",
    )


def _leak(equal: Sequence[Sequence[Photograph]], alike: Sequence[Sequence[Photograph]]) -> Fault | None:
    """Find photographs that are trained on and judged by, once for each image that is judged by."""
    found: dict[int, FaultyImage] = {}
    for groups, words in ((equal, "the same photograph as"), (alike, "looks like")):
        for group in groups:
            trained = [one for one in group if one.split == "train"]
            judged = [one for one in group if one.split in ("val", "test")]
            if not trained and {one.split for one in judged} == {"val", "test"}:
                # Validation chooses the thresholds and the best moment, so the test must not see it either.
                trained = [one for one in judged if one.split == "val"]
                judged = [one for one in judged if one.split == "test"]
            for one in judged if trained else ():
                detail = f"in {one.split}, {words} {trained[0].name} in {trained[0].split}"
                found.setdefault(one.id, FaultyImage(one.id, one.name, detail))
    if not found:
        return None
    count = len(found)
    return Fault(
        "leak",
        f"{_counted(count, 'image')} to validate or test on {_are(count)} in another split too: the detector "
        "will seem better than it is.",
        "Give equal photographs one split.",
        count,
        tuple(found.values())[:NAMED_IMAGES],
    )


def _labels_missing(session: Session, groups: Iterable[Sequence[Photograph]]) -> Fault | None:
    """Find images with far fewer boxes than others that look like them."""
    known = [group for group in groups if len(group) > 1]
    numbers = _box_numbers(session, {one.id for group in known for one in group})
    found: dict[int, FaultyImage] = {}
    for group in known:
        done = [one for one in group if one.id in numbers]
        fullest = max(done, key=lambda one: numbers[one.id], default=None)
        for one in done:
            if fullest is not None and numbers[one.id] < SUSPICIOUS_PART * numbers[fullest.id]:
                detail = f"{_counted(numbers[one.id], 'box')}; {fullest.name} looks like it and has "
                detail += str(numbers[fullest.id])
                found.setdefault(one.id, FaultyImage(one.id, one.name, detail))
    if not found:
        return None
    count = len(found)
    return Fault(
        "labels_missing",
        f"{_counted(count, 'image')} {_have(count)} far fewer boxes than another that looks alike.",
        "Open both and see whether boxes are missing; two moments of one place may well differ.",
        count,
        tuple(found.values())[:NAMED_IMAGES],
    )


def _damaged_files(session: Session, project_id: int) -> Fault | None:
    rows = session.execute(
        select(ImageRow.id, ImageRow.name, ImageRow.warning)
        .where(ImageRow.project_id == project_id, PRESENT, ImageRow.warning != "")
        .order_by(ImageRow.sort_key, ImageRow.id)
    ).all()
    if not rows:
        return None
    return Fault(
        "damaged_files",
        f"{_counted(len(rows), 'image')} came from {'a file' if len(rows) == 1 else 'files'} with a fault.",
        "Look whether the picture is worth keeping; else add a whole copy and delete this one.",
        len(rows),
        tuple(FaultyImage(*row) for row in rows[:NAMED_IMAGES]),
    )


def _empty_classes(label_classes: Sequence[LabelClass]) -> Fault | None:
    names = [entry.name for entry in label_classes if not entry.boxes and not entry.archived]
    if not names:
        return None
    return Fault(
        "empty_classes",
        f"{_counted(len(names), 'class')} {_have(len(names))} no box: {_listed(names)}.",
        "Draw boxes of it, or archive it: the detector would learn never to find it.",
        len(names),
    )


def _rare_classes(session: Session, label_classes: Sequence[LabelClass]) -> Fault | None:
    rare = [entry for entry in label_classes if 0 < entry.boxes < FEW_BOXES]
    if not rare:
        return None
    rows = session.execute(
        select(ImageRow.id, ImageRow.name, BoxRow.class_id)
        .join(BoxRow, BoxRow.image_id == ImageRow.id)
        .where(BoxRow.class_id.in_([entry.id for entry in rare]), PRESENT)
        .order_by(ImageRow.sort_key, ImageRow.id, BoxRow.position)
    ).all()
    name_of = {entry.id: entry.name for entry in rare}
    first = {
        image_id: FaultyImage(image_id, name, name_of[class_id]) for image_id, name, class_id in rows[::-1]
    }
    named = [first[image_id] for image_id in dict.fromkeys(row[0] for row in rows)]
    told = [f"{entry.name} ({entry.boxes})" for entry in rare]
    return Fault(
        "rare_classes",
        f"{_counted(len(rare), 'class')} {_have(len(rare))} fewer than {FEW_BOXES} boxes: {_listed(told)}.",
        "Label more images that show it.",
        len(rare),
        tuple(named[:NAMED_IMAGES]),
    )


def _class_imbalance(label_classes: Sequence[LabelClass]) -> Fault | None:
    drawn = sorted((entry for entry in label_classes if entry.boxes), key=lambda entry: entry.boxes)
    if len(drawn) < 2 or drawn[-1].boxes <= LARGEST_RATIO * drawn[0].boxes:
        return None
    rarest, commonest = drawn[0], drawn[-1]
    return Fault(
        "class_imbalance",
        f"{commonest.name} has {commonest.boxes} boxes and {rarest.name} {rarest.boxes}: "
        f"{commonest.boxes / rarest.boxes:.0f} times as many.",
        f"Label more images that show {rarest.name}, or expect it to be missed more often.",
        sum(entry.boxes * LARGEST_RATIO < commonest.boxes for entry in drawn),
    )


def _never_labelled(session: Session, project_id: int) -> Fault | None:
    page = images.page(session, project_id, limit=NAMED_IMAGES, wanted=ImageFilter(status="unlabelled"))
    if not page.total:
        return None
    return Fault(
        "never_labelled",
        f"{_counted(page.total, 'image')} {_are(page.total)} neither labelled nor marked empty.",
        "Draw boxes, or mark those empty that show nothing to find: both are trained on, these are not.",
        page.total,
        tuple(FaultyImage(image.id, image.name) for image in page.images),
    )


def _box_numbers(session: Session, image_ids: Collection[int]) -> dict[int, int]:
    """Count the boxes of those images that somebody has labelled or marked empty."""
    ids = sorted(image_ids)
    numbers: dict[int, int] = {}
    drawn = select(func.count()).where(BoxRow.image_id == ImageRow.id).scalar_subquery()
    for start in range(0, len(ids), _BATCH):
        wanted = ImageRow.id.in_(ids[start : start + _BATCH])
        query = select(ImageRow.id, drawn).where(wanted, ImageRow.status != "unlabelled")
        numbers |= dict(session.execute(query).all())
    return numbers


def _boxes_fault(
    kind: FaultKind, rows: Sequence[tuple[int, str, int]], what: str, remedy: str
) -> Fault | None:
    if not rows:
        return None
    count = sum(number for _, _, number in rows)
    named = [FaultyImage(image_id, name, _counted(number, "box")) for image_id, name, number in rows]
    problem = f"{_counted(count, 'box')} {what}, on {_counted(len(rows), 'image')}."
    return Fault(kind, problem, remedy, len(rows), tuple(named[:NAMED_IMAGES]))


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _smaller(one: SQLColumnExpression[Any], other: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    return case((one < other, one), else_=other)


def _larger(one: SQLColumnExpression[Any], other: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    return case((one > other, one), else_=other)


def _counted(count: int, noun: str) -> str:
    plural = noun + ("es" if noun.endswith(("x", "s")) else "s")
    return f"{count} {noun if count == 1 else plural}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - NAMED_IMAGES
    return ", ".join(names[:NAMED_IMAGES]) + (f" and {rest} more" if rest > 0 else "")
