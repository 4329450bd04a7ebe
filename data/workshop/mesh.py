"""Solid shapes: lofted meshes in millimetres, small enough for a painter's algorithm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]


class Face(NamedTuple):
    """A flat facet.

    ``corners`` index the mesh's vertices (two may coincide), counter-clockwise seen from outside; ``normal``
    is the outward unit normal; ``openness`` in 0..1 says how much of the surroundings the facet sees;
    ``surface`` picks a material.
    """

    corners: tuple[int, int, int, int]
    normal: Vector
    openness: float
    surface: int


@dataclass(frozen=True, slots=True)
class Mesh:
    """Vertices in millimetres and the facets between them."""

    vertices: tuple[Vector, ...]
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed loop of points; openness and surface belong to the band that ends at it."""

    points: tuple[Vector, ...]
    openness: float = 1.0
    surface: int = 0


def cross(a: Vector, b: Vector) -> Vector:
    """Return the cross product a × b."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def unit(a: Vector) -> Vector:
    """Return the vector scaled to length one; the zero vector stays as it is."""
    length = math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    return (a[0] / length, a[1] / length, a[2] / length) if length > 1e-12 else a


def apply(m: Matrix, a: Vector) -> Vector:
    """Return the matrix-vector product m · a."""
    return (
        m[0][0] * a[0] + m[0][1] * a[1] + m[0][2] * a[2],
        m[1][0] * a[0] + m[1][1] * a[1] + m[1][2] * a[2],
        m[2][0] * a[0] + m[2][1] * a[1] + m[2][2] * a[2],
    )


def product(a: Matrix, b: Matrix) -> Matrix:
    """Return the matrix product a · b."""
    columns = [apply(a, (b[0][k], b[1][k], b[2][k])) for k in range(3)]
    return (
        (columns[0][0], columns[1][0], columns[2][0]),
        (columns[0][1], columns[1][1], columns[2][1]),
        (columns[0][2], columns[1][2], columns[2][2]),
    )


def rotation(axis: Vector, angle: float) -> Matrix:
    """Return the rotation by an angle in radians about a unit axis (Rodrigues)."""
    x, y, z = axis
    c, s = math.cos(angle), math.sin(angle)
    k = 1 - c
    return (
        (c + x * x * k, x * y * k - z * s, x * z * k + y * s),
        (y * x * k + z * s, c + y * y * k, y * z * k - x * s),
        (z * x * k - y * s, z * y * k + x * s, c + z * z * k),
    )


def loft(rings: Sequence[Ring], upon: Mesh | None = None) -> Mesh:
    """Stretch a skin over successive rings of equally many points.

    Facets look outward when the points of each ring run counter-clockwise seen against the direction in which
    the rings climb. The result holds the mesh ``upon`` too, if one is given.
    """
    vertices = list(upon.vertices) if upon else []
    faces = list(upon.faces) if upon else []
    start = len(vertices)
    vertices.extend(point for ring in rings for point in ring.points)
    count = len(rings[0].points)
    for band in range(1, len(rings)):
        low, high = start + (band - 1) * count, start + band * count
        ring = rings[band]
        for j in range(count):
            k = (j + 1) % count
            corners = (low + j, low + k, high + k, high + j)
            ax, ay, az = vertices[low + j]
            bx, by, bz = vertices[low + k]
            cx, cy, cz = vertices[high + k]
            dx, dy, dz = vertices[high + j]
            # The cross product of the diagonals is right for triangles too, where two corners coincide.
            ux, uy, uz, vx, vy, vz = cx - ax, cy - ay, cz - az, dx - bx, dy - by, dz - bz
            nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
            size = math.sqrt(nx * nx + ny * ny + nz * nz)
            if size > 1e-9:
                faces.append(Face(corners, (nx / size, ny / size, nz / size), ring.openness, ring.surface))
    return Mesh(tuple(vertices), tuple(faces))


def circle(radius: float, z: float, count: int, openness: float = 1.0, surface: int = 0) -> Ring:
    """Return a round ring about the z axis at a height."""
    step = 2 * math.pi / count
    points = tuple((radius * math.cos(j * step), radius * math.sin(j * step), z) for j in range(count))
    return Ring(points, openness, surface)


def helix(radius: float, z: float, pitch: float, count: int, openness: float = 1.0, surface: int = 0) -> Ring:
    """Return one turn of a screw thread as a ring: it climbs by up to half a pitch and falls back.

    A true helix does not close; this one leans by one pitch from side to side, which is what an eye can see.
    """
    step = 2 * math.pi / count
    points = tuple(
        (radius * math.cos(j * step), radius * math.sin(j * step), z + pitch * 0.5 * math.sin(j * step))
        for j in range(count)
    )
    return Ring(points, openness, surface)


def hexagon(
    flats: float, z: float, count: int, bevel: float = 0.0, openness: float = 1.0, surface: int = 0
) -> Ring:
    """Return a hexagonal ring about the z axis.

    Args:
        flats: width across the flats, in millimetres.
        z: height of the middle of each flat.
        count: points in the ring, a multiple of 12 so that corners fall on points.
        bevel: slope by which corners drop (negative: rise) below the flats' middles, as a chamfer does.
        openness: see `Face`.
        surface: see `Face`.
    """
    step = 2 * math.pi / count
    points = []
    for j in range(count):
        angle = j * step
        off = (angle + math.pi / 6) % (math.pi / 3) - math.pi / 6
        radius = flats / 2 / math.cos(off)
        points.append((radius * math.cos(angle), radius * math.sin(angle), z - bevel * (radius - flats / 2)))
    return Ring(tuple(points), openness, surface)


def sweep(path: Sequence[Vector], radius: float, count: int, surface: int = 0, flat: bool = False) -> Mesh:
    """Draw a round (or, with ``flat`` and six points, hexagonal) bar along a path that keeps near the ground.

    Args:
        path: points in millimetres.
        radius: of the bar.
        count: points around it.
        surface: see `Face`.
        flat: close the ends with caps.
    """
    rings = []
    last = len(path) - 1
    for i, point in enumerate(path):
        before, after = path[max(0, i - 1)], path[min(last, i + 1)]
        along = unit((after[0] - before[0], after[1] - before[1], after[2] - before[2]))
        side = unit(cross((0.0, 0.0, 1.0), along))
        up = cross(along, side)
        loop = []
        for j in range(count):
            a = 2 * math.pi * (j + 0.5) / count
            u, v = radius * math.cos(a), radius * math.sin(a)
            loop.append(
                (
                    point[0] + side[0] * u + up[0] * v,
                    point[1] + side[1] * u + up[1] * v,
                    point[2] + side[2] * u + up[2] * v,
                )
            )
        if flat and i == 0:
            rings.append(Ring((point,) * count, 1.0, surface))
        rings.append(Ring(tuple(loop), 1.0, surface))
        if flat and i == last:
            rings.append(Ring((point,) * count, 1.0, surface))
    return loft(rings)
