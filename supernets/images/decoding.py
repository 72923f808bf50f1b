"""Decodes one image file to RGB pixels. Knows no folders and no image sets."""

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
    """A folder, a split or a file of images that cannot be used."""


class UnreadableImage(Exception):
    """A file is truncated, damaged or not an image; the text gives the decoder's error."""


def is_image(name: str) -> bool:
    """Whether the name is that of an image; macOS leaves other files named `._name` on foreign disks."""
    return PurePath(name).suffix.lower() in EXTENSIONS and not name.startswith(".")


def read_rgb(stream: IO[bytes]) -> Image.Image:
    """The whole image, decoded; greyscale, palette and CMYK files are converted to RGB.

    Raises:
        UnreadableImage: the stream holds no complete image.
    """
    try:
        with Image.open(stream) as opened:
            return opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableImage(f"{type(error).__name__} ({error})") from error
