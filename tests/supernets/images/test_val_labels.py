"""The classes of a flat validation folder, by every kind of list, and lists that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from supernets.images.decoding import ImageError
from supernets.images.imagenet import find_imagenet, wnids
from tests.supernets.images.devkit import META, flat_val
from tests.supernets.images.pictures import save
from tests.supernets.images.test_imagenet import labels

ALL = wnids()
LISTS = ("devkit", "devkit beside the images", "wnids", "names and wnids", "names and indices")


@pytest.mark.parametrize("kind", LISTS)
def test_a_flat_val_is_mapped_by_any_list_of_its_classes(tmp_path: Path, kind: str) -> None:
    expected = flat_val(tmp_path / "val")
    if kind.startswith("devkit"):
        data = tmp_path / ("val" if "beside" in kind else "ILSVRC2012_devkit_t12/data")
        data.mkdir(parents=True, exist_ok=True)
        (data / "meta.mat").write_bytes(META)
        (data / "ILSVRC2012_validation_ground_truth.txt").write_text("1\n2\n3\n" * 2)
    elif kind == "wnids":
        (tmp_path / "imagenet_2012_validation_synset_labels.txt").write_text("\n".join(expected.values()) + "\n")
    elif kind == "names and wnids":
        (tmp_path / "val_map.txt").write_text("\n".join(f"{name} {wnid}" for name, wnid in expected.items()))
    else:
        (tmp_path / "val.txt").write_text("\n".join(f"{name} {ALL.index(w)}" for name, w in expected.items()))
    assert labels(find_imagenet(tmp_path, ALL).val) == {name: ALL.index(wnid) for name, wnid in expected.items()}
    # Lines are found by the images' numbers, so that some of the images are enough.
    (tmp_path / "val" / "ILSVRC2012_val_00000001.JPEG").unlink()
    assert len(find_imagenet(tmp_path, ALL).val) == 5


def test_a_flat_val_without_a_list_says_what_to_put_where(tmp_path: Path) -> None:
    flat_val(tmp_path / "val")
    with pytest.raises(ImageError, match=r"found 6 images in one folder and no list .* ILSVRC2012_devkit_t12"):
        find_imagenet(tmp_path, ALL)


def test_the_devkits_numbers_are_not_taken_for_indices(tmp_path: Path) -> None:
    flat_val(tmp_path / "val")
    (tmp_path / "ILSVRC2012_validation_ground_truth.txt").write_text("1\n2\n3\n" * 2)
    with pytest.raises(ImageError, match=r"expected .*meta\.mat beside it"):
        find_imagenet(tmp_path, ALL)


@pytest.mark.parametrize("content", [META[:200], META[:128], b"", b"MATLAB 7.3 MAT-file".ljust(126) + b"XX" + META])
def test_a_devkit_that_is_damaged_or_of_another_format_is_named(tmp_path: Path, content: bytes) -> None:
    flat_val(tmp_path / "val")
    (tmp_path / "ILSVRC2012_validation_ground_truth.txt").write_text("1\n2\n3\n" * 2)
    (tmp_path / "meta.mat").write_bytes(content)
    with pytest.raises(ImageError, match=r"meta\.mat: expected the devkit's MATLAB file"):
        find_imagenet(tmp_path, ALL)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("n02119789\n" * 4, r"found none for 2 of them \(ILSVRC2012_val_00000005\.JPEG"),
        ("kit fox\n" * 3, "expected wnids of the 1,000 classes .* got fox, kit"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(tmp_path: Path, lines: str, message: str) -> None:
    flat_val(tmp_path / "val")
    (tmp_path / "synset_labels.txt").write_text(lines)
    with pytest.raises(ImageError, match=message):
        find_imagenet(tmp_path, ALL)


def test_renamed_images_of_a_flat_val_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "val" / "kit fox.JPEG", 1)
    (tmp_path / "synset_labels.txt").write_text("n02119789\n")
    with pytest.raises(ImageError, match=r"got kit fox\.JPEG; restore"):
        find_imagenet(tmp_path, ALL)
