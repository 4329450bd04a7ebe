"""Which objects are too small once photographs are scaled to the network's input."""

from __future__ import annotations

from data import annotations, classes, images, small_boxes
from data.records import Box
from data.small_boxes import ClassSizes


def test_boxes_are_measured_at_the_size_that_the_network_sees(database, project, bolt, add_image):
    image = add_image("a.png")
    # Of 40 by 30 pixels: scaled to 300, a square of 2 by 1.5 becomes 15 by 15.
    boxes = [
        Box("1", bolt.id, 0, 0, 2, 1.5),
        Box("2", bolt.id, 0, 0, 20, 15),
    ]
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        boxes.append(Box("3", nut.id, 0, 0, 20, 15))
        annotations.replace(session, image.id, boxes, 0, "op")
    with database.read() as session:
        found = small_boxes.of(session, project.id, 300, 512, 16.0)
        assert found == (
            ClassSizes(bolt.id, "bolt", images=1, boxes=2, small=1, small_at_larger=0),
            ClassSizes(nut.id, "nut", images=1, boxes=1, small=0, small_at_larger=0),
        )
        assert small_boxes.of(session, project.id, 300, 512, 14.0)[0].small == 0
    with database.write() as session:
        images.change(session, image.id, split="test")
    with database.read() as session:
        assert small_boxes.of(session, project.id, 300, 512, 16.0) == (), "nothing is learnt from it"
