"""Image files that tests make, of the kinds that lie in real folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (60, 45), mode: str = "RGB") -> Image.Image:
    """A smooth random image, as JPEG can keep it; `size` is (width, height)."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC).convert(mode)


def save(path: Path, seed: int, size: tuple[int, int] = (60, 45), mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, size, mode).save(path, "JPEG" if path.suffix.lower() in (".jpeg", ".jpg") else None)
    return path


def truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: 2 * len(content) // 3])


def class_folders(root: Path, classes: Sequence[str], each: int, first_seed: int = 0) -> Mapping[str, list[Path]]:
    """`root/<class>/*.JPEG`, every image different."""
    return {
        name: [
            save(root / name / f"{name}_{i}.JPEG", first_seed + c * each + i, (60 + i, 45 + 3 * c)) for i in range(each)
        ]
        for c, name in enumerate(classes)
    }
