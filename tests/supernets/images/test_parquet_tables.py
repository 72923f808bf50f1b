"""Images in Parquet tables: rows without an image, and tables that cannot be used."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from supernets.images.cropping import Cropping
from supernets.images.decoding import ImageError
from supernets.images.full_size import open_splits
from supernets.images.imagenet import find_imagenet
from supernets.images.parquet_tables import Tables, list_tables
from tests.supernets.images.packing import ALL, SIZES, SOME, images, make_folders, tables


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    return make_folders(tmp_path / "folders")


def test_tables_that_cannot_be_used_say_why(folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables(folders, tmp_path)
    path = tmp_path / "data" / "validation-00000-of-00001.parquet"
    for content, message in (
        ({"image": [{"bytes": b"", "path": ""}], "label": [-1]}, "expected a label from 0 to 999, got -1"),
        ({"picture": [b""], "label": [1]}, "expected Parquet with the columns image and label, got KeyError"),
    ):
        pq.write_table(pa.table(content), path)
        with pytest.raises(ImageError, match=message):
            find_imagenet(tmp_path, ALL)
    path.write_bytes(b"PAR1")
    with pytest.raises(ImageError, match="expected Parquet"):
        find_imagenet(tmp_path, ALL)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ImageError, match=r"expected the package pyarrow.* `pip install pyarrow`"):
        find_imagenet(tmp_path, ALL)


def test_rows_without_an_image_are_left_out(folders: Path, tmp_path: Path) -> None:
    tables(folders, tmp_path)
    path = tmp_path / "data" / "validation-00000-of-00001.parquet"
    rows = pq.read_table(path).to_pylist()
    rows[1]["image"] = {"bytes": None, "path": "elsewhere.JPEG"}
    pq.write_table(pa.Table.from_pylist(rows), path)
    parts, _ = find_imagenet(tmp_path, ALL).listings("held-out", SIZES, 0)
    splits = open_splits(parts, ALL, Cropping("bilinear"), (16,), tmp_path / "cache")
    assert np.array_equal(splits.report.labels, np.delete(parts["report"].labels, 1))
    assert "the table has a file name and no image data" in splits.notes[0]


def test_an_image_is_named_by_table_group_and_row(folders: Path, tmp_path: Path) -> None:
    tables(folders, tmp_path)
    path = tmp_path / "data" / "train-00000-of-00001.parquet"
    listed = list_tables([path], ALL)
    assert listed[6] == (f"{path.name}/1/1", SOME[1])
    source = Tables(path.parent)
    assert source.read(listed[6][0]) == list(images(folders, "train").values())[6]
    assert source.container(listed[6][0]) == path.name
