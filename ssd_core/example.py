"""One labelled image as the detector learns from it and is judged by it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ssd_core.errors import InvalidExample
from ssd_core.preprocess import ImageSource, load_rgb


@dataclass(frozen=True, eq=False)
class Example:
    """An image, its boxes and their classes; checked when made, read-only afterwards.

    Args:
        name: how messages name the image.
        image: a path, the bytes of an image file, or uint8 pixels [height, width, 3] in RGB order.
        boxes_xyxy: float32 [N, 4]; pixels of the upright image, half-open, x0 < x1 and y0 < y1.
        class_ids: int64 [N]; 0-based into the classes without the background.
        ignore: bool [N]; True for difficult and crowd boxes, which neither teach nor count. Left out: none.
        negative_boxes_xyxy: float32 [M, 4]; where a person said that there is nothing, such as suggestions
            that were rejected. They teach, and measure nothing. Left out: none.

    Any array-like is taken and copied, so the caller's arrays stay free.

    Raises:
        InvalidExample: a shape that does not fit, or a box that is degenerate, not finite or off the image;
            the message names the image and the index of the box.
    """

    name: str
    image: ImageSource = field(repr=False)
    boxes_xyxy: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    class_ids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    ignore: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    negative_boxes_xyxy: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))

    def __post_init__(self) -> None:
        boxes = self._boxes("boxes_xyxy", self.boxes_xyxy)
        negatives = self._boxes("negative_boxes_xyxy", self.negative_boxes_xyxy)
        count = len(boxes)
        class_ids = self._whole_numbers(self.class_ids)
        ignore = self._array("ignore", self.ignore, np.bool_)
        ignore = np.zeros(count, np.bool_) if ignore.size == 0 else ignore
        for field_name, array in (("class_ids", class_ids), ("ignore", ignore)):
            if array.shape != (count,):
                raise InvalidExample(
                    f"Image {self.name!r} has {count} boxes, so {field_name} must be [{count}], "
                    f"not {list(array.shape)}."
                )
        for array in (boxes, class_ids, ignore, negatives):
            array.flags.writeable = False
        object.__setattr__(self, "boxes_xyxy", boxes)
        object.__setattr__(self, "class_ids", class_ids)
        object.__setattr__(self, "ignore", ignore)
        object.__setattr__(self, "negative_boxes_xyxy", negatives)
        self._check_boxes()
        if isinstance(self.image, np.ndarray):
            self.check_inside((self.image.shape[0], self.image.shape[1]))

    def load(self) -> NDArray[np.uint8]:
        """Decode the image and check that every box lies on it.

        Returns:
            uint8 [height, width, 3], RGB, upright.

        Raises:
            InvalidExample: the image cannot be decoded, or a box reaches outside it; names the image.
        """
        try:
            rgb = load_rgb(self.image)
        except InvalidExample as fault:
            raise InvalidExample(f"Image {self.name!r}: {fault}") from fault
        self.check_inside((rgb.shape[0], rgb.shape[1]))
        return rgb

    def check_inside(self, image_size_hw: tuple[int, int]) -> None:
        """Check the boxes against the size of the image, known once it is decoded.

        Args:
            image_size_hw: (height, width) in pixels.

        Raises:
            InvalidExample: a box reaches outside the image; the message names both.
        """
        height, width = image_size_hw
        limits = np.array([width, height, width, height], np.float32)
        for kind, boxes in self._kinds():
            outside = ((boxes < 0) | (boxes > limits)).any(axis=1)
            if outside.any():
                index = int(outside.argmax())
                raise InvalidExample(
                    f"Image {self.name!r}: {kind} {index} {boxes[index].tolist()} reaches outside the "
                    f"{width}×{height} image; clip it to the image or remove it."
                )

    def _kinds(self) -> tuple[tuple[str, NDArray[np.float32]], ...]:
        return ("box", self.boxes_xyxy), ("negative box", self.negative_boxes_xyxy)

    def _check_boxes(self) -> None:
        for kind, boxes in self._kinds():
            for index, box in enumerate(boxes):
                what = f"Image {self.name!r}: {kind} {index} {box.tolist()}"
                if not np.isfinite(box).all():
                    raise InvalidExample(f"{what} has a coordinate that is not a finite number; remove it.")
                if not (box[0] < box[2] and box[1] < box[3]):
                    raise InvalidExample(
                        f"{what} has no area: x0 < x1 and y0 < y1 must hold; redraw or remove it."
                    )
        for index, class_id in enumerate(self.class_ids):
            if class_id < 0:
                raise InvalidExample(
                    f"Image {self.name!r}: box {index} {self.boxes_xyxy[index].tolist()} has class index "
                    f"{class_id}; indices start at 0, without background."
                )

    def _boxes(self, field_name: str, values: ArrayLike) -> NDArray[np.float32]:
        boxes: NDArray[np.float32] = self._array(field_name, values, np.float32)
        boxes = boxes.reshape(0, 4) if boxes.size == 0 else boxes
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise InvalidExample(
                f"Image {self.name!r}: {field_name} must be [N, 4] (x0, y0, x1, y1), not {list(boxes.shape)}."
            )
        return boxes

    def _array(self, field_name: str, values: ArrayLike, dtype: type[np.generic]) -> NDArray:
        try:
            return np.array(values, dtype=dtype)
        except (TypeError, ValueError) as fault:
            raise InvalidExample(
                f"Image {self.name!r}: {field_name} cannot become a {dtype.__name__} array: {fault}."
            ) from fault

    def _whole_numbers(self, values: ArrayLike) -> NDArray[np.int64]:
        given = self._array("class_ids", values, np.float64)
        if not (np.isfinite(given).all() and (given == np.round(given)).all()):
            raise InvalidExample(
                f"Image {self.name!r}: class_ids must be whole numbers, not {given.tolist()}."
            )
        return given.astype(np.int64)
