"""One image file to RGB pixels, or the reason why not. Knows no folders and no sets."""

from __future__ import annotations

from pathlib import PurePath
from typing import IO

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image

from common.errors import UserError

Bytes = NDArray[np.uint8]

EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
DECODER = f"pillow-{PIL.__version__}"


class ImageError(UserError):
    """Images that cannot be used: a folder, a split, or a file that cannot be read."""


class UnreadableImage(Exception):
    """A file that is truncated, corrupt or not an image; the text says how that showed."""


def is_image(name: str) -> bool:
    """By its name; what macOS leaves beside files on foreign disks (`._name`) is none."""
    return PurePath(name).suffix.lower() in EXTENSIONS and not name.startswith(".")


def read_rgb(stream: IO[bytes]) -> Image.Image:
    """The whole image, decoded; greyscale, palette and CMYK files are converted to RGB.

    Raises:
        UnreadableImage: there is no whole image in the stream.
    """
    try:
        with Image.open(stream) as opened:
            return opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableImage(f"{type(error).__name__} ({error})") from error
