"""Solid shapes: closed, facing outward, of the volume they should have."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.workshop import parts
from data.workshop.mesh import Mesh, apply, circle, cross, loft, product, rotation, unit

angles = st.floats(-7, 7)


def volume(mesh: Mesh) -> float:
    """By the divergence theorem: right only if every facet looks outward and none is missing."""
    total = 0.0
    for face in mesh.faces:
        a, b, c, d = (mesh.vertices[i] for i in face.corners)
        for p, q, r in ((a, b, c), (a, c, d)):
            n = cross(q, r)
            total += (p[0] * n[0] + p[1] * n[1] + p[2] * n[2]) / 6
    return total


def openings(mesh: Mesh) -> int:
    """Count edges that belong to one facet only, by place."""
    edges: dict[tuple[object, object], int] = {}
    places = [tuple(round(value, 5) + 0.0 for value in vertex) for vertex in mesh.vertices]
    for face in mesh.faces:
        loop = [places[i] for i in face.corners]
        for start, end in zip(loop, loop[1:] + loop[:1], strict=True):
            if start != end:
                edges[(start, end)] = edges.get((start, end), 0) + 1
                edges[(end, start)] = edges.get((end, start), 0) - 1
    return sum(count != 0 for count in edges.values())


def test_a_lofted_cylinder_has_its_volume() -> None:
    mesh = loft([circle(0, 0, 96), circle(2, 0, 96), circle(2, 5, 96), circle(0, 5, 96)])
    assert volume(mesh) == pytest.approx(math.pi * 4 * 5, rel=2e-3)


def test_a_washer_has_the_volume_of_its_ring() -> None:
    assert volume(parts.washer(8, "plain", 96)) == pytest.approx(math.pi * (8**2 - 4.2**2) * 1.6, rel=0.04)


def test_a_nut_has_the_volume_of_its_prism_less_the_hole() -> None:
    prism = 13**2 * math.sqrt(3) / 2 * 6.8
    assert 0.9 * (prism - math.pi * 16 * 6.8) < volume(parts.nut(8, "plain", 48)) < prism - math.pi * 9 * 6.8


def test_a_bolt_has_at_least_the_volume_of_its_core() -> None:
    core = math.pi * 3.2**2 * 30
    assert core < volume(parts.bolt(8, 30, "hex", 48, 32)) < math.pi * 4**2 * 30 + 13**2 * 0.87 * 5.3


@pytest.mark.parametrize("kind", ["plain", "thin", "lock", "flange"])
def test_nuts_have_no_openings(kind: str) -> None:
    assert openings(parts.nut(6, kind, 24)) == 0


@pytest.mark.parametrize("kind", ["plain", "wide", "spring"])
def test_washers_have_no_openings(kind: str) -> None:
    assert openings(parts.washer(6, kind, 24)) == 0


def test_things_that_are_no_parts_face_outward() -> None:
    for mesh in (parts.coin(10), parts.pencil(100), parts.hex_key(3), parts.slab(70, 150, 8)):
        assert volume(mesh) > 0


@given(angles, angles)
def test_rotations_about_one_axis_add_up(first: float, second: float) -> None:
    axis = unit((1.0, 2.0, -0.5))
    both = product(rotation(axis, first), rotation(axis, second))
    point = (0.3, -1.2, 2.0)
    assert apply(both, point) == pytest.approx(apply(rotation(axis, first + second), point), abs=1e-9)


def test_a_quarter_turn_about_the_vertical_takes_right_to_away() -> None:
    assert apply(rotation((0.0, 0.0, 1.0), math.pi / 2), (1.0, 0.0, 0.0)) == pytest.approx((0.0, 1.0, 0.0))
