"""What a network reads, compared with the plainest way to say it: the pocket's inputs, and those of each family."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F
from torchvision import transforms  # type: ignore[import-untyped]
from torchvision.transforms import InterpolationMode  # type: ignore[import-untyped]

from supernets.evaluate.input_batches import Inputs
from supernets.families.registry import supernet_family
from supernets.images.cropping import Cropping
from supernets.images.full_size import FullSizeSet, Listing, open_splits
from supernets.images.image_sets import ImageSet
from supernets.images.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocessing
from supernets.images.sources import Folder
from supernets.load import CheckpointMetadata, LoadedSupernet, load_splits, load_supernet
from tests.supernets.images.pictures import class_folders

CPU = torch.device("cpu")
MODES = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}


@pytest.fixture(scope="module")
def pocket() -> LoadedSupernet:
    return load_supernet(supernet_family("ofa"), None)


def test_inputs_of_the_pocket_are_resized_from_stored_squares(pocket: LoadedSupernet, tmp_path: Path) -> None:
    images = load_splits(pocket, None, tmp_path).search
    inputs = Inputs(images, pocket.preprocessing, CPU)
    assert isinstance(images, ImageSet)
    stored = torch.from_numpy(np.array(images.pixels[:50])).permute(0, 3, 1, 2)
    mean, std = torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), torch.tensor(IMAGENET_STD).view(1, 3, 1, 1)
    for r in (160, 192, 224):
        x, labels = next(inputs.batches(r, 50))
        side = r // pocket.metadata.divisor
        resized = F.interpolate(stored.float(), (side, side), mode="bicubic", antialias=True, align_corners=False)
        assert torch.equal(x, (resized.round().clamp(0, 255).to(torch.uint8).float() / 255 - mean) / std)
        assert np.array_equal(labels.numpy(), images.labels[:50])


def full_size(name: str) -> Preprocessing:
    metadata = CheckpointMetadata(supernet=name, width=None, classes=(), divisor=1, stored_side=None, crop=0.875)
    return metadata.adapt(supernet_family(name))


def picture_set(root: Path, preprocessing: Preprocessing, sides: tuple[int, ...]) -> tuple[FullSizeSet, list[Path]]:
    paths = [path for found in class_folders(root / "images", ("a", "b"), 3).values() for path in found]
    files = tuple(str(path.relative_to(root / "images")) for path in paths)
    parts = [
        Listing(name="toy", source=Folder(root / "images"), files=(file,), labels=np.array([0])) for file in files[:2]
    ]
    search = Listing(name="toy", source=Folder(root / "images"), files=files[2:], labels=np.array([0, 1, 1, 1]))
    listings = {"calibrate": parts[0], "search": search, "report": parts[1]}
    cropping = Cropping(preprocessing.resampling, preprocessing.crop)
    images = open_splits(listings, ("a", "b"), cropping, sides, root / "cache").search
    assert isinstance(images, FullSizeSet)
    return images, paths[2:]


@pytest.mark.parametrize(
    ("name", "resampling", "sides"),
    [("ofa", "bilinear", (160, 224)), ("ofa-resnet50", "bilinear", (128,)), ("autoformer", "bicubic", (224,))],
)
def test_full_size_inputs_are_those_of_the_familys_authors(
    tmp_path: Path, name: str, resampling: str, sides: tuple[int, ...]
) -> None:
    preprocessing = full_size(name)
    images, paths = picture_set(tmp_path, preprocessing, sides)
    for side in sides:
        prepare = transforms.Compose([
            transforms.Resize(math.ceil(side / 0.875), interpolation=MODES[resampling]),
            transforms.CenterCrop(side),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ])  # fmt: skip
        expected = torch.stack([prepare(Image.open(path).convert("RGB")) for path in paths])
        batches = [x for x, _ in Inputs(images, preprocessing, CPU).batches(side, 3)]
        assert [len(x) for x in batches] == [3, 1]
        assert torch.equal(torch.cat(batches), expected)


def test_spos_reads_bytes_blue_first(tmp_path: Path) -> None:
    preprocessing = full_size("spos")
    images, _ = picture_set(tmp_path, preprocessing, (224,))
    x, labels = next(Inputs(images, preprocessing, CPU).batches(224, 4))
    crops = torch.from_numpy(images.read(224, slice(0, 4))).permute(0, 3, 1, 2)
    assert torch.allclose(x, crops.flip(1).float(), atol=1e-4)
    assert labels.tolist() == [0, 1, 1, 1]


def test_the_protocol_tells_full_size_inputs_apart() -> None:
    told = {name: full_size(name).interpolation for name in ("ofa", "autoformer", "spos")}
    assert len(set(told.values())) == 3
    assert "opencv bilinear" in told["spos"]
    assert Preprocessing().interpolation == "bicubic, antialiased, rounded to bytes"


def test_images_beyond_the_memory_limit_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preprocessing = full_size("ofa")
    images, _ = picture_set(tmp_path, preprocessing, (160,))
    kept = [x for x, _ in Inputs(images, preprocessing, CPU).batches(160, 3)]
    monkeypatch.setattr("supernets.evaluate.input_batches.PREPARED_BYTES", 0)
    streamed = [x for x, _ in Inputs(images, preprocessing, CPU).batches(160, 3)]
    assert all(torch.equal(a, b) for a, b in zip(kept, streamed, strict=True))
