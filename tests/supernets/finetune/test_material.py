"""No image is in both what is learnt from and what is scored on."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from supernets.finetune import material
from supernets.finetune.material import Decoding
from supernets.finetune.training_images import ListedPictures, StoredPictures
from supernets.images.decoding import ImageError
from supernets.images.image_sets import pixel_digests
from supernets.images.imagenet import class_listing
from supernets.images.preprocessing import Preprocessing
from tests.supernets.finetune.pictures import COLOURS, draw

CLASSES = tuple(COLOURS)


@pytest.fixture(params=[32, None], ids=["stored", "from files"])
def decoding(request: pytest.FixtureRequest, tmp_path: Path) -> Decoding:
    return Decoding(
        preprocessing=Preprocessing(from_files=request.param is None), side=24, stored_side=request.param,
        cache=tmp_path / "cache",
    )  # fmt: skip


def test_images_of_the_report_are_not_learnt_from(decoding: Decoding, tmp_path: Path) -> None:
    draw(tmp_path / "report", 2, 0)
    train = draw(tmp_path / "train", 4, 1)
    shutil.copy(tmp_path / "report" / "red" / "0.png", train / "red" / "copy.png")
    report, _ = decoding.open(class_listing("report", tmp_path / "report", CLASSES), CLASSES)
    found = material.known_classes(train, report, decoding)
    assert len(found.pictures.labels) == 12
    assert found.report is report
    assert any("1 of 13 training images are also among the images of the report" in note for note in found.notes)
    assert isinstance(found.pictures, ListedPictures if decoding.stored_side is None else StoredPictures)


def test_other_classes_than_those_of_the_report_are_refused(decoding: Decoding, tmp_path: Path) -> None:
    report, _ = decoding.open(class_listing("report", draw(tmp_path / "report", 2, 0), CLASSES), CLASSES)
    with pytest.raises(ImageError, match="expected class folders named as the weights' 3 classes"):
        material.known_classes(draw(tmp_path / "train", 2, 1, ("cat", "dog", "fox")), report, decoding)


def test_a_fifth_of_the_images_of_own_classes_is_held_out_and_balanced(decoding: Decoding, tmp_path: Path) -> None:
    folder = draw(tmp_path / "own", 10, 0, ("cat", "dog", "fox"))
    found = material.own_classes(folder, decoding)
    assert found.report.classes == ("cat", "dog", "fox")
    assert np.bincount(found.report.labels).tolist() == [2, 2, 2]
    assert np.bincount(found.pictures.labels).tolist() == [8, 8, 8]
    if isinstance(found.pictures, StoredPictures):
        learnt = pixel_digests(found.pictures.images.pixels[found.pictures.rows])
        assert not np.isin(learnt, found.report.digests).any()
    again = material.own_classes(folder, decoding)
    assert again.report.hash == found.report.hash
    assert again.pictures.hash == found.pictures.hash


def test_imagenet_without_train_is_explained(decoding: Decoding, tmp_path: Path) -> None:
    wnids = ("n01440764", "n01443537", "n01484850")
    draw(tmp_path / "val", 2, 0, wnids)
    report, _ = decoding.open(class_listing("val", tmp_path / "val", wnids), wnids)
    with pytest.raises(ImageError, match="expected train, the images to learn from; found only val"):
        material.imagenet(tmp_path, report)
    draw(tmp_path / "train", 3, 1, wnids)
    assert len(material.imagenet(tmp_path, report).pictures.labels) == 9
