from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from supernets.images.cropping import Cropping
from supernets.images.decoding import ImageError
from supernets.images.full_size import FullSizeSet, Listing, open_splits
from supernets.images.image_sets import Splits
from supernets.images.sources import Folder
from tests.supernets.images.pictures import class_folders, picture, save, truncate

CLASSES = ("a", "b", "c")
CROPPING = Cropping("bilinear")


def listing(labels: list[int]) -> Listing:
    return Listing(
        name="toy",
        source=Folder(Path("toy")),
        files=tuple(f"{i}.JPEG" for i in range(len(labels))),
        labels=np.array(labels),
    )


@given(st.lists(st.integers(0, 5), min_size=3, max_size=60), st.integers(0, 100))
@settings(max_examples=100)
def test_parts_are_disjoint_repeatable_and_as_balanced_as_can_be(labels: list[int], seed: int) -> None:
    images, sizes = listing(labels), {"calibrate": 4, "search": 9, "report": 7}
    parts = images.draw(sizes, seed)
    names = [name for part in parts.values() for name in part.files]
    assert len(set(names)) == len(names) <= 20
    assert len(names) == 20 or len(labels) < 20
    assert all(len(part) >= 1 for part in parts.values())
    assert all(
        labels[int(name.partition(".")[0])] == y
        for p in parts.values()
        for name, y in zip(p.files, p.labels, strict=True)
    )
    counts = np.bincount([labels[int(name.partition(".")[0])] for name in names], minlength=6)
    available = np.bincount(labels, minlength=6)
    assert all(counts[c] >= min(available[c], counts.max() - 1) for c in range(6))
    again = images.draw(sizes, seed)
    assert [part.files for part in again.values()] == [part.files for part in parts.values()]


def test_every_part_of_a_large_listing_is_balanced() -> None:
    parts = listing([i % 5 for i in range(500)]).draw({"calibrate": 20, "search": 100}, 0)
    assert [np.bincount(part.labels).tolist() for part in parts.values()] == [[4] * 5, [20] * 5]


def test_a_few_images_cannot_be_three_parts() -> None:
    with pytest.raises(ImageError, match="expected at least 3 images"):
        listing([0, 1]).draw({"calibrate": 1, "search": 1, "report": 1}, 0)


def listings(root: Path, each: int = 4) -> dict[str, Listing]:
    found = {}
    for i, split in enumerate(("calibrate", "search", "report")):
        paths = class_folders(root / split, CLASSES, each, 1000 * i)
        files = tuple(str(path.relative_to(root / split)) for c in CLASSES for path in paths[c])
        found[split] = Listing(
            name="toy", source=Folder(root / split), files=files, labels=np.repeat(np.arange(3), each)
        )
    return found


def opened(
    found: dict[str, Listing], cache: Path, sides: tuple[int, ...] = (16, 24), held_out: bool = True
) -> tuple[Splits, dict[str, FullSizeSet]]:
    splits = open_splits(found, CLASSES, CROPPING, sides, cache, held_out=held_out)
    sets = {name: images for name, images in splits.named() if isinstance(images, FullSizeSet)}
    return splits, sets


def test_splits_hold_what_was_listed_at_every_side(tmp_path: Path) -> None:
    splits, sets = opened(listings(tmp_path), tmp_path / "cache")
    assert splits.notes == ()
    for images in sets.values():
        assert images.read(16, slice(2, 5)).shape == (3, 16, 16, 3)
        assert images.read(24, slice(0, 12)).shape == (12, 24, 24, 3)
        assert images.classes == CLASSES
    assert len({images.hash for images in sets.values()}) == 3


def test_the_hash_is_of_the_contents_wherever_they_lie(tmp_path: Path) -> None:
    _, first = opened(listings(tmp_path / "here"), tmp_path / "cache")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    _, second = opened(listings(tmp_path / "there"), tmp_path / "other", sides=(16,))
    assert [s.hash for s in first.values()] == [s.hash for s in second.values()]
    save(tmp_path / "there" / "search" / "a" / "a_0.JPEG", 77)
    found = listings(tmp_path / "here")
    found["search"] = replace(found["search"], source=Folder(tmp_path / "there" / "search"))
    _, third = opened(found, tmp_path / "cache")
    assert third["search"].hash != first["search"].hash
    assert third["report"].hash == first["report"].hash


def test_of_a_report_with_several_sides_the_files_are_checked_and_the_crops_wait(tmp_path: Path) -> None:
    _, sets = opened(listings(tmp_path), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("images-report-*/*/pixels.u8"))
    sets["report"].read(24, slice(0, 1))
    (made,) = (tmp_path / "cache").glob("images-report-*/*/pixels.u8")
    assert made.parent.name.startswith("24-")


def test_unreadable_images_are_left_out_noted_and_change_the_hash(tmp_path: Path) -> None:
    _, whole = opened(listings(tmp_path), tmp_path / "cache")
    found = listings(tmp_path)
    truncate(tmp_path / "search" / "b" / "b_1.JPEG")
    splits, sets = opened(found, tmp_path / "cache")
    assert len(sets["search"]) == 11
    assert sets["search"].hash != whole["search"].hash
    (note,) = splits.notes
    assert note.startswith("1 of 12 images of search cannot be read and were left out (b/b_1.JPEG: OSError")
    assert np.bincount(sets["search"].labels).tolist() == [4, 3, 4]
    kept = np.delete(whole["search"].read(16, slice(0, 12)), 5, axis=0)
    assert np.array_equal(sets["search"].read(16, slice(0, 11)), kept)
    again, _ = opened(found, tmp_path / "cache")
    assert again.notes == splits.notes


def test_images_with_orientation_tags_are_counted(tmp_path: Path) -> None:
    found = listings(tmp_path)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    for name in found["search"].files[:2]:
        picture(len(name), (50 + len(name), 40)).save(tmp_path / "search" / name, "JPEG", exif=exif)
    splits, _ = opened(found, tmp_path / "cache")
    (note,) = splits.notes
    assert note.startswith("2 of 12 images of search have an orientation tag")
    again, _ = opened(found, tmp_path / "cache")
    assert again.notes == splits.notes


def test_an_image_in_two_splits_stays_in_the_later_one(tmp_path: Path) -> None:
    found = listings(tmp_path)
    shutil.copy(tmp_path / "report" / "a" / "a_0.JPEG", tmp_path / "search" / "a" / "a_3.JPEG")
    shutil.copy(tmp_path / "report" / "a" / "a_0.JPEG", tmp_path / "calibrate" / "c" / "c_0.JPEG")
    splits, sets = opened(found, tmp_path / "cache")
    assert [len(images) for images in sets.values()] == [11, 11, 12]
    assert len(splits.notes) == 2
    assert "1 of 12 images of search are also in report" in splits.notes[0]
    assert [len(images) for images in opened(found, tmp_path / "cache", held_out=False)[1].values()] == [12, 12, 12]


def test_a_split_without_one_readable_image_is_refused(tmp_path: Path) -> None:
    found = listings(tmp_path, each=1)
    for path in (tmp_path / "search").glob("*/*"):
        path.write_bytes(b"nothing")
    with pytest.raises(ImageError, match=r"split search: expected images, found none that can be read; 3 of 3"):
        opened(found, tmp_path / "cache")


def test_two_splits_of_the_same_files_are_decoded_once(tmp_path: Path) -> None:
    found = listings(tmp_path)
    _, sets = opened({**found, "search": found["report"]}, tmp_path / "cache", sides=(16,), held_out=False)
    assert sets["search"].hash == sets["report"].hash
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_progress_counts_all_images_of_all_splits(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    open_splits(
        listings(tmp_path),
        CLASSES,
        CROPPING,
        (16,),
        tmp_path / "cache",
        lambda done, total: calls.append((done, total)),
    )
    assert calls[-1] == (36, 36)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
