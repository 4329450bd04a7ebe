"""A photograph put together: boxes fit what shows, hidden parts are left away, materials answer the light."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image, ImageChops, ImageStat

from data.workshop import bench, lens, parts
from data.workshop.camera import Camera, Thing, coverage
from data.workshop.layout import CLASSES, strew
from data.workshop.light import METALS, colour_table, displayed, lighting, warmth
from data.workshop.mesh import Matrix, Mesh
from data.workshop.scene import EDGE, Photograph, _masks, _visible, photograph
from data.workshop.texture import cloud, grain, relief
from data.workshop.wood import wood

STILL: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
ABOVE = Camera((400, 300), 100.0, 0.0, 400.0)
MAKERS = (
    wood,
    bench.plate,
    bench.cutting_mat,
    bench.rubber,
    bench.concrete,
    bench.paper,
    bench.cardboard,
    bench.painted,
)


@pytest.fixture(scope="module")
def pictures() -> list[Photograph]:
    return [photograph(Random(seed), (240, 180), 7) for seed in range(6)]


def thing(mesh: Mesh, x: float, z: float = 0.0, name: str | None = "washer") -> Thing:
    return Thing(mesh, mesh, STILL, (x, 0.0, z), (METALS[0],), name, z)


def clear(mask: Image.Image, *area: float) -> bool:
    return mask.crop(tuple(int(value) for value in area)).getbbox() is None  # type: ignore[arg-type]


def test_boxes_are_tight_around_what_shows(pictures: list[Photograph]) -> None:
    checked = 0
    for picture in pictures:
        for (_, x0, y0, x1, y1), mask in zip(picture.boxes, picture.masks, strict=True):
            shows = mask.point([255 * (level >= EDGE) for level in range(256)])
            width, height = mask.size
            assert clear(shows, 0, 0, width, y0)
            assert clear(shows, 0, y1, width, height)
            assert clear(shows, 0, 0, x0, height)
            assert clear(shows, x1, 0, width, height)
            for side in (
                (x0, y0, x0 + 1, y1),
                (x1 - 1, y0, x1, y1),
                (x0, y0, x1, y0 + 1),
                (x0, y1 - 1, x1, y1),
            ):
                assert not clear(shows, *side)
            checked += 1
    assert checked > 12


def test_masks_of_parts_do_not_overlap(pictures: list[Photograph]) -> None:
    for picture in pictures:
        for index, mask in enumerate(picture.masks):
            for other in picture.masks[index + 1 :]:
                shared = ImageChops.darker(mask, other).point([level * (level > 140) for level in range(256)])
                assert shared.getbbox() is None


def test_a_part_that_is_mostly_hidden_is_left_away() -> None:
    small, cover = thing(parts.coin(4), 0.0), thing(parts.coin(12), 2.0, 3.0)
    assert [layer.thing for layer in _visible([small, cover], ABOVE)] == [cover]


def test_a_part_that_is_partly_hidden_keeps_what_shows() -> None:
    lower, upper = thing(parts.coin(8), 0.0), thing(parts.coin(8), 8.0, 2.0)
    layers = _visible([lower, upper], ABOVE)
    below, above = _masks(layers, ABOVE.size)
    assert coverage(below) < 0.75 * layers[0].whole
    assert coverage(above) == pytest.approx(layers[1].whole, rel=0.02)


def test_a_part_mostly_outside_the_picture_is_left_away() -> None:
    assert _visible([thing(parts.coin(10), 57.0)], ABOVE) == []
    assert len(_visible([thing(parts.coin(10), 50.0)], ABOVE)) == 1


def test_what_is_no_part_is_neither_named_nor_counted() -> None:
    lone = [strew(Random(seed), ABOVE, 0) for seed in range(30)]
    assert any(lone)
    assert {item.name for things in lone for item in things} == {None}


def test_parts_come_from_the_bench_upwards_and_stand_on_it() -> None:
    for seed in range(20):
        things = strew(Random(seed), ABOVE, 8)
        assert [item.rests_on for item in things] == sorted(item.rests_on for item in things)
        assert {item.name for item in things} <= {*CLASSES, None}
        for item in (item for item in things if item.rests_on == 0 and item.name):
            row = item.turn[2]
            heights = [row[0] * x + row[1] * y + row[2] * z + item.at[2] for x, y, z in item.caster.vertices]
            assert min(heights) == pytest.approx(0, abs=0.6)


def test_no_part_no_box() -> None:
    assert photograph(Random(3), (120, 90), 0).boxes == ()


def test_a_material_is_brightest_where_it_mirrors_the_lamp() -> None:
    light = lighting(Random(1), (0.1, 0.1, 0.1))
    x, y, z = light.lamps[0].direction
    size = (x * x + y * y + (z + 1) ** 2) ** 0.5
    half = (x / size, y / size)
    shades = Image.new("RGB", (2, 1), (128, 128, 255))
    shades.putpixel((0, 0), (round(127.5 + 127.5 * half[0]), round(127.5 + 127.5 * half[1]), 255))
    shades.putpixel((1, 0), (round(127.5 - 127.5 * half[0]), round(127.5 - 127.5 * half[1]), 255))
    facing, away = list(shades.filter(colour_table(METALS[2], light, 0.0)).convert("L").tobytes())
    assert facing > away + 40


def test_warm_light_is_red_and_cold_light_blue() -> None:
    assert warmth(3200)[0] > warmth(3200)[2]
    assert warmth(7500)[0] < warmth(7500)[2]
    assert warmth(5500) == (1.0, 1.0, 1.0)


def test_brighter_light_is_never_shown_darker() -> None:
    shown = [displayed(step / 20) for step in range(100)]
    assert shown == sorted(shown)
    assert 0 <= shown[0] <= shown[-1] <= 1


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_bench_fills_its_size_with_texture_and_repeats_with_its_seed(make: object) -> None:
    assert callable(make)
    first, again, other = (make(Random(seed), (150, 90), 3.0) for seed in (1, 1, 2))
    assert (first.mode, first.size) == ("RGB", (150, 90))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    assert ImageStat.Stat(first.convert("L")).stddev[0] > 1.5


def test_noise_fills_its_size_and_repeats_with_its_seed() -> None:
    for make in (lambda rng: grain(rng, (33, 17), 4.5), lambda rng: cloud(rng, (33, 17), 9.0)):
        assert make(Random(5)).size == (33, 17)
        assert make(Random(5)).tobytes() == make(Random(5)).tobytes()


def test_a_level_surface_has_no_relief() -> None:
    assert relief(Image.new("L", (9, 9), 77), 1, 1, 0.5).getextrema() == (128, 128)


def test_sensor_noise_keeps_the_mean() -> None:
    grey = Image.new("RGB", (200, 150), (120, 120, 120))
    stat = ImageStat.Stat(lens.noisy(Random(2), grey, 5.0))
    assert stat.mean == pytest.approx([120, 120, 120], abs=1.5)
    assert min(stat.stddev) > 1.5


def test_the_camera_takes_most_of_a_lamps_hue_out() -> None:
    warm = (1.0, 0.75, 0.5)
    seen = Image.new("RGB", (8, 8), (140, 123, 102))
    before = 140 - 102
    red, _, blue = lens.developed(Random(1), seen, 0.48, warm).getpixel((4, 4))  # type: ignore[misc]
    assert abs(red - blue) < before


def test_a_photograph_is_saved_as_a_readable_jpeg() -> None:
    data = lens.jpeg(Random(0), Image.new("RGB", (32, 24), "grey"))
    assert Image.open(io.BytesIO(data)).size == (32, 24)
