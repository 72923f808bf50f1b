"""Images in tar archives: labels, order, and archives that cannot be used."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from timm.data.readers.reader_image_in_tar import ReaderImageInTar

from supernets.images.archives import Archives, list_archives
from supernets.images.cropping import Cropping
from supernets.images.decoding import ImageError
from supernets.images.full_size import open_splits
from supernets.images.imagenet import find_imagenet
from tests.supernets.images.packing import (
    ALL,
    SIZES,
    SOME,
    contents,
    images,
    make_folders,
    one_archive,
    one_for_each_class,
    pack,
    shards,
)
from tests.supernets.images.pictures import truncate


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    return make_folders(tmp_path / "folders")


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


def test_a_name_holds_the_place_of_the_bytes(tmp_path: Path) -> None:
    pack(tmp_path / "a.tar", {"cat/1.jpg": b"first", "cat/2.jpg": b"second", "dog/._1.jpg": b"of macOS"})
    listed = list_archives([tmp_path / "a.tar"], ())
    source = Archives(tmp_path)
    assert [(source.name(file), source.container(file), folder) for file, folder in listed] == [
        ("1.jpg", "a.tar", "cat"), ("2.jpg", "a.tar", "cat"),
    ]  # fmt: skip
    assert [source.read(file) for file, _ in listed] == [b"first", b"second"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"n01440764_1": "5", "n01443537_2": "6"}, ["n01440764", "n01443537"]),
        ({"a": "n01443537", "b": "n01440764"}, ["n01440764", "n01443537"]),
        ({"n01440764_1": "5", "b": "n01443537"}, ["n01440764", "n01443537"]),
        ({"a": "5", "b": "6"}, None),
        ({"n01440764_1": "5", "b": "6"}, None),
        ({"n01440764_1": "5", "n01443537_2": "5"}, None),
        ({"ILSVRC2012_val_1": "0", "ILSVRC2012_val_2": "1"}, None),
    ],
)
def test_labels_of_a_subset_are_names_or_those_in_the_images_names(
    files: dict[str, str], expected: list[str] | None, tmp_path: Path
) -> None:
    pack(path := tmp_path / "val.tar", {n: c for key, label in files.items() for n, c in _sample(key, label)})
    if expected is None:
        with pytest.raises(ImageError, match=r"val\.tar: expected a name for each label, got \d numbers without names"):
            list_archives([path], ALL)
    else:
        assert [name for _, name in list_archives([path], ALL)] == expected


def _sample(key: str, label: str) -> list[tuple[str, bytes]]:
    return [(f"{key}.cls", label.encode()), (f"{key}.jpg", b"")]
