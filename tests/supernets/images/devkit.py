"""A `meta.mat` as ImageNet's devkit has it, for three classes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from scipy.io import savemat

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
