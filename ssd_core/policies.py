"""How often training images are varied in which way: policies, by name.

No TensorFlow here, so that whoever offers the names need not import it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from ssd_core.errors import InvalidConfig

_MOST = ("zoom_out_most", "paste_most")


@dataclass(frozen=True)
class Policy:
    """How often each kind of variation happens.

    Attributes:
        flip: probability of mirroring left and right.
        colour: probability of changing brightness, contrast, saturation and hue, in random order.
        zoom_out: probability of placing the image on a larger grey canvas.
        zoom_out_most: the canvas's sides at most, in image sides.
        crop: probability of a crop that shows enough of some object.
        mosaic: probability of tiling the picture with parts of four images.
        paste: probability of pasting objects of other images at free places.
        paste_most: objects pasted at most.

    Raises:
        InvalidConfig: a field makes no sense; the message names it.
    """

    flip: float = 0.0
    colour: float = 0.0
    zoom_out: float = 0.0
    zoom_out_most: float = 3.0
    crop: float = 0.0
    mosaic: float = 0.0
    paste: float = 0.0
    paste_most: int = 3

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            good = value >= 1 if field.name in _MOST else 0 <= value <= 1
            if not good:
                wanted = "at least 1" if field.name in _MOST else "a probability between 0 and 1"
                raise InvalidConfig(f"{field.name} is {value}, but must be {wanted}.")

    @property
    def needs_others(self) -> bool:
        """Whether a variation may show parts of other images."""
        return self.mosaic > 0 or self.paste > 0


POLICIES: dict[str, Policy] = {
    "none": Policy(),
    "light": Policy(flip=0.5, colour=0.5),
    "standard": Policy(flip=0.5, colour=0.5, zoom_out=0.25, crop=0.5),
    "strong": Policy(flip=0.5, colour=0.7, zoom_out=0.4, crop=0.6, mosaic=0.3),
}


def policy_named(name: str) -> Policy:
    """The policy of that name.

    Raises:
        InvalidConfig: there is none.
    """
    if name not in POLICIES:
        raise InvalidConfig(f"There is no augmentation policy {name!r}: choose one of {', '.join(POLICIES)}.")
    return POLICIES[name]
