"""The camera: points and pixels belong together, parts are painted where they are, shadows fall away."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.workshop import parts
from data.workshop.camera import Camera, Thing, cast, coverage, paint, shadow
from data.workshop.light import METALS, lighting
from data.workshop.mesh import Matrix, Mesh, apply, rotation

STILL: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
#: Straight down from so far that a millimetre is four pixels everywhere.
ABOVE = Camera((400, 300), 100.0, 0.0, 1e5)

tilts = st.floats(0, 0.8)
pixels = st.tuples(st.floats(0, 640), st.floats(0, 480))


def thing(mesh: Mesh, x: float = 0.0, y: float = 0.0, turn: Matrix = STILL) -> Thing:
    return Thing(mesh, mesh, turn, (x, y, 0.0), (METALS[0],), "washer", 0.0)


@given(tilts, pixels)
def test_the_ground_under_a_pixel_falls_on_that_pixel(tilt: float, pixel: tuple[float, float]) -> None:
    camera = Camera((640, 480), 150.0, tilt, 220.0)
    x, y = camera.ground(*pixel)
    right, up, near = apply(camera.turn, (x, y, 0.0))
    scale = camera.focal / (camera.distance - near)
    assert (320 + right * scale, 240 - up * scale) == pytest.approx(pixel, abs=1e-6)


@given(tilts, pixels, st.floats(-3, 3))
def test_a_texture_lies_on_the_ground(tilt: float, pixel: tuple[float, float], angle: float) -> None:
    camera = Camera((640, 480), 150.0, tilt, 220.0)
    a, b, c, d, e, f, g, h = camera.ground_transform(angle, 4.0, (500.0, 300.0))
    px, py = pixel
    below = g * px + h * py + 1
    x, y = camera.ground(px, py)
    along = 4 * (math.cos(angle) * x - math.sin(angle) * y) + 500
    across = 4 * (-math.sin(angle) * x - math.cos(angle) * y) + 300
    assert ((a * px + b * py + c) / below, (d * px + e * py + f) / below) == pytest.approx((along, across))


def test_a_washer_seen_from_above_is_painted_to_scale() -> None:
    layer = paint(thing(parts.washer(8, "plain", 72), 10.0, 5.0), ABOVE)
    assert layer is not None
    x0, y0, x1, y1 = layer.mask.point([255 * (level > 127) for level in range(256)]).getbbox() or (0,) * 4
    left, top = layer.corner
    # 16 mm across at 4 pixels each about (240, 130).
    assert (x0 + left, y0 + top, x1 + left, y1 + top) == pytest.approx((208, 98, 272, 162), abs=1)
    assert layer.whole == pytest.approx(math.pi * (8**2 - 4.2**2) * 16, rel=0.05)


def test_the_bench_shows_through_the_hole() -> None:
    layer = paint(thing(parts.washer(12, "plain", 72)), ABOVE)
    assert layer is not None
    assert layer.mask.getpixel((layer.mask.width // 2, layer.mask.height // 2)) == 0


def test_a_face_that_looks_up_is_painted_looking_at_the_camera() -> None:
    layer = paint(thing(parts.slab(20, 10, 2)), ABOVE)
    assert layer is not None
    assert layer.normals.getpixel((layer.normals.width // 2, layer.normals.height // 2)) == (
        128,
        128,
        255,
        255,
    )


def test_a_part_outside_the_picture_is_not_painted() -> None:
    assert paint(thing(parts.coin(5), 90.0), ABOVE) is None


def test_what_the_edge_cuts_off_counts_in_the_whole() -> None:
    inside = paint(thing(parts.coin(10)), ABOVE)
    cut = paint(thing(parts.coin(10), 50.0), ABOVE)
    assert inside is not None
    assert cut is not None
    assert coverage(cut.mask) == pytest.approx(coverage(inside.mask) / 2, rel=0.05)
    assert cut.whole == pytest.approx(inside.whole, rel=0.05)


def test_a_shadow_falls_away_from_the_light() -> None:
    standing = thing(parts.bolt(8, 20, "hex", 24, 16))
    mask = cast([standing], ABOVE, (0.7, 0.0, 0.7), 0.0, 1)
    x0, _, x1, _ = mask.getbbox() or (0,) * 4
    assert x0 < 200 - 20 * 4 + 8
    assert x1 < 200 + 8 * 4


def test_a_shadow_is_soft_and_darkest_at_its_foot() -> None:
    light = lighting(Random(4), (0.2, 0.2, 0.2))
    tall = thing(parts.bolt(8, 30, "hex", 24, 16), turn=rotation((0.0, 0.0, 1.0), 0.3))
    mask = shadow([tall], ABOVE, light, 0.0, 1)
    assert mask.getpixel((200, 150)) > 230  # type: ignore[operator]
    assert len({level for level, count in enumerate(mask.histogram()) if count > 20}) > 5
