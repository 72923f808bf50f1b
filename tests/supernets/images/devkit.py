"""A `meta.mat` as ImageNet's devkit has it, for three classes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from scipy.io import savemat

from tests.supernets.images.pictures import save

WNIDS = ("n02119789", "n02100735", "n01440764")
"""The devkit's classes 1, 2 and 3."""


def _meta() -> bytes:
    synsets = np.zeros((len(WNIDS), 1), dtype=[(name, object) for name in ("ILSVRC2012_ID", "WNID", "children")])
    for i, wnid in enumerate(WNIDS):
        synsets[i, 0] = (i + 1, wnid, np.array([]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "meta.mat"
        savemat(path, {"synsets": synsets}, do_compression=True)
        return path.read_bytes()


META = _meta()


def flat_val(root: Path, count: int = 6) -> dict[str, str]:
    """A flat `val` of `count` images, of the devkit's classes in turn; the wnid of each."""
    found = {}
    for i in range(count):
        name = f"ILSVRC2012_val_{i + 1:08}.JPEG"
        save(root / name, i)
        found[name] = WNIDS[i % 3]
    return found
