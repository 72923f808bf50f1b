"""Lists the images of a folder, `<class>/<image>`, in sorted order. Opens no image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from supernets.images.decoding import EXTENSIONS, ImageError, is_image


def list_classes(root: Path) -> dict[str, list[str]]:
    """Names of the images of each class, by the name of its folder, both sorted.

    Raises:
        ImageError: the folder is missing or cannot be read, or has no class folders or no images in them.
    """
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise ImageError(f"image folder {root}: expected a folder, found {found} there")
    classes = [entry.name for entry in entries(root) if entry.is_dir()]
    if not classes:
        loose = len(list_images(root))
        found = f"{loose} images and no class folders" if loose else "an empty folder"
        raise ImageError(
            f"image folder {root}: expected one sub-folder for each class ({root.name}/<class>/*.jpg), found {found}; "
            "sort the images into folders named after their classes"
        )
    images = {name: list_images(root / name) for name in classes}
    if not any(images.values()):
        raise ImageError(
            f"image folder {root}: expected images in its {len(classes)} class folders, found none "
            f"(looked for {', '.join(EXTENSIONS)})"
        )
    return images


def list_images(folder: Path) -> list[str]:
    """Names of the images directly in `folder`, sorted.

    Raises:
        ImageError: the folder cannot be read.
    """
    return [entry.name for entry in entries(folder) if is_image(entry.name)]


def entries(folder: Path) -> list[Path]:
    """Everything in `folder`, sorted.

    Raises:
        ImageError: the folder cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise ImageError(
            f"image folder {folder}: cannot be read ({error.strerror}); fix its permissions or choose another folder"
        ) from error


def flatten(images: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Path below the root and class of every image."""
    return [(f"{name}/{image}", name) for name, names in images.items() for image in names]
