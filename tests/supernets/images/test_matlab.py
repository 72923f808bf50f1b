from __future__ import annotations

from pathlib import Path

import pytest

from supernets.images import ImageError
from supernets.images.matlab import read_structures
from tests.supernets.images.devkit import META, WNIDS


def test_structures_are_read_with_their_fields(tmp_path: Path) -> None:
    (tmp_path / "meta.mat").write_bytes(META)
    found = read_structures(tmp_path / "meta.mat")
    assert [entry["WNID"] for entry in found] == list(WNIDS)
    assert [entry["ILSVRC2012_ID"] for entry in found] == [[1], [2], [3]]
    assert found[1]["words"] == "English setter"
    assert found[2]["children"] == [1.0, 2.0]
    assert found[0]["num_train_images"] == [1300.0]


@pytest.mark.parametrize("content", [META[:200], META[:128], b"", b"MATLAB 7.3 MAT-file".ljust(126) + b"XX" + META])
def test_files_that_are_something_else_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "meta.mat").write_bytes(content)
    with pytest.raises(ImageError, match=r"meta\.mat: expected a MATLAB file"):
        read_structures(tmp_path / "meta.mat")
