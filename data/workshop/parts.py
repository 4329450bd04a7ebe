"""The things on the bench: nuts, bolts and washers in standard sizes, and what else lies about."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

from data.workshop.mesh import Mesh, Ring, Vector, circle, helix, hexagon, loft, sweep

#: Metric sizes: thread diameter → (pitch, across flats, nut height, head height, washer hole, washer outside,
#: washer thickness), all in millimetres, after ISO 4017, 4032 and 7089.
METRIC = {
    4: (0.7, 7.0, 3.2, 2.8, 4.3, 9.0, 0.8),
    5: (0.8, 8.0, 4.7, 3.5, 5.3, 10.0, 1.0),
    6: (1.0, 10.0, 5.2, 4.0, 6.4, 12.0, 1.6),
    8: (1.25, 13.0, 6.8, 5.3, 8.4, 16.0, 1.6),
    10: (1.5, 16.0, 8.4, 6.4, 10.5, 20.0, 2.0),
    12: (1.75, 18.0, 10.8, 7.5, 13.0, 24.0, 2.5),
}

_SLOPE = math.tan(math.radians(30))


@lru_cache(maxsize=48)
def nut(size: int, kind: str, count: int) -> Mesh:
    """Return a nut lying flat on z = 0, its axis upright.

    Args:
        size: a key of `METRIC`.
        kind: ``plain``, ``thin``, ``lock`` (with a nylon ring, surface 1) or ``flange``.
        count: points around, a multiple of 12.
    """
    pitch, flats, height, *_ = METRIC[size]
    height = height * 0.6 if kind == "thin" else height
    bore, land = size / 2, flats * 0.475
    rings = [
        circle(bore, 0.0, count),
        circle(land, 0.0, count),
        hexagon(flats, (flats / 2 - land) * _SLOPE, count, -_SLOPE, 0.6),
    ]
    if kind == "flange":
        rings = [
            circle(bore, 0.0, count),
            circle(flats * 0.72, 0.0, count),
            circle(flats * 0.72, height * 0.1, count, 0.6),
            circle(flats * 0.7, height * 0.14, count, 0.9),
            hexagon(flats, height * 0.3, count, 0.0, 0.7),
        ]
    for share, openness in ((0.25, 0.62), (0.55, 0.82), (0.8, 0.95)):
        rings.append(hexagon(flats, max(height * share, height * 0.31), count, 0.0, openness))
    rings.append(hexagon(flats, height - (flats / 2 - land) * _SLOPE, count, _SLOPE))
    rings.append(circle(land, height, count))
    top = height
    if kind == "lock":
        top = height * 1.3
        rings += [
            circle(land * 0.9, height, count, 0.8),
            circle(land * 0.88, top - size * 0.05, count, 0.95),
            circle(land * 0.82, top, count),
            circle(land * 0.76, top, count),
            circle(land * 0.74, top - size * 0.04, count, 0.6),
            circle(bore * 0.97, top - size * 0.04, count, 0.95, 1),
            circle(bore * 0.95, top - size * 0.25, count, 0.6, 1),
        ]
        top -= size * 0.25
    else:
        rings += [circle(bore * 1.1, height, count), circle(bore * 0.96, height - bore * 0.16, count, 0.85)]
        top -= bore * 0.16
    rings += _bore(bore, top, pitch, count)
    return loft(rings)


def _bore(bore: float, top: float, pitch: float, count: int) -> list[Ring]:
    """Return the rings of a threaded hole from its top down to z = 0, darker the deeper."""
    rings = []
    turns = max(2, min(6, int(top / pitch)))
    step = top / turns
    for turn in range(turns):
        open_here = 0.75 * (1 - turn / turns) ** 1.3 + 0.16
        z = top - step * turn
        rings.append(helix(bore * 0.86, max(0.0, z - step * 0.3), step * 0.8, count, open_here))
        rings.append(helix(bore * 0.98, max(0.0, z - step * 0.8), step * 0.8, count, open_here * 0.55))
    rings.append(circle(bore, 0.0, count, 0.12))
    return rings


@lru_cache(maxsize=64)
def bolt(size: int, length: int, kind: str, count: int, around: int, threaded: bool = True) -> Mesh:
    """Return a bolt along z: its head below z = 0, the shank above.

    Args:
        size: a key of `METRIC`.
        length: of the shank in millimetres.
        kind: ``hex``, ``flange`` or ``socket`` (a round head with a hexagonal recess).
        count: points around the head, a multiple of 12.
        around: points around the thread.
        threaded: cut the thread; without it the bolt is good enough to cast a shadow.
    """
    pitch, flats, _, head, *_ = METRIC[size]
    if kind == "socket":
        cap = _socket_head(size, count)
    else:
        land = flats * 0.475
        bevelled = -head + (flats / 2 - land) * _SLOPE
        rings = [
            circle(0.0, -head + head * 0.06, count),
            circle(land * 0.5, -head + head * 0.06, count),
            circle(land * 0.9, -head + head * 0.05, count),
            circle(land * 0.93, -head, count, 0.9),
            circle(land, -head, count),
            hexagon(flats, bevelled, count, -_SLOPE),
        ]
        if kind == "flange":
            rings += [
                hexagon(flats, -head * 0.4, count, 0.0, 0.95),
                circle(flats * 0.7, -head * 0.16, count, 0.8),
                circle(flats * 0.72, -head * 0.1, count),
                circle(flats * 0.72, 0.0, count),
            ]
        else:
            rings += [hexagon(flats, -head * 0.5, count), hexagon(flats, 0.0, count)]
        rings.append(circle(size / 2, 0.0, count, 0.6))
        cap = loft(rings)
    return _shank(cap, size, length, pitch, around, threaded)


def _socket_head(size: int, count: int) -> Mesh:
    """Return the round head of a socket cap screw below z = 0, its recess open downwards."""
    head, radius, key = size * 1.0, size * 0.76, size * 0.8
    rings = [
        circle(0.0, -head * 0.45, count, 0.25),
        hexagon(key, -head * 0.45, count, 0.0, 0.25),
        hexagon(key, -head * 0.7, count, 0.0, 0.4),
        hexagon(key, -head * 0.96, count, 0.0, 0.75),
        hexagon(key * 1.06, -head, count, 0.0, 1.0),
        circle(radius * 0.9, -head, count),
        circle(radius * 0.97, -head * 0.97, count),
        circle(radius, -head * 0.9, count),
        circle(radius, -head * 0.45, count, 0.95),
        circle(radius, -head * 0.06, count, 0.95),
        circle(radius * 0.96, 0.0, count, 0.9),
        circle(size / 2, 0.0, count, 0.55),
    ]
    return loft(rings)


def _shank(cap: Mesh, size: int, length: int, pitch: float, around: int, threaded: bool) -> Mesh:
    """Return a head with its shank from z = 0 to z = length: a plain neck, the thread and a chamfered end."""
    radius = size / 2
    neck = length * 0.3 if length > 3.2 * size else pitch * 0.8
    end = length - pitch * 0.9
    turns = max(3, min(17, round((end - neck) / pitch))) if threaded else 0
    step = (end - neck) / max(1, turns)
    smooth = around * 2 if threaded else around
    plain = loft(
        [
            circle(radius, 0.0, smooth),
            circle(radius, min(neck * 0.4, radius * 0.5), smooth, 0.6),
            circle(radius, neck, smooth),
        ],
        cap,
    )
    rings = [circle(radius, neck, around)]
    for turn in range(turns):
        z = neck + step * turn
        root = helix(radius * 0.86, z + step * 0.5, step, around, 0.5)
        crest = helix(radius, z + step, step, around, 0.95)
        if around > 20:
            root_before = helix(radius * 0.86, z + step * 0.4, step, around, 0.62)
            crest_before = helix(radius, z + step * 0.9, step, around, 0.9)
            rings += [root_before, root, crest_before, crest]
        else:
            rings += [root, crest]
    rings += [
        circle(radius * 0.9, min(end + step * 0.5, length - 0.05), around, 0.8),
        circle(radius * 0.74, length, around),
        circle(0.0, length, around),
    ]
    return loft(rings, plain)


@lru_cache(maxsize=48)
def washer(size: int, kind: str, count: int) -> Mesh:
    """Return a washer lying flat on z = 0.

    Args:
        size: a key of `METRIC`.
        kind: ``plain``, ``wide`` (three times the hole) or ``spring`` (split and sprung).
        count: points around.
    """
    *_, hole, outside, thick = METRIC[size]
    if kind == "spring":
        return _spring(hole / 2, hole / 2 + size * 0.28, size * 0.24, count)
    outer = hole * 1.45 if kind == "wide" else outside / 2
    inner, edge = hole / 2, thick * 0.16
    return loft(
        [
            circle(inner, 0.0, count),
            circle(outer - edge, 0.0, count),
            circle(outer, edge, count, 0.5),
            circle(outer, thick - edge, count, 0.8),
            circle(outer - edge * 1.6, thick, count),
            circle(inner + edge * 1.4, thick, count),
            circle(inner, thick - edge, count),
            circle(inner, thick * 0.5, count, 0.65),
            circle(inner, 0.0, count, 0.35),
        ]
    )


def _spring(inner: float, outer: float, thick: float, count: int) -> Mesh:
    """Return a split ring whose ends stand apart by most of its thickness."""
    rings = []
    gap = 0.16
    bevel = thick * 0.15
    profile = (
        (inner, bevel),
        (inner + bevel, 0.0),
        (outer - bevel, 0.0),
        (outer, bevel),
        (outer, thick - bevel),
        (outer - bevel, thick),
        (inner + bevel, thick),
        (inner, thick - bevel),
    )
    for j in range(count + 1):
        share = j / count
        angle = gap + share * (2 * math.pi - 2 * gap)
        lift = share * thick * 0.7
        points: list[Vector] = [
            (r * math.cos(angle), r * math.sin(angle), z + lift) for r, z in reversed(profile)
        ]
        if j == 0:
            rings.append(Ring((points[0],) * len(points)))
        rings.append(Ring(tuple(points), 0.9))
        if j == count:
            rings.append(Ring((points[0],) * len(points)))
    return loft(rings)


@lru_cache(maxsize=64)
def blank(flats: float, hole: float, height: float, hexagonal: bool) -> Mesh:
    """Return a bare ring or hexagonal nut on z = 0, good enough to cast a shadow."""
    count = 12 if hexagonal else 20
    wide = [hexagon(flats, z, count) if hexagonal else circle(flats / 2, z, count) for z in (0.0, height)]
    narrow = [circle(hole / 2, z, count) for z in (height, 0.0)]
    return loft([narrow[1], *wide, *narrow])


def slab(width: float, length: float, thick: float) -> Mesh:
    """Return a flat box about the z axis on z = 0, of a phone's shape."""
    x, y = width / 2, length / 2
    corners = ((-x, -y), (x, -y), (x, y), (-x, y))
    low, high = (Ring(tuple((u, v, z) for u, v in corners)) for z in (0.0, thick))
    under, over = (Ring(((0.0, 0.0, z),) * 4) for z in (0.0, thick))
    return loft([under, low, high, over])


def coin(radius: float) -> Mesh:
    """Return a coin: a disc with a raised rim and a worn relief, without a hole."""
    count = 48
    thick = radius * 0.16
    return loft(
        [
            circle(radius, 0.0, count),
            circle(radius, thick * 0.9, count, 0.8),
            circle(radius * 0.97, thick, count),
            circle(radius * 0.9, thick, count),
            circle(radius * 0.87, thick * 0.85, count, 0.8),
            circle(radius * 0.55, thick * 0.85, count),
            circle(radius * 0.42, thick * 0.95, count),
            circle(radius * 0.18, thick * 0.92, count),
            circle(0.0, thick * 0.95, count),
        ]
    )


def pencil(length: float) -> Mesh:
    """Return a sharpened pencil along z: paint is surface 0, wood 1, lead 2."""
    count = 24
    wide = 7.2
    return loft(
        [
            circle(0.0, 0.0, count, 1.0, 2),
            circle(1.1, 0.0, count, 1.0, 2),
            hexagon(wide, 0.0, count, 0.0, 1.0, 1),
            hexagon(wide, length * 0.5, count, 0.0),
            hexagon(wide, length, count, 4.0),
            circle(1.3, length + 15.0, count, 1.0, 1),
            circle(0.3, length + 20.0, count, 1.0, 2),
            circle(0.0, length + 20.0, count, 1.0, 2),
        ]
    )


def hex_key(size: float) -> Mesh:
    """Return an L-shaped hexagon key lying on the bench."""
    long, short, bend = size * 18, size * 6, size * 1.6
    z = size * 0.5
    path: list[Vector] = [(0.0, -long, z), (0.0, -long * 0.5, z)]
    for step in range(7):
        angle = step / 6 * math.pi / 2
        path.append((bend - bend * math.cos(angle), bend * math.sin(angle), z))
    path.append((short, bend, z))
    return sweep(path, size * 0.577, 6, flat=True)


def cable(rng: Random, reach: float) -> Mesh:
    """Return an insulated cable that winds across the bench, longer than the view."""
    radius = rng.uniform(1.4, 2.6)
    a, b = rng.uniform(0.2, 0.5) * reach, rng.uniform(0.08, 0.2) * reach
    p, q = rng.uniform(0, 6.28), rng.uniform(0, 6.28)
    path: list[Vector] = []
    for step in range(49):
        t = step / 48 * 2 - 1
        across = a * math.sin(t * 2.2 + p) + b * math.sin(t * 5.1 + q)
        path.append((t * reach, across, radius))
    return sweep(path, radius, 12)
