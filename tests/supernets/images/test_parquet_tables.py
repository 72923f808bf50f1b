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
from tests.supernets.images.packing import ALL, DESCRIBED, SIZES, SOME, images, listed, make_folders, tables


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


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (SOME, ""),
        (SOME[::-1], ""),
        ([DESCRIBED[ALL.index(wnid)] for wnid in SOME], ""),
        (None, "expected a name for each label, got 3 numbers without names"),
        (("cat", "dog", "fox"), r"got 3 other names \(cat, dog, fox\)"),
        (SOME[:2], "expected a label from 0 to 1, got 2"),
    ],
)
def test_labels_of_a_subset_are_those_that_the_table_names(
    names: tuple[str, ...] | None, problem: str, tmp_path: Path
) -> None:
    rows = [{"image": {"bytes": b"", "path": None}, "label": label} for label in (2, 0, 1)]
    table = pa.Table.from_pylist(rows).replace_schema_metadata(None if names is None else listed(names))
    pq.write_table(table, path := tmp_path / "val-0.parquet")
    if problem:
        with pytest.raises(ImageError, match=problem):
            list_tables([path], ALL)
    else:
        wnids = [name if name in ALL else SOME[i] for i, name in enumerate(names or ())]
        assert [name for _, name in list_tables([path], ALL)] == [wnids[label] for label in (2, 0, 1)]


def test_tables_with_different_lists_are_refused(folders: Path, tmp_path: Path) -> None:
    tables(folders, tmp_path)
    paths = sorted((tmp_path / "data").iterdir())
    pq.write_table(pq.read_table(paths[1]).replace_schema_metadata(listed(ALL)), paths[1])
    with pytest.raises(ImageError, match="expected one list of class names in both"):
        list_tables(paths, ALL)


def test_rows_without_an_image_are_left_out(folders: Path, tmp_path: Path) -> None:
    tables(folders, tmp_path)
    path = tmp_path / "data" / "validation-00000-of-00001.parquet"
    rows = pq.read_table(path).to_pylist()
    rows[1]["image"] = {"bytes": None, "path": "elsewhere.JPEG"}
    pq.write_table(pa.Table.from_pylist(rows).replace_schema_metadata(listed(DESCRIBED)), path)
    parts, _ = find_imagenet(tmp_path, ALL).listings("held-out", SIZES, 0)
    splits = open_splits(parts, ALL, Cropping("bilinear"), (16,), tmp_path / "cache")
    assert np.array_equal(splits.report.labels, np.delete(parts["report"].labels, 1))
    assert "the table has a file name and no image data" in splits.notes[0]


def test_an_image_is_named_by_table_group_and_row(folders: Path, tmp_path: Path) -> None:
    tables(folders, tmp_path)
    path = tmp_path / "data" / "train-00000-of-00001.parquet"
    found = list_tables([path], ALL)
    assert found[6] == (f"{path.name}/1/1", SOME[1])
    source = Tables(path.parent)
    assert source.read(found[6][0]) == list(images(folders, "train").values())[6]
    assert source.container(found[6][0]) == path.name
