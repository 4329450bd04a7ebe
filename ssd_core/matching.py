"""Which default box is responsible for which object (SSD paper, section 2.2, "Matching strategy")."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from ssd_core.box_coding import areas, encode, intersections, iou_matrix
from ssd_core.boxes import change_box_format
from ssd_core.default_boxes import DefaultBoxes
from ssd_core.errors import InvalidConfig
from ssd_core.views import NOTHING

#: Target class of default boxes that neither attract nor repel: they lie on something marked "ignore".
IGNORED = -1
BACKGROUND = 0
#: Target class of default boxes where a person said that there is nothing: background that always teaches.
CERTAIN_BACKGROUND = -2

#: A default box of which this part lies on an ignored object is left out.
_IGNORED_PART = 0.5


class LabelEncoder:
    """Turns an image's boxes into a target for every default box.

    First every object takes a default box of its own: of all pairs the one with the largest IoU is joined,
    both leave, and so on until no object is left ("bipartite", as the paper's code). Then each default box
    still free goes to the object that it overlaps most, if the IoU reaches the threshold. Of those that are
    left, the ones that overlap as much with a place where there is nothing are background for certain.

    Args:
        default_boxes: :class:`DefaultBoxes`, or float [A, 4], cxcywh in pixels of the network's input.
        iou_threshold: IoU from which a default box counts as the object.
        variances: what centre and size offsets are divided by.

    Raises:
        InvalidConfig: the threshold is not in 0..1 or the default boxes are not [A, 4].
    """

    def __init__(
        self,
        default_boxes: DefaultBoxes | ArrayLike,
        iou_threshold: float = 0.5,
        variances: tuple[float, float] = (0.1, 0.2),
    ) -> None:
        if not 0 < iou_threshold <= 1:
            raise InvalidConfig(f"iou_threshold is {iou_threshold}, but must be above 0 and at most 1.")
        given = default_boxes.boxes if isinstance(default_boxes, DefaultBoxes) else default_boxes
        self._cxcywh = np.asarray(given, np.float32)
        if self._cxcywh.ndim != 2 or self._cxcywh.shape[1] != 4 or not len(self._cxcywh):
            raise InvalidConfig(f"default_boxes must be [A, 4], not {list(self._cxcywh.shape)}.")
        self._xyxy = change_box_format(self._cxcywh, "xyxy")
        self._iou_threshold = iou_threshold
        self._variances = variances

    def encode(self, boxes_xyxy: Any, class_ids: Any, ignore: Any | None = None) -> tuple[Any, Any]:
        """Give every default box its target.

        Args:
            boxes_xyxy: float [G, 4], pixels of the network's input; rows without an area are padding.
            class_ids: int [G], 0-based without the background; :data:`~ssd_core.views.NOTHING` for places
                where there is nothing; other negative ones are padding.
            ignore: bool [G]; objects that are neither to be found nor to be called background. None: none.

        Returns:
            offsets float32 [A, 4] (zeros where there is no object) and classes int32 [A]: index + 1 of an
            object, :data:`BACKGROUND`, :data:`CERTAIN_BACKGROUND` or :data:`IGNORED`.
        """
        boxes = tf.reshape(tf.cast(boxes_xyxy, tf.float32), [-1, 4])
        ids = tf.cast(tf.reshape(class_ids, [-1]), tf.int32)
        ignored = (
            tf.zeros_like(ids, tf.bool) if ignore is None else tf.cast(tf.reshape(ignore, [-1]), tf.bool)
        )
        real = (ids >= 0) & (areas(boxes) > 0)
        empty_places = tf.boolean_mask(boxes, tf.equal(ids, NOTHING))
        objects = tf.boolean_mask(boxes, real & ~ignored)
        object_ids = tf.boolean_mask(ids, real & ~ignored)
        owner = self._owners(objects)
        matched = owner >= 0
        # Row 0 stands for "no object", so that gathering needs no condition.
        own_class = tf.gather(tf.concat([[BACKGROUND], object_ids + 1], 0), owner + 1)
        nowhere = self._on_ignored(tf.boolean_mask(boxes, real & ignored))
        classes = tf.where(~matched & nowhere, IGNORED, own_class)
        certain = tf.equal(classes, BACKGROUND) & self._overlaps(empty_places)
        classes = tf.where(certain, CERTAIN_BACKGROUND, classes)
        padded = tf.concat([tf.zeros([1, 4]), objects], 0)
        targets = tf.where(matched[:, None], tf.gather(padded, owner + 1), self._xyxy)
        offsets = tf.where(matched[:, None], encode(targets, tf.constant(self._cxcywh), self._variances), 0.0)
        return offsets, classes

    def _owners(self, objects_xyxy: Any) -> Any:
        """The object of each default box, or -1: int32 [A]."""
        # A last row without area keeps arg-max defined when there are no objects; it overlaps with nothing.
        iou = iou_matrix(tf.concat([objects_xyxy, tf.zeros([1, 4])], 0), tf.constant(self._xyxy))
        best_object = tf.argmax(iou, axis=0, output_type=tf.int32)
        owner = tf.where(tf.reduce_max(iou, axis=0) >= self._iou_threshold, best_object, -1)
        own_box = _bipartite(iou)
        has_own = own_box >= 0
        return tf.tensor_scatter_nd_update(
            owner,
            tf.boolean_mask(own_box, has_own)[:, None],
            tf.boolean_mask(tf.range(tf.shape(own_box)[0]), has_own),
        )

    def _overlaps(self, places_xyxy: Any) -> Any:
        """Whether each default box overlaps a place as much as it would have to with an object: bool [A]."""
        iou = iou_matrix(places_xyxy, tf.constant(self._xyxy))
        return tf.reduce_any(iou >= self._iou_threshold, axis=0)

    def _on_ignored(self, ignored_xyxy: Any) -> Any:
        """Whether each default box lies on an ignored object: bool [A]."""
        defaults = tf.constant(self._xyxy)
        part = tf.math.divide_no_nan(intersections(ignored_xyxy, defaults), areas(defaults)[None])
        return tf.reduce_any(part >= _IGNORED_PART, axis=0)


def _bipartite(iou: Any) -> Any:
    """Greedy one-to-one assignment, largest IoU first.

    A pair whose partners both prefer each other to everyone left is one that the greedy order would come to,
    so each round joins all such pairs at once; a handful of rounds replaces one step per object.

    Args:
        iou: float32 [G, A].

    Returns:
        int32 [G]: the default box of each object, or -1 where none is left that it touches.
    """
    count, boxes = tf.shape(iou)[0], tf.shape(iou)[1]

    def join_mutual(left: Any, rows: Any, own_box: Any) -> tuple[Any, Any, Any]:
        nearest = tf.argmax(left, axis=1, output_type=tf.int32)
        suitor = tf.argmax(left, axis=0, output_type=tf.int32)
        touches = tf.gather(left, nearest, batch_dims=1) > 0
        mutual = (tf.gather(suitor, nearest) == tf.range(tf.size(rows))) & touches
        joined = tf.boolean_mask(nearest, mutual)[:, None]
        own_box = tf.tensor_scatter_nd_update(own_box, tf.boolean_mask(rows, mutual)[:, None], joined[:, 0])
        gone = tf.scatter_nd(joined, tf.ones_like(joined[:, 0]), boxes[None]) > 0
        # Of those left over some two always prefer each other, so the loop ends.
        waiting = touches & ~mutual
        return (
            tf.where(gone[None], -1.0, tf.boolean_mask(left, waiting)),
            tf.boolean_mask(rows, waiting),
            own_box,
        )

    _, _, own_box = tf.while_loop(
        lambda left, rows, own_box: tf.size(rows) > 0,
        join_mutual,
        (iou, tf.range(count), tf.fill([count], -1)),
        shape_invariants=(
            tf.TensorShape([None, iou.shape[1]]),
            tf.TensorShape([None]),
            tf.TensorShape([None]),
        ),
    )
    return own_box
