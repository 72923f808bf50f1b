from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from common.errors import UserError
from supernets.families.recipe import Scale
from supernets.families.registry import supernet_family
from supernets.images.decoding import ImageError
from supernets.load import (
    CheckpointMetadata,
    LoadedSupernet,
    load_imagenet,
    load_splits,
    load_supernet,
    pocket_weights,
    save_supernet,
)
from supernets.network.checkpoint_file import CheckpointError
from tests.supernets.images.devkit import WNIDS
from tests.supernets.images.pictures import class_folders

METADATA = CheckpointMetadata(
    supernet="ofa", width=0.1, classes=tuple(sorted(WNIDS)), divisor=4, stored_side=64, crop=1.0
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "own.safetensors"
    save_supernet(supernet_family("ofa").network(METADATA.scale, 3), METADATA, path)
    return path


@pytest.fixture
def loaded(weights: Path) -> LoadedSupernet:
    return load_supernet(supernet_family("ofa"), weights)


def test_metadata_travel_with_the_weights(loaded: LoadedSupernet, weights: Path) -> None:
    assert loaded.metadata == METADATA
    assert CheckpointMetadata.from_metadata(METADATA.to_metadata()) == METADATA
    assert loaded.source == str(weights)
    assert (loaded.preprocessing.divisor, loaded.preprocessing.crop, loaded.preprocessing.from_files) == (4, 1.0, False)
    assert loaded.calibration == supernet_family("ofa").calibration(4)
    assert METADATA.scale == Scale(0.1, 4)
    with torch.no_grad():
        assert loaded.net(torch.zeros(1, 3, 40, 40), loaded.net.space.smallest()).shape == (1, 3)


def test_a_released_checkpoint_is_of_full_size(tmp_path: Path) -> None:
    family = supernet_family("ofa-w1.0")
    torch.save({"state_dict": family.network().state_dict()}, tmp_path / "released.pth")
    released = load_supernet(family, tmp_path / "released.pth")
    assert (released.metadata.width, released.metadata.classes, released.metadata.stored_side) == (None, (), None)
    assert released.preprocessing.from_files
    with pytest.raises(CheckpointError, match="not those of ofa"):
        load_supernet(supernet_family("ofa"), tmp_path / "released.pth")


def test_a_supernet_without_bundled_weights_says_how_to_get_them() -> None:
    assert pocket_weights("ofa").exists()
    with pytest.raises(UserError, match=r"no pocket supernet is bundled for ofa-w1\.0: .*fetch ofa-w1\.0"):
        load_supernet(supernet_family("ofa-w1.0"), None)


def test_bundled_images_need_weights_of_their_side(loaded: LoadedSupernet, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"only pocket images are bundled: name the images with --imagenet DIR"):
        load_splits(loaded, None, tmp_path)


def test_a_folder_becomes_three_disjoint_splits(loaded: LoadedSupernet, tmp_path: Path) -> None:
    class_folders(tmp_path / "images", METADATA.classes, 8)
    splits = load_splits(loaded, tmp_path / "images", tmp_path / "cache")
    sizes = [len(images) for _, images in splits.named()]
    assert sum(sizes) <= 24
    assert sizes[0] < sizes[1] == sizes[2]
    assert splits.search.classes == METADATA.classes
    class_folders(tmp_path / "other", ("cat", "dog"), 3)
    with pytest.raises(ImageError, match="2 of them with other names"):
        load_splits(loaded, tmp_path / "other", tmp_path / "cache")


def test_imagenet_needs_its_classes_and_a_known_protocol(loaded: LoadedSupernet, tmp_path: Path) -> None:
    class_folders(tmp_path / "train", METADATA.classes, 6)
    class_folders(tmp_path / "val", METADATA.classes, 2, 100)
    splits = load_imagenet(loaded, tmp_path, "held-out", tmp_path / "cache")
    assert splits.held_out
    assert len(splits.report) == 6
    assert "training images only" in splits.notes[0]
    assert not load_imagenet(loaded, tmp_path, "paper", tmp_path / "cache").held_out
    with pytest.raises(UserError, match="--protocol: expected held-out or paper, got 'mine'"):
        load_imagenet(loaded, tmp_path, "mine", tmp_path / "cache")


def test_weights_of_other_classes_are_refused_for_imagenet(tmp_path: Path) -> None:
    metadata = CheckpointMetadata(supernet="ofa", width=0.1, classes=("cat",), divisor=4, stored_side=64, crop=1.0)
    save_supernet(supernet_family("ofa").network(metadata.scale, 1), metadata, tmp_path / "cat.safetensors")
    with pytest.raises(UserError, match=r"expected weights with classes of ImageNet \(n01440764, ...\), got .*cat"):
        load_imagenet(load_supernet(supernet_family("ofa"), tmp_path / "cat.safetensors"), tmp_path, "paper", tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("divisor", '"x"'), ("divisor", "-1"), ("divisor", "0"), ("divisor", "1.5"), ("stored_side", "[]"),
        ("stored_side", "1e9"), ("crop", "-1"), ("crop", "null"), ("width", "true"), ("width", "0"), ("classes", "7"),
        ("classes", '["cat", "cat"]'), ("classes", "[1, 2]"), ("trained_on", '"part:"'), ("trained_on", "{}"),
        ("divisor", "{"),
    ],
)  # fmt: skip
def test_metadata_that_no_training_writes_are_refused(name: str, value: str, tmp_path: Path) -> None:
    path = pocket_weights("ofa")
    with safe_open(path, "pt") as opened:
        metadata = {key: each for key, each in opened.metadata().items() if key != "content_sha256"}
    save_file(load_file(path), tmp_path / "w.safetensors", metadata | {name: value})
    with pytest.raises(CheckpointError, match=r"expected metadata as `train` writes it, got"):
        load_supernet(supernet_family("ofa"), tmp_path / "w.safetensors")
