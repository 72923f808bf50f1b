"""ImageNet as it lies on disks: every layout gives the same files and labels, and what cannot be known is explained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets.images.decoding import ImageError
from supernets.images.full_size import Listing
from supernets.images.imagenet import class_listing, find_imagenet, wnids
from tests.supernets.images.devkit import flat_val
from tests.supernets.images.pictures import class_folders

ALL = wnids()
SOME = ("n01440764", "n02100735", "n02119789")
SIZES = {"calibrate": 3, "search": 6}


def labels(listing: Listing) -> dict[str, int]:
    return {Path(file).name: int(label) for file, label in zip(listing.files, listing.labels, strict=True)}


def test_the_wnids_are_sorted_and_complete() -> None:
    assert len(ALL) == 1000
    assert list(ALL) == sorted(ALL)
    assert (ALL[0], ALL[217], ALL[999]) == ("n01440764", "n02102040", "n15075141")


def test_some_class_folders_are_labelled_as_in_the_whole(tmp_path: Path) -> None:
    class_folders(tmp_path / "train", SOME, 4)
    class_folders(tmp_path / "val", SOME[1:], 2, 100)
    found = find_imagenet(tmp_path, ALL)
    assert found.train is not None
    assert set(found.train.labels) == {ALL.index(wnid) for wnid in SOME}
    assert labels(found.val)["n02119789_0.JPEG"] == ALL.index("n02119789")
    assert len(found.val) == 4


@pytest.mark.parametrize("base", ["ILSVRC/Data/CLS-LOC", "Data/CLS-LOC"])
def test_the_tree_of_the_kaggle_archive_is_known(tmp_path: Path, base: str) -> None:
    class_folders(tmp_path / base / "train", SOME, 2)
    expected = flat_val(tmp_path / base / "val")
    rows = [f"{Path(name).stem},{wnid} 1 2 3 4 {wnid} 5 6 7 8" for name, wnid in expected.items()]
    (tmp_path / "LOC_val_solution.csv").write_text("\n".join(["ImageId,PredictionString", *rows]))
    assert labels(find_imagenet(tmp_path, ALL).val) == {name: ALL.index(wnid) for name, wnid in expected.items()}


def test_folders_that_are_not_imagenet_say_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"no val \(no such folder"):
        find_imagenet(tmp_path / "absent", ALL)
    (tmp_path / "images").mkdir()
    with pytest.raises(ImageError, match=r"no val \(images\)"):
        find_imagenet(tmp_path, ALL)
    (tmp_path / "val").mkdir()
    with pytest.raises(ImageError, match="found an empty folder"):
        find_imagenet(tmp_path, ALL)


def touch_folders(root: Path, names: Iterable[str]) -> None:
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / f"{name}.JPEG").write_bytes(b"")


def test_folders_from_0_are_positions_and_a_note_says_so(tmp_path: Path) -> None:
    touch_folders(tmp_path, map(str, range(1000)))
    listing = class_listing("toy", tmp_path, ALL)
    assert labels(listing)["10.JPEG"] == 10
    assert listing.notes == (
        f"folders 0 to 999 of {tmp_path} are taken for the weights' classes in their order: 0 is {ALL[0]}, "
        f"1 is {ALL[1]}",
    )


@given(st.sets(st.integers(0, 120), min_size=2, max_size=12), st.integers(0, 4))
def test_numbered_classes_and_folders_are_compared_as_numbers(numbers: set[int], width: int) -> None:
    classes = sorted(map(str, numbers))
    with TemporaryDirectory() as folder:
        touch_folders(Path(folder), (str(n).zfill(width) for n in numbers))
        found = labels(class_listing("toy", Path(folder), classes))
        assert {int(name.removesuffix(".JPEG")): int(classes[i]) for name, i in found.items()} == {
            n: n for n in numbers
        }


@pytest.mark.parametrize(
    ("folders", "classes"),
    [
        (("0", "1", "2"), ("1", "2", "3")),
        (("1", "2", "3"), ("0", "1", "2")),
        (("1", "2", "3"), ("cat", "dog", "fox")),
        (("0", "2", "4"), ("cat", "dog", "fox")),
        (("0", "1"), ("cat", "dog", "fox")),
        (("1", "01"), ("1", "2")),
        (("00", "1"), ("0", "00")),
    ],
)
def test_numbers_that_nobody_explained_are_refused(
    folders: tuple[str, ...], classes: tuple[str, ...], tmp_path: Path
) -> None:
    touch_folders(tmp_path, folders)
    with pytest.raises(ImageError, match=r"expected class folders named as the weights' \d classes are"):
        class_listing("toy", tmp_path, classes)


def test_classes_without_images_are_counted(tmp_path: Path) -> None:
    touch_folders(tmp_path, ("cat", "fox"))
    assert class_listing("toy", tmp_path, ("cat", "dog", "fox")).notes == (f"2 of 3 classes have images in {tmp_path}",)
    touch_folders(tmp_path, ("dog",))
    assert class_listing("toy", tmp_path, ("cat", "dog", "fox")).notes == ()


def test_folders_with_other_names_are_refused(tmp_path: Path) -> None:
    class_folders(tmp_path, ("n01440764", "tench"), 1)
    with pytest.raises(ImageError, match=r"got 2 folders, 1 of them with other names \(tench\)"):
        class_listing("toy", tmp_path, ALL)


def test_the_search_sees_training_images_and_the_report_validation(tmp_path: Path) -> None:
    class_folders(tmp_path / "train", SOME, 5)
    class_folders(tmp_path / "val", SOME, 2, 100)
    parts, meaning = find_imagenet(tmp_path, ALL).listings("held-out", SIZES, 0)
    assert {name: (len(part), part.source.root.name) for name, part in parts.items()} == {
        "calibrate": (3, "train"), "search": (6, "train"), "report": (6, "val"),
    }  # fmt: skip
    assert not set(parts["calibrate"].files) & set(parts["search"].files)
    assert "training images only" in meaning


def test_the_papers_protocol_searches_on_validation_and_says_so(tmp_path: Path) -> None:
    class_folders(tmp_path / "train", SOME, 5)
    class_folders(tmp_path / "val", SOME, 2, 100)
    parts, meaning = find_imagenet(tmp_path, ALL).listings("paper", SIZES, 0)
    assert parts["search"].files == parts["report"].files
    assert (parts["calibrate"].source.root.name, len(parts["calibrate"])) == ("train", 3)
    assert "paper" in parts["search"].name
    assert "used to choose" in meaning


def test_without_training_images_the_ways_out_are_named(tmp_path: Path) -> None:
    class_folders(tmp_path / "val", SOME, 2)
    found = find_imagenet(tmp_path, ALL)
    with pytest.raises(ImageError, match=r"found only val; add train, or use --protocol paper .* --images .*val"):
        found.listings("held-out", SIZES, 0)
    parts, _ = found.listings("paper", SIZES, 0)
    assert parts["calibrate"].source.root.name == "val"
