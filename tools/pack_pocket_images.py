"""Make the bundled image archive from CIFAR-10: `python -m tools.pack_pocket_images CIFAR10 cifar10.tar.xz`.

`CIFAR10` holds `train/<class>/*.jpg` and `test/<class>/*.jpg`. The calibration images come from the training half, the
search and report images are the two halves of the test half, balanced by class and without exact repeats.
"""

from __future__ import annotations

import hashlib
import io
import random
import sys
import tarfile
from pathlib import Path

CALIBRATE, SEARCH, REPORT = 100, 500, 500
"""Images of each class."""
SEED = 0


def pack(source: Path, target: Path) -> None:
    rng = random.Random(SEED)
    seen: set[bytes] = set()
    with tarfile.open(target, "w:xz", preset=9) as archive:
        for folder in sorted(path for path in (source / "test").iterdir() if path.is_dir()):
            train = _shuffled(source / "train" / folder.name, rng)
            test = _shuffled(folder, rng)
            _add(archive, "calibrate", folder.name, train, CALIBRATE, seen)
            _add(archive, "search", folder.name, test, SEARCH, seen)
            _add(archive, "report", folder.name, test, REPORT, seen)


def _shuffled(folder: Path, rng: random.Random) -> list[Path]:
    files = sorted(folder.iterdir())
    rng.shuffle(files)
    return files


def _add(archive: tarfile.TarFile, split: str, name: str, files: list[Path], count: int, seen: set[bytes]) -> None:
    """Move up to `count` files that are new by content from the end of `files` into the archive."""
    added = 0
    while files and added < count:
        path = files.pop()
        content = path.read_bytes()
        digest = hashlib.sha256(content).digest()
        if digest not in seen:
            seen.add(digest)
            entry = tarfile.TarInfo(f"{split}/{name}/{path.name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
            added += 1


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
