"""Light of a photograph: lamps, the surroundings that metal mirrors, and materials.

Radiance is linear and relative: a white sheet of paper in full light has radiance 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from PIL import ImageFilter

from data.workshop.mesh import Vector, cross, unit

Colour = tuple[float, float, float]

#: Normals are sampled on this many steps per axis when a material's colours are tabulated.
_STEPS = 23


@dataclass(frozen=True, slots=True)
class Lamp:
    """A rectangular area light far away: where it is, its half extents in radians, its light."""

    direction: Vector
    right: Vector
    above: Vector
    half_width: float
    half_height: float
    radiance: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Lighting:
    """All light of one photograph.

    ``lamps[0]`` casts the shadows and lights the bench with ``key``; ``ambient`` is what reaches the bench
    from everywhere else. ``bench`` is the bench's mean colour, which metal mirrors from below.
    """

    lamps: tuple[Lamp, ...]
    key: Colour
    ambient: Colour
    ceiling: float
    walls: float
    wall_swing: float
    wall_turn: float
    bench: Colour


@dataclass(frozen=True, slots=True)
class Material:
    """How a surface answers light.

    ``mirror`` and ``diffuse`` are reflectances, ``roughness`` in 0..1 widens reflections, ``grain`` and
    ``waves`` are how far its fine and its coarse unevenness turn the normal (of 128), ``stain`` how strongly
    it is soiled. ``brushed`` stretches the grain; ``rust`` is the covered share; ``scratches`` says how many
    there are.
    """

    name: str
    mirror: Colour
    diffuse: Colour
    roughness: float
    grain: float
    waves: float
    stain: float
    brushed: bool = False
    rust: float = 0.0
    scratches: float = 1.0


METALS = (
    Material(
        "steel", (0.62, 0.60, 0.57), (0.015, 0.015, 0.015), 0.19, 5, 15, 0.22, brushed=True, scratches=1.6
    ),
    Material("zinc", (0.66, 0.69, 0.73), (0.03, 0.03, 0.035), 0.2, 8, 17, 0.18),
    Material("stainless", (0.66, 0.65, 0.63), (0.008, 0.008, 0.008), 0.09, 4, 15, 0.12),
    Material("galvanised", (0.42, 0.44, 0.46), (0.10, 0.11, 0.115), 0.38, 12, 14, 0.34),
    Material("yellow zinc", (0.70, 0.58, 0.33), (0.04, 0.03, 0.012), 0.18, 8, 18, 0.24),
    Material("brass", (0.84, 0.62, 0.28), (0.025, 0.016, 0.005), 0.15, 6, 16, 0.28, scratches=1.8),
    Material("black oxide", (0.075, 0.075, 0.08), (0.016, 0.015, 0.015), 0.27, 10, 12, 0.2),
    Material(
        "worn steel", (0.40, 0.37, 0.34), (0.05, 0.045, 0.04), 0.3, 11, 18, 0.45, rust=0.28, scratches=2.0
    ),
    Material("rusty", (0.16, 0.13, 0.11), (0.14, 0.09, 0.06), 0.58, 16, 18, 0.4, rust=0.72),
)
COPPER = Material("copper", (0.70, 0.42, 0.28), (0.10, 0.055, 0.035), 0.36, 20, 14, 0.4)
NYLON_BLUE = Material("blue nylon", (0.04, 0.04, 0.04), (0.04, 0.13, 0.42), 0.4, 5, 6, 0.05)
NYLON_WHITE = Material("white nylon", (0.04, 0.04, 0.04), (0.62, 0.61, 0.57), 0.4, 5, 6, 0.1)
PINE = Material("pine", (0.02, 0.02, 0.02), (0.66, 0.46, 0.27), 0.8, 14, 5, 0.2)
LEAD = Material("lead", (0.10, 0.10, 0.10), (0.03, 0.03, 0.035), 0.4, 10, 5, 0.1)


def lacquer(colour: Colour, roughness: float = 0.25) -> Material:
    """Return a coloured coat with a dielectric's weak, white reflection."""
    return Material("lacquer", (0.05, 0.05, 0.05), colour, roughness, 4, 6, 0.12, scratches=0.5)


def warmth(kelvin: float) -> Colour:
    """Return the colour of a black body against 5500 K daylight, roughly, its strongest channel at 1."""
    away = (kelvin - 5500) / 5500
    red, blue = (1 - 0.9 * away, 1 + away) if away < 0 else (1 - 0.3 * away, 1 + 0.35 * away)
    top = max(red, 1.0, blue)
    return (red / top, 1 / top, blue / top)


def lamp(
    azimuth: float, elevation: float, half_width: float, half_height: float, radiance: float, colour: Colour
) -> Lamp:
    """Return an area light by its direction in radians: azimuth counter-clockwise from the right."""
    flat = math.cos(elevation)
    direction = (flat * math.cos(azimuth), flat * math.sin(azimuth), math.sin(elevation))
    right = unit(cross((0.0, 0.0, 1.0), direction))
    return Lamp(direction, right, cross(direction, right), half_width, half_height, radiance, colour)


def lighting(rng: Random, bench: Colour) -> Lighting:
    """Choose the light of a photograph: a window, a softbox, a bulb or tubes, each with its own shadow."""
    kind = rng.choices(("window", "softbox", "bulb", "tubes"), (4, 3, 3, 2))[0]
    azimuth = rng.uniform(0, 2 * math.pi)
    elevation = math.radians(rng.uniform(32, 58))
    if kind == "window":
        width, height = rng.uniform(0.14, 0.26), rng.uniform(0.12, 0.22)
        kelvin, direct = rng.uniform(5200, 6800), rng.uniform(0.6, 0.76)
    elif kind == "softbox":
        width = height = rng.uniform(0.1, 0.2)
        kelvin, direct = rng.uniform(4700, 5800), rng.uniform(0.62, 0.8)
    elif kind == "bulb":
        width = height = rng.uniform(0.03, 0.07)
        kelvin, direct = rng.uniform(3500, 4800), rng.uniform(0.66, 0.82)
    else:
        width, height = rng.uniform(0.4, 0.7), rng.uniform(0.04, 0.08)
        kelvin, direct = rng.uniform(4200, 5600), rng.uniform(0.6, 0.72)
        elevation = math.radians(rng.uniform(48, 68))
    colour = warmth(kelvin)
    share = 4 * width * height / math.pi * math.sin(elevation)
    lamps = [lamp(azimuth, elevation, width, height, min(22.0, direct / share), colour)]
    if kind == "tubes" or rng.random() < 0.45:
        turn = azimuth + rng.uniform(1.8, 4.4)
        lamps.append(
            lamp(turn, math.radians(rng.uniform(35, 75)), 0.6, 0.1, rng.uniform(1.0, 2.2), warmth(5000))
        )
    fill = warmth(kelvin + rng.uniform(300, 2200))
    rest = 1 - direct
    return Lighting(
        lamps=tuple(lamps),
        key=(colour[0] * direct, colour[1] * direct, colour[2] * direct),
        ambient=(fill[0] * rest, fill[1] * rest, fill[2] * rest),
        ceiling=rest * rng.uniform(0.7, 1.5),
        walls=rest * rng.uniform(0.12, 0.5),
        wall_swing=rng.uniform(0.4, 0.9),
        wall_turn=azimuth + rng.uniform(-0.7, 0.7),
        bench=bench,
    )


def _step(low: float, high: float, value: float) -> float:
    t = (value - low) / (high - low)
    if t <= 0:
        return 0.0
    return 1.0 if t >= 1 else t * t * (3 - 2 * t)


def surroundings(light: Lighting, direction: Vector, roughness: float) -> Colour:
    """Return the radiance that comes from a direction, as seen in a mirror of some roughness."""
    x, y, z = direction
    azimuth = math.atan2(y, x)
    wall = light.walls * (1 + light.wall_swing * math.cos(azimuth - light.wall_turn))
    sky = wall + (light.ceiling - wall) * _step(0.15, 0.95, z)
    above = _step(-0.05 - roughness * 0.6, 0.06 + roughness * 0.6, z)
    bounce = 0.55 * (1 - above)
    tint = light.ambient
    level = sum(tint) / 3
    red = sky * above * tint[0] / level + light.bench[0] * bounce
    green = sky * above * tint[1] / level + light.bench[1] * bounce
    blue = sky * above * tint[2] / level + light.bench[2] * bounce
    blur = 0.03 + roughness * 0.75
    for item in light.lamps:
        d, r, u = item.direction, item.right, item.above
        ahead = x * d[0] + y * d[1] + z * d[2]
        if ahead <= 0:
            continue
        across = abs(math.atan2(x * r[0] + y * r[1] + z * r[2], ahead))
        along = abs(math.atan2(x * u[0] + y * u[1] + z * u[2], ahead))
        inside = _step(item.half_width + blur, item.half_width - blur, across) * _step(
            item.half_height + blur, item.half_height - blur, along
        )
        if inside > 0:
            spread_u = min(1.0, item.half_width / (blur * 0.9))
            spread_v = min(1.0, item.half_height / (blur * 0.9))
            power = item.radiance * inside * spread_u * spread_v
            red += power * item.colour[0]
            green += power * item.colour[1]
            blue += power * item.colour[2]
    return (red, green, blue)


def displayed(radiance: float) -> float:
    """Return a linear radiance as a display value in 0..1, its highlights rolled off as a camera does."""
    if radiance > 0.6:
        radiance = 0.6 + 0.4 * (1 - math.exp(-(radiance - 0.6) / 0.75))
    return math.pow(max(0.0, radiance), 1 / 2.2)


def colour_table(material: Material, light: Lighting, tilt: float) -> ImageFilter.Color3DLUT:
    """Tabulate a material's colour by its normal.

    The table takes pixels (red: normal to the right, green: normal up the image, both 0..255 for −1..1; blue:
    openness) and gives display colours. ``tilt`` is the camera's angle from the vertical in radians.
    """
    c, s = math.cos(tilt), math.sin(tilt)
    lit: list[Colour] = []
    dark: list[Colour] = []
    for j in range(_STEPS):
        for i in range(_STEPS):
            nx, ny = i / (_STEPS - 1) * 2 - 1, j / (_STEPS - 1) * 2 - 1
            flat = nx * nx + ny * ny
            if flat > 1.3:  # No normal is there, nor next to it.
                lit.append((0.0, 0.0, 0.0))
                dark.append((0.0, 0.0, 0.0))
                continue
            if flat > 0.998:
                shrink = math.sqrt(0.998 / flat)
                nx, ny, flat = nx * shrink, ny * shrink, 0.998
            colour = _answer(material, light, (nx, ny, math.sqrt(1 - flat)), c, s)
            lit.append((displayed(colour[0]), displayed(colour[1]), displayed(colour[2])))
            dim = (colour[0] * 0.05, colour[1] * 0.05, colour[2] * 0.05)
            dark.append((displayed(dim[0]), displayed(dim[1]), displayed(dim[2])))
    return ImageFilter.Color3DLUT((_STEPS, _STEPS, 2), [part for colour in (*dark, *lit) for part in colour])


def _answer(material: Material, light: Lighting, normal: Vector, c: float, s: float) -> Colour:
    """Return the linear colour of a material whose normal is given in view coordinates."""
    nx, ny, nz = normal
    rx, ry, rz = 2 * nz * nx, 2 * nz * ny, 2 * nz * nz - 1
    mirrored = surroundings(light, (rx, ry * c - rz * s, ry * s + rz * c), material.roughness)
    up = ny * s + nz * c
    key = light.lamps[0].direction
    facing = max(0.0, nx * key[0] + (ny * c - nz * s) * key[1] + up * key[2]) / key[2]
    sky = 0.5 + 0.5 * up
    edge = (1 - nz) ** 4 * 0.45
    out = []
    for k in range(3):
        mirror = material.mirror[k] + (1 - material.mirror[k]) * edge * (1 - material.roughness)
        diffuse = light.key[k] * facing + light.ambient[k] * sky + light.bench[k] * 0.4 * (1 - sky)
        out.append(mirror * mirrored[k] + material.diffuse[k] * diffuse)
    return (out[0], out[1], out[2])
