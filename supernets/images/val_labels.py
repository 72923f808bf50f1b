"""The classes of a flat `val/` folder, from a list of them beside it.

Notable: the devkit numbers classes in an order of its own, which differs from that of released weights; used unchanged,
it gives 0.1 % top-1. The devkit's `meta.mat` maps its numbers to wnids.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from supernets.images.decoding import ImageError

GROUND_TRUTH = "ILSVRC2012_validation_ground_truth.txt"
_NUMBER = re.compile(r"_(\d+)\.\w+$")


def flat_classes(root: Path, val: Path, images: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """The wnid of each image in `val`.

    Raises:
        ImageError: no list of the classes was found, or it does not fit the images.
    """
    for path, read in _lists(root, val):
        wnid_of = read(path, images, classes)
        _check(path, images, wnid_of, set(classes))
        return wnid_of
    raise ImageError(
        f"ImageNet folder {val}: expected one sub-folder for each class, found {len(images):,} images in one folder "
        f"and no list of their classes. Put one of these into {root}: the devkit's folder ILSVRC2012_devkit_t12 (with "
        f"data/meta.mat and data/{GROUND_TRUTH}), LOC_val_solution.csv of the Kaggle archive, or a text file "
        "*synset_labels.txt with one wnid a line; or sort the images into val/<wnid>/"
    )


_Reader = Callable[[Path, Sequence[str], Sequence[str]], dict[str, str]]
"""Reads a list, given the images' names and all wnids in order, and returns the wnid of each image in the list."""


def _lists(root: Path, val: Path) -> list[tuple[Path, _Reader]]:
    """The lists of classes near `val` with the reader of each, the simplest first."""
    folders = [val, *(p for p in val.parents if p == root or root in p.parents)]
    folders += [path for folder in (root, val.parent) for path in sorted(folder.glob("*devkit*")) if path.is_dir()]
    folders += [folder / "data" for folder in folders]
    readers: tuple[tuple[str, _Reader], ...] = (
        ("*synset_labels.txt", _wnid_lines),
        ("val_map.txt", _pairs),
        ("val.txt", _pairs),
        ("LOC_val_solution.csv", _kaggle),
        (GROUND_TRUTH, _devkit),
    )
    return [(path, read) for name, read in readers for folder in folders for path in sorted(folder.glob(name))]


def _wnid_lines(path: Path, images: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Reads a list with the wnid of image n on line n."""
    return _by_number(path, images, path.read_text().split())


def _pairs(path: Path, images: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Reads a list with an image's name and its wnid, or its index among the sorted wnids, on each line."""
    pairs = (line.split()[:2] for line in path.read_text().splitlines() if len(line.split()) >= 2)
    return {
        Path(name).name: classes[int(value)] if value.isdecimal() and int(value) < len(classes) else value
        for name, value in pairs
    }


def _kaggle(path: Path, images: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Reads the columns `ImageId,PredictionString`; the prediction string begins with the wnid."""
    with path.open(newline="") as stream:
        wnid_of = {row[0]: row[1].split()[0] for row in csv.reader(stream) if len(row) > 1 and row[1].split()}
    return {image: wnid_of[Path(image).stem] for image in images if Path(image).stem in wnid_of}


def _devkit(path: Path, images: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Reads a list with the devkit's class number of image n on line n; `meta.mat` beside it maps numbers to wnids."""
    meta = path.with_name("meta.mat")
    if not meta.exists():
        raise ImageError(
            f"{path}: expected {meta} beside it, which maps the devkit's class numbers to wnids, and found none; "
            "copy the devkit's whole data folder there"
        )
    wnid_of = _synsets(meta)
    numbers = path.read_text().split()
    unknown = sorted({n for n in numbers if not n.isdecimal() or int(n) not in wnid_of})
    if unknown:
        raise ImageError(f"{path}: expected numbers of classes in {meta.name}, got {', '.join(unknown[:3])}")
    return _by_number(path, images, [wnid_of[int(n)] for n in numbers])


def _synsets(meta: Path) -> dict[int, str]:
    """The wnid of each class number of the devkit."""
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        synsets = loadmat(meta, squeeze_me=True)["synsets"]
        return dict(zip(map(int, synsets["ILSVRC2012_ID"]), map(str, synsets["WNID"]), strict=True))
    except (
        OSError,
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        NotImplementedError,
        zlib.error,
        MatReadError,
    ) as error:
        raise ImageError(
            f"{meta}: expected the devkit's MATLAB file of classes, got {type(error).__name__} ({error}); copy it again"
        ) from error


def _by_number(path: Path, images: Sequence[str], wnid_of_line: Sequence[str]) -> dict[str, str]:
    """Assign lines to images by the number in an image's name, from 1, so that some images may be absent."""
    numbers = {image: int(found[1]) for image in images if (found := _NUMBER.search(image))}
    without = next((image for image in images if image not in numbers), None)
    if without is not None:
        raise ImageError(
            f"{path}: expected images with numbered names such as ILSVRC2012_val_00000001.JPEG, got {without}; "
            "restore the original names"
        )
    return {image: wnid_of_line[n - 1] for image, n in numbers.items() if 1 <= n <= len(wnid_of_line)}


def _check(path: Path, images: Sequence[str], wnid_of: Mapping[str, str], known: set[str]) -> None:
    absent = [image for image in images if image not in wnid_of]
    if absent:
        raise ImageError(
            f"{path}: expected the class of each of the {len(images):,} images, found none for {len(absent):,} of them "
            f"({', '.join(absent[:3])})"
        )
    strange = sorted(set(wnid_of.values()) - known)
    if strange:
        raise ImageError(f"{path}: expected wnids of the 1,000 classes (n01440764, ...), got {', '.join(strange[:3])}")
