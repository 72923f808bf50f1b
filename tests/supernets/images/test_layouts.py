"""The layouts of ImageNet: folders, archives and tables give the same images, labels and order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from supernets.images.cropping import Cropping
from supernets.images.full_size import open_splits
from supernets.images.imagenet import find_imagenet
from supernets.images.layouts import TRAIN, VAL, find_split
from tests.supernets.images.packing import ALL, LAYOUTS, SIZES, contents, make_folders, pack
from tests.supernets.images.pictures import save


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    return make_folders(tmp_path / "folders")


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


def test_a_folder_of_a_splits_name_goes_before_archives(tmp_path: Path) -> None:
    save(tmp_path / "val" / "a" / "1.JPEG", 1)
    pack(tmp_path / "ILSVRC2012_img_val.tar", {"b.JPEG": b""})
    found = find_split(tmp_path, VAL)
    assert found is not None
    assert (found.folder, found.archives, found.tables) == (tmp_path / "val", (), ())
    assert find_split(tmp_path, TRAIN) is None


def test_loose_images_have_the_folders_name_for_a_class(tmp_path: Path) -> None:
    save(tmp_path / "val" / "b.JPEG", 1)
    save(tmp_path / "val" / "a.JPEG", 2)
    found = find_split(tmp_path, VAL)
    assert found is not None
    assert found.images(ALL).files == [("a.JPEG", "val"), ("b.JPEG", "val")]
