"""What lies where on the bench: parts chosen, turned, leaning on each other, and other things."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from data.workshop import parts
from data.workshop.camera import Camera, Thing
from data.workshop.light import COPPER, LEAD, METALS, NYLON_BLUE, NYLON_WHITE, PINE, Material, lacquer
from data.workshop.mesh import Matrix, Mesh, Vector, apply, product, rotation

#: Classes of the parts, in the order a newcomer sees them.
CLASSES = ("nut", "bolt", "washer")

_X: Vector = (1.0, 0.0, 0.0)
_Y: Vector = (0.0, 1.0, 0.0)
_UP: Vector = (0.0, 0.0, 1.0)
_STILL: Matrix = (_X, _Y, _UP)
_METAL_WEIGHTS = (5, 8, 5, 3, 5, 4, 5, 2, 2)
_SIZE_WEIGHTS = (2, 3, 4, 5, 4, 2)
_COATS = ((0.55, 0.05, 0.03), (0.02, 0.08, 0.32), (0.62, 0.36, 0.02), (0.03, 0.03, 0.03), (0.02, 0.2, 0.08))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part before it has a place.

    ``mesh`` builds it with so many points around. ``middle`` is the point of it that will stand ``lift``
    millimetres above its place once ``turn`` is applied; ``spots`` are the circles (x, y, radius) that it
    then covers.
    """

    mesh: Callable[[int], Mesh]
    caster: Mesh
    turn: Matrix
    middle: Vector
    lift: float
    height: float
    reach: float
    spots: tuple[tuple[float, float, float], ...]


@dataclass(slots=True)
class _Bench:
    """A bench while it is being covered: what lies there, and the circles (x, y, radius, height) it takes."""

    rng: Random
    camera: Camera
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)

    def lay(
        self,
        piece: _Piece,
        name: str | None,
        materials: tuple[Material, ...],
        near: tuple[float, float] | None,
    ) -> None:
        """Lay a piece where there is room, or lean it on what is there; leave it away if neither succeeds."""
        for attempt in range(14):
            x, y = self._spot(near, attempt)
            heading = self.rng.uniform(0, 2 * math.pi)
            c, s = math.cos(heading), math.sin(heading)
            spots = [(x + u * c - v * s, y + u * s + v * c, r) for u, v, r in piece.spots]
            under = [o for o in self.taken for u, v, r in spots if math.hypot(u - o[0], v - o[1]) < r + o[2]]
            turn = product(rotation(_UP, heading), piece.turn)
            if not under:
                self._put(piece, name, materials, spots, (x, y, piece.lift), turn, 0.0)
                return
            if attempt < 4 and (near is None or self.rng.random() < 0.5):
                continue
            top = max(o[3] for o in under)
            prop = min(under, key=lambda o: math.hypot(o[0] - x, o[1] - y))
            gap = math.hypot(prop[0] - x, prop[1] - y)
            if top > min(14.0, piece.reach) or gap < 0.35 * max(prop[2], piece.reach):
                continue
            angle = math.asin(min(0.5, top / (1.8 * piece.reach)))
            axis = ((prop[1] - y) / gap, -(prop[0] - x) / gap, 0.0)
            lift = piece.lift + piece.reach * math.sin(angle) * 0.9 + top * 0.1
            self._put(piece, name, materials, spots, (x, y, lift), product(rotation(axis, angle), turn), top)
            return

    def _spot(self, near: tuple[float, float] | None, attempt: int) -> tuple[float, float]:
        """Choose a point of the bench in millimetres: anywhere in view, or about the middle of a heap."""
        if near is not None:
            spread = self.camera.view * (0.12 + 0.012 * attempt)
            return (near[0] + self.rng.gauss(0, spread), near[1] + self.rng.gauss(0, spread * 0.8))
        width, height = self.camera.size
        return self.camera.ground(width * self.rng.uniform(0.03, 0.97), height * self.rng.uniform(0.04, 0.96))

    def _put(
        self,
        piece: _Piece,
        name: str | None,
        materials: tuple[Material, ...],
        spots: list[tuple[float, float, float]],
        at: Vector,
        turn: Matrix,
        rests_on: float,
    ) -> None:
        """Note a piece as a thing whose middle stands at a point, and the room that it takes."""
        away = apply(turn, piece.middle)
        place = (at[0] - away[0], at[1] - away[1], at[2] - away[2])
        self.taken.extend((u, v, r, piece.height + rests_on * 0.8) for u, v, r in spots)
        pixels = self.camera.size[0] / self.camera.view * max(r for _, _, r in piece.spots)
        count = 24 if pixels < 24 else 36 if pixels < 60 else 48 if pixels < 110 else 72
        self.things.append(Thing(piece.mesh(count), piece.caster, turn, place, materials, name, rests_on))


def strew(rng: Random, camera: Camera, count: int) -> list[Thing]:
    """Lay parts and, at times, other things on the bench.

    Args:
        rng: where the randomness comes from.
        camera: the view to fill.
        count: parts to lay; where no room is found, fewer.

    Returns:
        things from the bench upwards, far ones before near ones.
    """
    bench = _Bench(rng, camera)
    metals = rng.choices(METALS, _METAL_WEIGHTS, k=rng.choice((1, 2, 2, 3)))
    sizes = rng.choices(sorted(parts.METRIC), _SIZE_WEIGHTS, k=rng.choice((1, 2, 2, 3)))
    for lay in rng.sample((_lay_coin, _lay_key, _lay_pencil, _lay_cable, _lay_passing_shadow), 2):
        if rng.random() < (0.16 if count else 0.7):
            lay(bench)
    heap = rng.random() < 0.45
    middle = camera.ground(camera.size[0] * rng.uniform(0.3, 0.7), camera.size[1] * rng.uniform(0.35, 0.65))
    names = rng.sample(CLASSES, min(2, count)) + rng.choices(CLASSES, k=max(0, count - 2))
    if heap:
        names.sort(key=("bolt", "nut", "washer").index)
    make = {"nut": _nut, "bolt": _bolt, "washer": _washer}
    for name in names:
        materials = (rng.choice(metals), rng.choice((NYLON_BLUE, NYLON_WHITE)))
        bench.lay(make[name](rng, rng.choice(sizes)), name, materials, middle if heap else None)
    return sorted(bench.things, key=lambda thing: (thing.rests_on > 0, thing.rests_on, -thing.at[1]))


def _nut(rng: Random, size: int) -> _Piece:
    kind = rng.choices(("plain", "thin", "lock", "flange"), (6, 1, 2, 2))[0]
    _, flats, height, *_ = parts.METRIC[size]
    height *= {"plain": 1.0, "thin": 0.6, "lock": 1.3, "flange": 1.0}[kind]
    wide = flats * (0.72 if kind == "flange" else 0.577)
    turn, middle, lift, tall = _STILL, (0.0, 0.0, 0.0), 0.0, height
    if kind in ("plain", "lock") and rng.random() < 0.14:
        turn, middle, lift, tall = rotation(_Y, math.pi / 2), (0.0, 0.0, height / 2), flats / 2, flats
    coarse = parts.blank(flats * (1.35 if kind == "flange" else 1.0), size, height, kind != "flange")
    return _Piece(
        lambda n: parts.nut(size, kind, n), coarse, turn, middle, lift, tall, wide, ((0.0, 0.0, wide),)
    )


def _washer(rng: Random, size: int) -> _Piece:
    kind = rng.choices(("plain", "wide", "spring"), (6, 2, 3))[0]
    *_, hole, outside, thick = parts.METRIC[size]
    radius = {"plain": outside / 2, "wide": hole * 1.45, "spring": hole / 2 + size * 0.28}[kind]
    height = size * 0.3 if kind == "spring" else thick
    coarse = parts.blank(radius * 2, hole, height, False)
    middle = (0.0, 0.0, 0.0)
    spots = ((0.0, 0.0, radius),)
    return _Piece(lambda n: parts.washer(size, kind, n), coarse, _STILL, middle, 0.0, height, radius, spots)


def _bolt(rng: Random, size: int) -> _Piece:
    kind = rng.choices(("hex", "flange", "socket"), (6, 2, 4))[0]
    _, flats, _, head, *_ = parts.METRIC[size]
    head = float(size) if kind == "socket" else head
    wide = {"hex": flats / 2, "flange": flats * 0.72, "socket": size * 0.76}[kind]
    stands = rng.random() < 0.12
    length = round(size * rng.choice((1.25, 1.6, 2.0) if stands else (1.8, 2.5, 3.0, 4.0, 5.0)))
    coarse = parts.bolt(size, length, kind, 12, 10, threaded=False)

    def mesh(count: int) -> Mesh:
        return parts.bolt(size, length, kind, count, max(14, min(36, count * 2 // 3)))

    if stands:
        spots = ((0.0, 0.0, wide),)
        return _Piece(mesh, coarse, _STILL, (0.0, 0.0, 0.0), head, head + length, wide, spots)
    sink = min(0.6, (wide - size / 2) / length)
    roll = rotation(_UP, rng.randrange(6) * math.pi / 3 if kind == "hex" else rng.uniform(0, 2 * math.pi))
    turn = product(rotation(_Y, math.pi / 2 + math.asin(sink)), roll)
    half, middle = (length + head) / 2, (length - head) / 2
    lift = size / 2 * math.sqrt(1 - sink * sink) + (length - middle) * sink
    steps = max(2, round(half / size))
    room = [
        ((k / steps * 2 - 1) * (half - size / 2), 0.0, size * 0.52 if k else wide) for k in range(steps + 1)
    ]
    return _Piece(mesh, coarse, turn, (0.0, 0.0, middle), lift, size * 1.1, half, tuple(room))


def _lay_coin(bench: _Bench) -> None:
    """Lay a coin, which is round like a washer but has no hole."""
    radius = bench.rng.uniform(8.0, 12.0)
    mesh = parts.coin(radius)
    turn = rotation(_UP, bench.rng.uniform(0, 6.28))
    piece = _Piece(lambda _: mesh, mesh, turn, (0.0, 0.0, 0.0), 0.0, 1.6, radius, ((0.0, 0.0, radius),))
    bench.lay(piece, None, (bench.rng.choice((COPPER, METALS[5], METALS[3])),), None)


def _lay_key(bench: _Bench) -> None:
    """Lay an L-shaped hexagon key."""
    size = bench.rng.choice((2.5, 3.0, 4.0))
    mesh = parts.hex_key(size)
    spots = tuple((0.0, -size * k, size) for k in range(0, 18, 2))
    piece = _Piece(lambda _: mesh, mesh, _STILL, (0.0, 0.0, 0.0), 0.0, size, size * 9, spots)
    bench.lay(piece, None, (bench.rng.choice((METALS[6], METALS[1])),), None)


def _lay_pencil(bench: _Bench) -> None:
    """Lay a pencil, part of it outside the view."""
    mesh = parts.pencil(120.0)
    turn = rotation(_Y, math.pi / 2)
    spots = tuple((float(u), 0.0, 4.0) for u in range(-60, 80, 7))
    piece = _Piece(lambda _: mesh, mesh, turn, (0.0, 0.0, 60.0), 3.6, 7.0, 70.0, spots)
    bench.lay(piece, None, (lacquer(bench.rng.choice(_COATS)), PINE, LEAD), None)


def _lay_cable(bench: _Bench) -> None:
    """Let a cable wind across the view, towards its far side."""
    reach = bench.camera.view
    mesh = parts.cable(bench.rng, reach)
    turn = rotation(_UP, bench.rng.uniform(0, math.pi))
    side = bench.rng.uniform(-0.35, 0.35) * reach
    coat = lacquer(bench.rng.choice(_COATS), 0.4)
    place = (0.0, side, 0.0)
    bench.things.append(Thing(mesh, mesh, turn, place, (coat,), None, 0.0))
    for point in mesh.vertices[::12]:
        x, y, _ = apply(turn, point)
        bench.taken.append((x, y + side, 3.0, 15.0))


def _lay_passing_shadow(bench: _Bench) -> None:
    """Hold a phone into the light, high above the bench: only its wide soft shadow is seen."""
    width, height = bench.camera.size
    x, y = bench.camera.ground(width * bench.rng.uniform(-0.1, 1.1), height * bench.rng.choice((-0.1, 1.1)))
    caster = parts.slab(76.0, 152.0, 9.0)
    turn = product(rotation(_UP, bench.rng.uniform(0, math.pi)), rotation(_X, bench.rng.gauss(0, 0.5)))
    bench.things.append(Thing(Mesh((), ()), caster, turn, (x, y, 170.0), (COPPER,), None, 0.0))
