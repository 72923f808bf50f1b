"""Decodes one image file to RGB pixels. Knows no folders and no image sets."""

from __future__ import annotations

import re
import warnings
from pathlib import PurePath
from typing import IO

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import TiffImageFile

from common.errors import UserError

Bytes = NDArray[np.uint8]

EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
DECODER = f"pillow-{PIL.__version__}"

_EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV")
"""Modes of Pillow that its conversion to RGB reads correctly."""
_SIXTEEN_BITS = ("PNG", "PPM", "TIFF", "JPEG2000")
"""Formats whose greyscale images of 16 bits have 65535 for white."""
_BITS, _PHOTOMETRIC = 258, 262
"""Tags of TIFF."""
# Pillow warns of odd files with its own paths, from any thread; what matters here is counted in notes.
warnings.filterwarnings("ignore", module=r"PIL\.")

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class ImageError(UserError):
    """A folder, a split or a file of images that cannot be used."""


class UnreadableImage(Exception):
    """A file is truncated, damaged or not an image; the text gives the decoder's error."""


def is_image(name: str) -> bool:
    """Whether the name is that of an image; macOS leaves other files named `._name` on foreign disks."""
    return PurePath(name).suffix.lower() in EXTENSIONS and not name.startswith(".")


def read_rgb(stream: IO[bytes]) -> Image.Image:
    """The whole image, decoded to 8 bits of RGB as its format defines its values.

    Raises:
        UnreadableImage: the stream holds no complete image, or its format does not define which value is white.
    """
    try:
        with Image.open(stream) as opened:
            return _to_rgb(opened)
    except UnreadableImage:
        raise
    except PIL.UnidentifiedImageError as error:
        # Pillow's own text has the address of the stream, which differs from run to run.
        raise UnreadableImage("not an image in a known format") from error
    except Exception as error:
        # Pillow's readers raise nearly any exception for a damaged file.
        raise UnreadableImage(f"{type(error).__name__} ({_ADDRESS.sub('', str(error))})") from error


def is_turned(image: Image.Image) -> bool:
    """Whether a viewer would turn or mirror the image by the orientation tag of its file."""
    if "exif" not in image.info:
        return False
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9)
    except Exception:
        # Pillow raises nearly any exception for damaged tags, which no viewer follows.
        return False


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in _EIGHT_BITS:
        return image.convert("RGB")
    if image.mode.startswith("I") and image.format in _SIXTEEN_BITS and _spans_16_bits(image):
        # Pillow's own conversion cuts values off at 255, which turns most of a picture white.
        high = np.asarray(image).astype(np.int64) >> 8
        if high.min() >= 0 and high.max() <= 255:
            return Image.fromarray(high.astype(np.uint8)).convert("RGB")
    raise UnreadableImage(
        f"{image.format} image of mode {image.mode}, whose value for white is unknown; save it with 8 bits a channel"
    )


def _spans_16_bits(image: Image.Image) -> bool:
    """Whether 0 is black and 65535 white; TIFF may store the reverse, 12 bits, and signed or larger numbers."""
    if not isinstance(image, TiffImageFile):
        return True
    return image.mode != "I" and image.tag_v2.get(_PHOTOMETRIC) == 1 and image.tag_v2.get(_BITS) == (16,)
