from __future__ import annotations

import io

import pytest
from PIL import Image

from supernets.images.decoding import UnreadableImage, is_image, read_rgb
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
        (b"no image", "UnidentifiedImageError"),
        (b"", "UnidentifiedImageError"),
    ):
        with pytest.raises(UnreadableImage, match=reason):
            read_rgb(io.BytesIO(content))


def test_a_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    picture(1).save(stream, "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(UnreadableImage, match="DecompressionBombError"):
        read_rgb(io.BytesIO(stream.getvalue()))
