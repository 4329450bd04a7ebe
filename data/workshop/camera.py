"""The camera: where points of the bench and of the parts fall in the picture, and painting meshes there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import itemgetter

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data.workshop.light import Lighting, Material
from data.workshop.mesh import Face, Matrix, Mesh, Vector, apply, product

#: Smallest crop edge in pixels for which a part is painted at twice its size only.
_LARGE = 48

#: Points on a lamp that cast a shadow each, as shares of its half width and half height.
_DISC = ((0.0, 0.0), (0.8, 0.2), (-0.2, 0.8), (-0.8, -0.2), (0.2, -0.8))
_LINE = tuple((k / 3 - 0.83, 0.0) for k in range(6))


@dataclass(frozen=True, slots=True)
class Thing:
    """A mesh put on the bench.

    ``turn`` and ``at`` (millimetres; x right, y away, z up, bench at z = 0) place it. ``caster`` is a coarser
    mesh for its shadow. ``name`` is its class, None for what is not to be found. ``rests_on`` is the height
    of what lies under it. A mesh without faces casts its shadow only.
    """

    mesh: Mesh
    caster: Mesh
    turn: Matrix
    at: Vector
    materials: tuple[Material, ...]
    name: str | None
    rests_on: float


@dataclass(frozen=True, slots=True)
class Layer:
    """A painted thing, cropped: normals and openness with a mask (RGBA), its surfaces, and a fine mask.

    ``normals`` and ``surfaces`` are ``scale`` times larger than ``mask``, whose upper left pixel in the
    picture is ``corner``. ``frame`` is the picture's size. ``whole`` is the area in pixels that would show if
    nothing hid it, not even the picture's edge.
    """

    thing: Thing
    frame: tuple[int, int]
    corner: tuple[int, int]
    scale: int
    normals: Image.Image
    surfaces: Image.Image | None
    mask: Image.Image
    whole: float


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole above the bench, looking at its origin.

    Args:
        size: (width, height) of the picture in pixels.
        view: width of the bench in the picture's middle, in millimetres.
        tilt: angle from the vertical in radians.
        distance: to the origin, in millimetres.
    """

    size: tuple[int, int]
    view: float
    tilt: float
    distance: float

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.size[0] * self.distance / self.view

    @property
    def turn(self) -> Matrix:
        """The rotation from the bench's axes to the camera's (right, up the image, towards the camera)."""
        c, s = math.cos(self.tilt), math.sin(self.tilt)
        return ((1.0, 0.0, 0.0), (0.0, c, s), (0.0, -s, c))

    def ground(self, px: float, py: float) -> tuple[float, float]:
        """Return which point (x, y) of the bench a pixel shows, in millimetres."""
        a, b, c, d = self._rows(py)
        return ((px - self.size[0] / 2) * a / d, (b + c * py) / d)

    def _rows(self, py: float) -> tuple[float, float, float, float]:
        c, s = math.cos(self.tilt), math.sin(self.tilt)
        f, middle = self.focal, self.size[1] / 2
        return (
            self.distance * c / f,
            self.distance * middle / f,
            -self.distance / f,
            c - s * (middle - py) / f,
        )

    def ground_transform(
        self, angle: float, pixels_per_mm: float, origin: tuple[float, float]
    ) -> tuple[float, ...]:
        """Return the eight PERSPECTIVE coefficients from picture pixels to a texture lying on the bench.

        Args:
            angle: by which the texture is turned, radians.
            pixels_per_mm: the texture's scale.
            origin: the texture's pixel at the bench's origin.
        """
        c, s = math.cos(self.tilt), math.sin(self.tilt)
        f, mx, my = self.focal, self.size[0] / 2, self.size[1] / 2
        d0, d1 = c - s * my / f, s / f
        x1, x0 = self.distance * c / f, -mx * self.distance * c / f
        y1, y0 = -self.distance / f, my * self.distance / f
        ca, sa, k = math.cos(angle) * pixels_per_mm, math.sin(angle) * pixels_per_mm, origin
        row_u = (ca * x1, -sa * y1 + k[0] * d1, ca * x0 - sa * y0 + k[0] * d0)
        row_v = (-sa * x1, -ca * y1 + k[1] * d1, -sa * x0 - ca * y0 + k[1] * d0)
        return tuple(v / d0 for v in (*row_u, *row_v, 0.0, d1))


def paint(thing: Thing, camera: Camera) -> Layer | None:
    """Paint a thing's normals, nearest facets last; None if it misses the picture.

    Returns:
        a `Layer`; red is the normal to the right, green up the image, blue the openness.
    """
    turn = product(camera.turn, thing.turn)
    shift = apply(camera.turn, thing.at)
    if not thing.mesh.faces:
        return None
    points, depths = _projected(thing.mesh, turn, shift, camera)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    left, top = max(0, math.floor(min(xs)) - 1), max(0, math.floor(min(ys)) - 1)
    right = min(camera.size[0], math.ceil(max(xs)) + 1)
    bottom = min(camera.size[1], math.ceil(max(ys)) + 1)
    if right - left < 3 or bottom - top < 3:
        return None
    scale = 2 if max(right - left, bottom - top) > _LARGE else 3
    seen = _seen(thing.mesh, turn, points, depths, camera)
    area = ((right - left) * scale, (bottom - top) * scale)
    normals = Image.new("RGBA", area, (128, 128, 255, 0))
    draw = ImageDraw.Draw(normals)
    surfaces = Image.new("L", area, 0) if len(thing.materials) > 1 else None
    index = ImageDraw.Draw(surfaces) if surfaces is not None else None
    placed = [((x - left) * scale, (y - top) * scale) for x, y in points]
    for _, nx, ny, face in seen:
        outline = [placed[i] for i in face.corners]
        fill = (int(128 + 127 * nx), int(128 + 127 * ny), int(255 * face.openness), 255)
        draw.polygon(outline, fill)
        if index is not None:
            index.polygon(outline, face.surface)
    small = normals.getchannel("A").reduce(scale)
    inside = left > 0 and top > 0 and right < camera.size[0] and bottom < camera.size[1]
    whole = coverage(small) if inside else _whole_area(thing, camera)
    return Layer(thing, camera.size, (left, top), scale, normals, surfaces, small, whole)


def _seen(
    mesh: Mesh,
    turn: Matrix,
    points: list[tuple[float, float]],
    depths: list[float],
    camera: Camera,
) -> list[tuple[float, float, float, Face]]:
    """Return the facets that face the camera, far ones first: (nearness, normal right, normal up, facet)."""
    (a, b, c), (d, e, f), (g, h, i) = turn
    focal, mx, my = camera.focal, camera.size[0] / 2, camera.size[1] / 2
    seen = []
    for face in mesh.faces:
        x, y, z = face.normal
        nx, ny = a * x + b * y + c * z, d * x + e * y + f * z
        corners = face.corners
        first = corners[0]
        px, py = points[first]
        if (g * x + h * y + i * z) * focal - nx * (px - mx) + ny * (py - my) > 0:
            nearness = depths[first] + depths[corners[1]] + depths[corners[2]] + depths[corners[3]]
            seen.append((nearness, nx, ny, face))
    seen.sort(key=itemgetter(0))
    return seen


def _projected(
    mesh: Mesh, turn: Matrix, shift: Vector, camera: Camera
) -> tuple[list[tuple[float, float]], list[float]]:
    """Return the vertices' pixels and their heights towards the camera."""
    (a, b, c), (d, e, f), (g, h, i) = turn
    sx, sy, sz = shift
    focal, distance = camera.focal, camera.distance
    mx, my = camera.size[0] / 2, camera.size[1] / 2
    points, depths = [], []
    for x, y, z in mesh.vertices:
        depth = g * x + h * y + i * z + sz
        scale = focal / (distance - depth)
        points.append((mx + (a * x + b * y + c * z + sx) * scale, my - (d * x + e * y + f * z + sy) * scale))
        depths.append(depth)
    return points, depths


def coverage(mask: Image.Image) -> float:
    """Return how many pixels a grey mask covers, partly covered ones counting in part."""
    return sum(level * count for level, count in enumerate(mask.histogram())) / 255


def _whole_area(thing: Thing, camera: Camera) -> float:
    """Return the area of a thing's silhouette in pixels, beyond the picture's edge too."""
    points, _ = _projected(
        thing.caster, product(camera.turn, thing.turn), apply(camera.turn, thing.at), camera
    )
    left, top = min(p[0] for p in points), min(p[1] for p in points)
    right, bottom = max(p[0] for p in points), max(p[1] for p in points)
    shrink = max(1.0, max(right - left, bottom - top) / 400)
    size = (math.ceil((right - left) / shrink) + 1, math.ceil((bottom - top) / shrink) + 1)
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    for face in thing.caster.faces:
        draw.polygon(
            [((points[i][0] - left) / shrink, (points[i][1] - top) / shrink) for i in face.corners], 255
        )
    return coverage(mask) * shrink * shrink


def shadow(
    things: list[Thing], camera: Camera, light: Lighting, height: float, shrink: int, step: int = 1
) -> Image.Image:
    """Return how much of the first lamp the things hide from a level plane: grey, 255 where all of it.

    Args:
        things: what stands in the light.
        camera: the view.
        light: its first lamp casts the shadow, sampled over its area, so edges soften with distance.
        height: of the plane in millimetres.
        shrink: by how much the picture's size is divided.
        step: sample every so many points of the lamp only.
    """
    item = light.lamps[0]
    spots = (_LINE if item.half_width > 3 * item.half_height else _DISC)[::step]
    total: Image.Image | None = None
    for u, v in spots:
        across, along = math.tan(item.half_width * u), math.tan(item.half_height * v)
        d, r, a = item.direction, item.right, item.above
        toward = (
            d[0] + r[0] * across + a[0] * along,
            d[1] + r[1] * across + a[1] * along,
            max(0.2, d[2] + r[2] * across + a[2] * along),
        )
        mask = cast(things, camera, toward, height, shrink).point(lambda level: level // len(spots))
        total = mask if total is None else ImageChops.add(total, mask)
    assert total is not None
    wide = min(item.half_width, 3 * item.half_height) * 12 * camera.size[0] / camera.view / shrink
    return total.filter(ImageFilter.GaussianBlur(0.5 + 0.12 * wide))


def cast(things: list[Thing], camera: Camera, toward: Vector, height: float, shrink: int) -> Image.Image:
    """Return the hard shadow of things on a level plane under light from one direction: grey, 0 or 255."""
    size = (math.ceil(camera.size[0] / shrink), math.ceil(camera.size[1] / shrink))
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    slope_x, slope_y = toward[0] / toward[2], toward[1] / toward[2]
    c, s = math.cos(camera.tilt), math.sin(camera.tilt)
    focal, distance = camera.focal / shrink, camera.distance
    mx, my = camera.size[0] / 2 / shrink, camera.size[1] / 2 / shrink
    base_y, base_z = height * s, height * c
    for thing in things:
        (a, b, e), (f, g, h), (i, j, k) = thing.turn
        ox, oy, oz = thing.at
        points = []
        for x, y, z in thing.caster.vertices:
            drop = max(0.0, i * x + j * y + k * z + oz - height)
            wx = a * x + b * y + e * z + ox - drop * slope_x
            wy = f * x + g * y + h * z + oy - drop * slope_y
            scale = focal / (distance + wy * s - base_z)
            points.append((mx + wx * scale, my - (wy * c + base_y) * scale))
        lx = toward[0] * a + toward[1] * f + toward[2] * i
        ly = toward[0] * b + toward[1] * g + toward[2] * j
        lz = toward[0] * e + toward[1] * h + toward[2] * k
        for face in thing.caster.faces:
            n = face.normal
            if n[0] * lx + n[1] * ly + n[2] * lz > 0:
                draw.polygon([points[m] for m in face.corners], 255)
    return mask
