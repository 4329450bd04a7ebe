"""What each kind of image file becomes on arrival."""

from __future__ import annotations

import hashlib
import io
import math
import random
import struct
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from data import intake
from data.errors import ImageRejected
from data.intake import read_image
from data.perceptual_hash import perceptual_hash
from tests.data.noise import noise

CORNERS = ["red", "lime", "blue", "yellow"]  # upper left, upper right, lower left, lower right


def open_(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def quarters(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """A picture with another colour in each quarter."""
    picture = Image.new("RGB", size)
    width, height = size[0] // 2, size[1] // 2
    for number, colour in enumerate(CORNERS):
        picture.paste(Image.new("RGB", (width, height), colour), (number % 2 * width, number // 2 * height))
    return picture


def seen(picture: Image.Image) -> list[str]:
    """The colour names in the middle of the four quarters."""
    width, height = picture.size
    middles = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
    rgb = picture.convert("RGB")

    def nearest(pixel: tuple[int, int, int]) -> str:
        return min(names, key=lambda name: math.dist(names[name], pixel))

    return [nearest(rgb.getpixel(middle)) for middle in middles]


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def with_orientation(picture: Image.Image, value: int, kind: str = "JPEG", **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return saved(picture, kind, exif=exif, **options)


# How a camera stores an upright scene for each orientation value: the inverse of turning it upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_exif_orientation_is_baked_in(orientation, kind):
    turn = STORED[orientation]
    scene = quarters() if turn is None else quarters().transpose(turn)
    upright = read_image(with_orientation(scene, orientation, kind))
    assert (upright.width, upright.height, upright.original_orientation) == (80, 40, orientation)
    result = open_(upright.data)
    assert result.size == (80, 40)
    assert seen(result) == CORNERS
    # A viewer that honours EXIF must not turn the stored file again.
    assert result.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize(
    ("kind", "mode", "mime"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("PNG", "RGB", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "1", "image/png"),
        ("WEBP", "RGB", "image/webp"),
        ("BMP", "RGB", "image/bmp"),
        ("GIF", "P", "image/gif"),
    ],
)
def test_an_upright_image_keeps_its_bytes(kind, mode, mime):
    data = saved(Image.new(mode, (12, 9)), kind)
    upright = read_image(data)
    assert upright.data == data
    assert (upright.mime, upright.width, upright.height) == (mime, 12, 9)
    assert upright.received_sha256 == hashlib.sha256(data).hexdigest()


def test_a_senseless_orientation_counts_as_upright():
    data = with_orientation(quarters(), 77)
    upright = read_image(data)
    assert upright.data == data
    assert upright.original_orientation == 1


def test_a_turned_jpeg_stays_jpeg_and_keeps_its_colour_profile():
    upright = read_image(with_orientation(quarters(), 6, icc_profile=b"profile"))
    assert upright.mime == "image/jpeg"
    assert open_(upright.data).info["icc_profile"] == b"profile"


def test_a_cmyk_jpeg_becomes_rgb():
    upright = read_image(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95))
    result = open_(upright.data)
    assert (result.mode, upright.mime) == ("RGB", "image/jpeg")
    assert result.getpixel((4, 4)) == pytest.approx((255, 0, 0), abs=6)


def test_transparency_is_laid_on_white():
    picture = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    picture.putpixel((0, 0), (255, 0, 0, 255))
    result = open_(read_image(saved(picture, "PNG")).data)
    assert result.mode == "RGB"
    assert result.getpixel((0, 0)) == (255, 0, 0)
    assert result.getpixel((3, 3)) == (255, 255, 255)


def test_a_palette_with_transparency_is_laid_on_white():
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([0, 0, 0, 0, 0, 255] + [0] * 762)
    picture.putpixel((0, 0), 0)
    result = open_(read_image(saved(picture, "PNG", transparency=0)).data)
    assert result.mode == "RGB"
    assert result.getpixel((0, 0)) == (255, 255, 255)
    assert result.getpixel((1, 1)) == (0, 0, 255)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_high_byte(kind):
    picture = Image.new("I;16", (3, 1))
    for x, value in enumerate((0, 0x80FF, 0xFFFF)):
        picture.putpixel((x, 0), value)
    upright = read_image(saved(picture, kind))
    result = open_(upright.data)
    assert result.mode == "RGB"
    assert [result.getpixel((x, 0))[0] for x in range(3)] == [0, 0x80, 0xFF]


def test_a_sixteen_bit_big_endian_tiff_keeps_its_high_byte():
    picture = Image.frombytes("I;16B", (2, 1), struct.pack(">2H", 0x12FF, 0xFE01))
    result = open_(read_image(saved(picture, "TIFF")).data)
    assert [result.getpixel((x, 0))[0] for x in range(2)] == [0x12, 0xFE]


def test_thirty_two_bits_are_refused_with_a_remedy():
    with pytest.raises(ImageRejected, match="8 or 16 bits"):
        read_image(saved(Image.new("F", (4, 4)), "TIFF"))


def test_a_tiff_becomes_png_because_browsers_show_none():
    upright = read_image(saved(quarters(), "TIFF"))
    assert upright.mime == "image/png"
    assert seen(open_(upright.data)) == CORNERS


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_several_frames_the_first_is_taken(kind):
    first, second = quarters(), Image.new("RGB", (80, 40), "white")
    options = {"lossless": True} if kind == "WEBP" else {}
    upright = read_image(saved(first, kind, save_all=True, append_images=[second], **options))
    result = open_(upright.data)
    assert getattr(result, "n_frames", 1) == 1
    assert seen(result) == CORNERS


def test_a_wrong_ending_does_not_matter_because_only_the_bytes_count():
    assert read_image(saved(quarters(), "PNG")).mime == "image/png"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
@pytest.mark.parametrize("part", [0.3, 0.6])
def test_a_truncated_image_is_rejected_with_a_remedy(kind, part):
    data = saved(noise((64, 64), 80).convert("P" if kind == "GIF" else "RGB"), kind)
    with pytest.raises(ImageRejected) as caught:
        read_image(data[: int(len(data) * part)])
    assert caught.value.remedy


def coloured_noise(size: tuple[int, int] = (64, 320)) -> Image.Image:
    return noise(size, 80).convert("RGB")


def test_a_jpeg_with_too_few_rows_is_rejected_with_their_number():
    data = saved(coloured_noise(), "JPEG")
    with pytest.raises(ImageRejected, match=r"cut short: only 1[0-9][0-9] of 320 rows are there"):
        read_image(data[: len(data) // 2])


def test_a_progressive_jpeg_without_its_last_scan_is_rejected():
    data = saved(coloured_noise(), "JPEG", progressive=True)
    with pytest.raises(ImageRejected, match="cut short: too little is there"):
        read_image(data[: len(data) // 2])


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_jpeg_without_its_end_marker_gets_it_back_and_a_warning(options):
    data = saved(coloured_noise(), "JPEG", **options)
    upright = read_image(data[:-2])
    assert upright.data == data
    assert "lacked its last bytes" in upright.warning
    assert upright.received_sha256 == hashlib.sha256(data[:-2]).hexdigest()


def test_a_jpeg_that_lacks_a_few_rows_is_kept_with_a_warning_and_every_decoder_reads_it():
    data = saved(coloured_noise(), "JPEG", quality=95)
    upright = read_image(data[: int(len(data) * 0.96)])
    result = open_(upright.data)
    assert (result.size, upright.mime) == ((64, 320), "image/jpeg")
    assert upright.data.endswith(b"\xff\xd9")
    assert result.getpixel((63, 319)) == pytest.approx((128, 128, 128), abs=2)
    assert "16 of 320 rows are missing" in upright.warning
    whole = open_(data).crop((0, 0, 64, 288))
    differences = ImageChops.difference(result.crop((0, 0, 64, 288)), whole).convert("L").histogram()
    assert sum(differences[12:]) < 64 * 288 * 0.01


def test_a_jpeg_that_is_turned_and_lacks_its_end_is_turned_and_warned_of():
    scene = Image.blend(quarters(), coloured_noise((80, 40)), 0.2)
    data = with_orientation(scene.transpose(STORED[6]), 6, quality=95)
    upright = read_image(data[:-2])
    assert (upright.width, upright.height, upright.original_orientation) == (80, 40, 6)
    assert seen(open_(upright.data)) == CORNERS
    assert upright.warning


def test_a_cmyk_jpeg_that_lacks_its_end_becomes_rgb_and_is_warned_of():
    data = saved(noise((64, 320), 60).convert("CMYK"), "JPEG")
    upright = read_image(data[:-2])
    assert open_(upright.data).mode == "RGB"
    assert upright.warning


def test_a_sound_image_has_no_warning():
    assert read_image(saved(quarters(), "JPEG")).warning == ""


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_perceptual_hash_is_of_the_upright_picture(orientation):
    scene = coloured_noise((120, 80)).resize((480, 320))
    turn = STORED[orientation]
    data = with_orientation(scene.transpose(turn) if turn is not None else scene, orientation, "PNG")
    assert read_image(data).perceptual_hash == perceptual_hash(scene)


def test_no_bytes_at_all_are_rejected():
    with pytest.raises(ImageRejected, match="empty"):
        read_image(b"")


@pytest.mark.parametrize(
    "data",
    [
        b"hello, I am a text",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_image_is_rejected(data):
    with pytest.raises(ImageRejected):
        read_image(data)


def test_an_eps_is_rejected_because_reading_one_runs_a_program():
    with pytest.raises(ImageRejected, match="known kind"):
        read_image(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")


def bomb(width: int, height: int) -> bytes:
    """A small PNG file that claims to be this large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [9_500, 20_000, 2_000_000])
def test_a_decompression_bomb_is_rejected_before_it_is_decoded(side):
    with pytest.raises(ImageRejected, match="million pixels"):
        read_image(bomb(side, side))


def test_the_pixel_limit_is_ours_whatever_pillow_is_set_to(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(ImageRejected, match="million pixels"):
        read_image(bomb(9_500, 9_500))


def test_a_file_over_the_byte_limit_is_rejected(monkeypatch):
    monkeypatch.setattr(intake, "MAX_BYTES", 10)
    with pytest.raises(ImageRejected, match="at most 10"):
        read_image(b"x" * 11)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_damaged_exif_block_does_not_stop_an_image():
    data = saved(quarters(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert read_image(data).original_orientation == 1


def test_a_truncated_gif_animation_whose_first_frame_is_whole_is_taken():
    data = saved(quarters(), "GIF", save_all=True, append_images=[coloured_noise((80, 40))])
    upright = read_image(data[:-200])
    assert (upright.mime, seen(open_(upright.data))) == ("image/png", CORNERS)


def test_the_first_of_two_pictures_of_a_telephone_is_kept_untouched():
    data = saved(quarters(), "MPO", save_all=True, append_images=[quarters()])
    upright = read_image(data)
    assert (upright.data, upright.mime) == (data, "image/jpeg")


def test_an_image_of_grey_and_transparency_is_laid_on_white():
    assert (
        open_(read_image(saved(Image.new("LA", (4, 4), (0, 0)), "PNG")).data).getpixel((0, 0)) == (255,) * 3
    )


def test_sixteen_bits_a_colour_are_kept_as_they_are_because_every_decoder_takes_the_high_bytes():
    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    row = b"\0" + struct.pack(">3H", 0x12FF, 0x3400, 0xFEFF)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row)) + chunk(b"IEND", b"")
    data = b"\x89PNG\r\n\x1a\n" + chunks
    assert read_image(data).data == data
    assert open_(data).getpixel((0, 0)) == (0x12, 0x34, 0xFE)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb_whatever_the_file(kind):
    upright = read_image(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), kind))
    assert open_(upright.data).getpixel((4, 4)) == pytest.approx((255, 0, 0), abs=6)


def test_an_image_without_pixels_is_rejected():
    with pytest.raises(ImageRejected):
        read_image(bomb(0, 7))


SEEDS = {
    "jpeg": with_orientation(quarters(), 6),
    "progressive": saved(quarters(), "JPEG", progressive=True),
    "cmyk": saved(quarters().convert("CMYK"), "JPEG"),
    "png": with_orientation(quarters(), 5, "PNG"),
    "palette": saved(quarters().convert("P"), "PNG", transparency=1),
    "animation": saved(quarters(), "WEBP", save_all=True, append_images=[quarters().rotate(90)]),
    "gif": saved(quarters(), "GIF", save_all=True, append_images=[quarters().rotate(90)]),
    "bmp": saved(quarters(), "BMP"),
    "tiff": saved(quarters(), "TIFF"),
}


@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from(sorted(SEEDS)), st.integers(0, 2**32))
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_happened_to_a_file_it_is_rejected_or_becomes_an_image(kind, seed):
    rng = random.Random(seed)
    data = bytearray(SEEDS[kind])
    for _ in range(rng.randint(1, 6)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    del data[rng.choice((len(data), rng.randrange(len(data)))) :]
    try:
        upright = read_image(bytes(data))
    except ImageRejected:
        return
    assert open_(upright.data).size == (upright.width, upright.height)
