"""ImageNet in archives and tables: the same images, labels and order as in folders, read in place."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from timm.data.readers.reader_image_in_tar import ReaderImageInTar

from supernets.images.cropping import Cropping
from supernets.images.decoding import ImageError
from supernets.images.full_size import Listing, open_splits
from supernets.images.imagenet import find_imagenet, wnids
from tests.supernets.images.devkit import META, WNIDS
from tests.supernets.images.pictures import class_folders, truncate

ALL = wnids()
SOME = tuple(sorted(WNIDS))
SIZES = {"calibrate": 3, "search": 6}


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    class_folders(tmp_path / "folders" / "train", SOME, 4)
    class_folders(tmp_path / "folders" / "val", SOME, 2, 100)
    return tmp_path / "folders"


def pack(path: Path, files: Mapping[str, bytes]) -> bytes:
    """Write a tar archive; returns its content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path.read_bytes()


def images(root: Path, split: str) -> dict[str, bytes]:
    return {str(path.relative_to(root / split)): path.read_bytes() for path in sorted((root / split).glob("*/*"))}


def one_archive(folders: Path, root: Path) -> None:
    for split in ("train", "val"):
        pack(root / f"{split}.tar", {f"./{split}/{name}": file for name, file in images(folders, split).items()})


def one_for_each_class(folders: Path, root: Path) -> None:
    for split in ("train", "val"):
        for wnid in SOME:
            files = {Path(n).name: file for n, file in images(folders, split).items() if n.startswith(wnid)}
            pack(root / split / f"{wnid}.tar", {"._" + next(iter(files)): b"of macOS", **files})


def as_published(folders: Path, root: Path) -> None:
    """Training archives in an archive, validation flat with the devkit's numbers."""
    one_for_each_class(folders, root)
    inner = {path.name: path.read_bytes() for path in (root / "train").iterdir()}
    pack(root / "ILSVRC2012_img_train.tar", inner)
    val = images(folders, "val")
    pack(
        root / "ILSVRC2012_img_val.tar",
        {f"ILSVRC2012_val_{i:08}.JPEG": file for i, file in enumerate(val.values(), 1)},
    )
    for split in ("train", "val"):
        for path in (root / split).iterdir():
            path.unlink()
        (root / split).rmdir()
    data = root / "ILSVRC2012_devkit_t12" / "data"
    data.mkdir(parents=True)
    (data / "meta.mat").write_bytes(META)
    numbers = [WNIDS.index(Path(name).parts[0]) + 1 for name in val]
    (data / "ILSVRC2012_validation_ground_truth.txt").write_text("\n".join(map(str, numbers)))


def shards(folders: Path, root: Path) -> None:
    """As webdataset writes them: each image with its label and more, in any order."""
    for split, name in (("train", "train"), ("val", "validation")):
        files = sorted(images(folders, split).items(), key=lambda item: item[1])
        for shard in range(2):
            members: dict[str, bytes] = {}
            for path, file in files[shard::2]:
                key = Path(path).stem
                label = str(ALL.index(Path(path).parts[0])).encode()
                members |= {f"{key}.cls": label, f"{key}.jpg": file, f"{key}.json": json.dumps({"label": 7}).encode()}
            pack(root / f"imagenet1k-{name}-{shard:04}.tar", members)


def tables(folders: Path, root: Path) -> None:
    """As on Hugging Face's hub, in row groups of five."""
    for split, name in (("train", "train"), ("val", "validation")):
        rows = [
            {"image": {"bytes": file, "path": Path(path).name}, "label": ALL.index(Path(path).parts[0])}
            for path, file in images(folders, split).items()
        ]
        (root / "data").mkdir(parents=True, exist_ok=True)
        path = root / "data" / f"{name}-00000-of-00001.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=5)


LAYOUTS: list[Callable[[Path, Path], None]] = [one_archive, one_for_each_class, as_published, shards, tables]


def contents(listing: Listing) -> list[tuple[bytes, int]]:
    return [(listing.source.read(file), int(y)) for file, y in zip(listing.files, listing.labels, strict=True)]


@pytest.mark.parametrize("make", LAYOUTS)
def test_every_layout_gives_the_same_splits(make: Callable[[Path, Path], None], folders: Path, tmp_path: Path) -> None:
    make(folders, tmp_path / "packed")
    expected, _ = find_imagenet(folders, ALL).listings("held-out", SIZES, 0)
    found, _ = find_imagenet(tmp_path / "packed", ALL).listings("held-out", SIZES, 0)
    assert {name: contents(part) for name, part in found.items()} == {
        name: contents(part) for name, part in expected.items()
    }
    cropping = Cropping("bilinear")
    same = [open_splits(parts, ALL, cropping, (16,), tmp_path / "cache") for parts in (expected, found)]
    assert [s.hash for _, s in same[0].named()] == [s.hash for _, s in same[1].named()]
    open_splits(found, ALL, cropping, (16,), tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 6


@pytest.mark.parametrize("make", [one_archive, one_for_each_class])
def test_archives_are_labelled_as_timm_labels_them(
    make: Callable[[Path, Path], None], folders: Path, tmp_path: Path
) -> None:
    make(folders, tmp_path)
    for path in tmp_path.glob("train/*.tar"):
        # timm takes what macOS leaves for images.
        pack(path, {Path(n).name: file for n, file in images(folders, "train").items() if n.startswith(path.stem)})
    reader = ReaderImageInTar(str(next(tmp_path.glob("train*"))))  # type: ignore[no-untyped-call]
    theirs = sorted((stream.read(), SOME[target]) for stream, target in (reader[i] for i in range(len(reader))))
    train = find_imagenet(tmp_path, ALL).train
    assert train is not None
    assert sorted((file, ALL[label]) for file, label in contents(train)) == theirs


def test_an_unreadable_image_in_an_archive_is_left_out_and_named(folders: Path, tmp_path: Path) -> None:
    truncate(folders / "val" / SOME[0] / f"{SOME[0]}_1.JPEG")
    one_archive(folders, tmp_path / "packed")
    parts, _ = find_imagenet(tmp_path / "packed", ALL).listings("held-out", SIZES, 0)
    (note,) = open_splits(parts, ALL, Cropping("bilinear"), (16,), tmp_path / "cache").notes
    assert note.startswith(f"1 of 6 images of report cannot be read and were left out (val.tar/val/{SOME[0]}/")


def test_archives_that_are_cut_or_compressed_are_named(folders: Path, tmp_path: Path) -> None:
    one_archive(folders, tmp_path)
    whole = (tmp_path / "train.tar").read_bytes()
    (tmp_path / "train.tar").write_bytes(whole[: len(whole) // 2 - 300])
    with pytest.raises(ImageError, match=r"train\.tar: expected a whole, uncompressed tar archive, got ReadError"):
        find_imagenet(tmp_path, ALL)
    with tarfile.open(tmp_path / "train.tar", "w:gz") as archive:
        archive.add(folders / "train", "train")
    with pytest.raises(ImageError, match=r"train\.tar: .* copy it again or unpack it"):
        find_imagenet(tmp_path, ALL)
    pack(tmp_path / "train.tar", {"read.me": b""})
    with pytest.raises(ImageError, match=r"train\.tar: expected images in it, found none"):
        find_imagenet(tmp_path, ALL)


@pytest.mark.parametrize("label", [b"1000", b"-1", b"tench", None])
def test_a_label_that_is_none_of_the_classes_is_named(label: bytes | None, folders: Path, tmp_path: Path) -> None:
    shards(folders, tmp_path)
    files = {"a.cls": b"0", "a.jpg": b"", "b.jpg": b"", **({} if label is None else {"b.cls": label})}
    pack(tmp_path / "imagenet1k-validation-0000.tar", files)
    with pytest.raises(ImageError, match=r"expected a label from 0 to 999 \(.cls\) .* for b\.jpg"):
        find_imagenet(tmp_path, ALL)


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
    assert "the table names a file instead of holding it" in splits.notes[0]
