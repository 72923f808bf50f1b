from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from supernets.images.decoding import UnreadableImage, is_image, is_turned, read_rgb
from tests.paths import ROOT
from tests.supernets.images.pictures import picture


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "a.b.PNG", "a.webp", "a.bmp"])
def test_names_of_images(name: str) -> None:
    assert is_image(name)


@pytest.mark.parametrize("name", ["a.txt", "jpg", "._a.jpg", ".jpg", "a.jpg.tar", ""])
def test_names_of_other_files(name: str) -> None:
    assert not is_image(name)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    stream = io.BytesIO()
    picture(1, mode="RGB").convert(mode).save(stream, "TIFF")
    assert read_rgb(io.BytesIO(stream.getvalue())).mode == "RGB"


def test_files_that_are_no_complete_image_say_why() -> None:
    stream = io.BytesIO()
    picture(1).save(stream, "JPEG")
    for content, reason in (
        (stream.getvalue()[:-200], "OSError .*truncated"),
        (b"no image", "not an image"),
        (b"", "not an image"),
    ):
        with pytest.raises(UnreadableImage, match=reason):
            read_rgb(io.BytesIO(content))


def test_a_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    picture(1).save(stream, "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(UnreadableImage, match="DecompressionBombError"):
        read_rgb(io.BytesIO(stream.getvalue()))


GREY = np.arange(0, 256, 4, dtype=np.uint8).reshape(8, 8)


def encode(image: Image.Image, suffix: str, tags: dict[int, int] | None = None) -> io.BytesIO:
    stream = io.BytesIO()
    image.save(stream, suffix, **({"tiffinfo": tags} if tags else {}))
    return io.BytesIO(stream.getvalue())


def big_endian_tiff(pixels: np.ndarray, photometric: int = 1, bits: int = 16) -> io.BytesIO:
    """A greyscale TIFF written by hand: Pillow writes fewer kinds than it reads."""
    height, width = pixels.shape
    data = pixels.astype(">u2").tobytes()
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: photometric, 273: 8, 277: 1, 278: height, 279: len(data)}
    entries = b"".join(struct.pack(">HHIHH", tag, 3, 1, value, 0) for tag, value in tags.items())
    return io.BytesIO(
        b"MM\0*" + struct.pack(">I", 8 + len(data)) + data + struct.pack(">H", len(tags)) + entries + b"\0" * 4
    )


def png_16_bits(pixels: np.ndarray, colour: int) -> io.BytesIO:
    """A PNG of 16 bits a channel, `(height, width, channels)`."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, colour, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


SIXTEEN = GREY.astype(np.uint16) * 257


@pytest.mark.parametrize(
    "stream",
    [
        encode(Image.fromarray(SIXTEEN), "PNG"),
        encode(Image.fromarray(SIXTEEN), "TIFF"),
        encode(Image.fromarray(SIXTEEN.astype(np.int32)), "PPM"),
        big_endian_tiff(SIXTEEN),
        png_16_bits(np.stack([SIXTEEN] * 3, axis=2), 2),
        png_16_bits(np.stack([SIXTEEN, SIXTEEN], axis=2), 4),
        png_16_bits(np.stack([SIXTEEN] * 4, axis=2), 6),
    ],
    ids=["png", "tiff", "pgm", "big-endian tiff", "rgb png", "png with alpha", "rgba png"],
)
def test_16_bits_give_the_picture_of_8_bits(stream: io.BytesIO) -> None:
    assert np.array_equal(np.asarray(read_rgb(stream)), np.stack([GREY] * 3, axis=2))


@given(st.lists(st.integers(0, 65535), min_size=1, max_size=30))
def test_16_bits_keep_their_higher_byte(values: list[int]) -> None:
    stream = encode(Image.fromarray(np.array([values], dtype=np.uint16)), "PNG")
    assert np.asarray(read_rgb(stream))[0, :, 0].tolist() == [value >> 8 for value in values]


@pytest.mark.parametrize(
    "stream",
    [
        encode(Image.fromarray(GREY.astype(np.float32)), "TIFF"),
        encode(Image.fromarray(GREY.astype(np.int32)), "TIFF"),
        encode(Image.fromarray(np.stack([GREY] * 3, axis=2), "LAB"), "TIFF"),
        big_endian_tiff(SIXTEEN, photometric=0),
        big_endian_tiff(SIXTEEN // 16, bits=12),
    ],
    ids=["float", "32 bits", "lab", "white is zero", "12 bits"],
)
def test_values_without_a_known_white_are_unreadable(stream: io.BytesIO) -> None:
    with pytest.raises(UnreadableImage):
        read_rgb(stream)


@pytest.mark.parametrize("content", [b"<html>403</html>", b"", b"\x89PNG", b"II*\0", b"GIF89a", b"BM"])
def test_the_reason_is_the_same_each_time(content: bytes) -> None:
    reasons = []
    for _ in range(2):
        with pytest.raises(UnreadableImage) as caught:
            read_rgb(io.BytesIO(content))
        reasons.append((str(caught.value), io.BytesIO(content)))
    assert reasons[0][0] == reasons[1][0]
    assert "0x" not in reasons[0][0]


@given(st.integers(0, 400), st.integers(0, 255), st.sampled_from(["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM"]))
def test_a_changed_byte_gives_an_image_or_a_reason(place: int, value: int, kind: str) -> None:
    content = bytearray(encode(picture(1, (12, 9)), kind).getvalue())
    content[place % len(content)] = value
    with suppress(UnreadableImage):
        assert read_rgb(io.BytesIO(bytes(content))).mode == "RGB"


def _tagged(orientation: int | None, kind: str, junk: bytes = b"") -> io.BytesIO:
    exif = Image.Exif()
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    stream = io.BytesIO()
    picture(1).save(stream, kind, exif=junk or exif.tobytes())
    return io.BytesIO(stream.getvalue())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [None, 0, 1, 2, 3, 6, 8, 9])
def test_an_orientation_tag_is_found_and_not_applied(orientation: int | None, kind: str) -> None:
    image = read_rgb(_tagged(orientation, kind))
    assert is_turned(image) == (orientation in (2, 3, 6, 8))
    assert image.size == picture(1).size


@pytest.mark.parametrize("junk", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM", b"nothing", b"\0"])
def test_damaged_tags_turn_nothing(junk: bytes) -> None:
    assert not is_turned(read_rgb(_tagged(None, "JPEG", junk)))


def test_pillow_warns_of_nothing_on_the_terminal(tmp_path: Path) -> None:
    """In a process of its own, because pytest has filters of its own."""
    palette = io.BytesIO()
    picture(1).quantize(16).save(palette, "PNG", transparency=bytes([0] * 4 + [255] * 12))
    large = io.BytesIO()
    Image.new("L", (11_000, 9_000)).save(large, "PNG")
    for i, stream in enumerate((palette, large, _tagged(None, "JPEG", b"Exif\0\0II*\0\x08\0\0\0\x01\0\x1a\x01\x05"))):
        (tmp_path / str(i)).write_bytes(stream.getvalue())
    code = "import sys; from supernets.images.decoding import is_turned, read_rgb\n"
    code += "for path in sys.argv[1:]: is_turned(read_rgb(open(path, 'rb')))"
    done = subprocess.run(
        [sys.executable, "-c", code, *(str(tmp_path / str(i)) for i in range(3))],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
