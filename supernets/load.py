"""A supernet ready to score: network, weights, and how its images must be prepared.

Weights come from three places: the bundled pocket supernet (no file named), a file of this program's own training
(its metadata says width, classes and input sides), or a checkpoint as the authors released it (full size, ImageNet).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from safetensors import safe_open

from common.errors import UserError
from supernets.evaluate.protocol import Calibration
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet, load_released, supernet_family
from supernets.images.cropping import SQUARE, Cropping
from supernets.images.full_size import Listing, open_splits
from supernets.images.image_sets import NAMES, ProgressReport, Splits
from supernets.images.imagenet import PROTOCOLS, class_listing, find_imagenet, wnids
from supernets.images.preprocessing import Preprocessing
from supernets.images.resized_cache import load_archive
from supernets.network.checkpoint import CheckpointError, read_checkpoint, save_weights
from supernets.network.supernet import Supernet

POCKET = Path(__file__).parent / "pocket"
POCKET_IMAGES = POCKET / "cifar10.tar.xz"

SPLIT_SIZES = {"calibrate": 2000, "search": 10_000, "report": 10_000}
"""Images of each split that are taken from a user's folder, in proportion where it has fewer."""
SPLIT_SEED = 0


@dataclass(frozen=True, kw_only=True)
class CheckpointMetadata:
    """What weights were made for; travels as the metadata of a weights file.

    `divisor`: inputs are r / divisor pixels a side; `stored_side`: side at which images are kept, before the crop; None
    where each input is cropped from the image file, as for released weights.
    """

    supernet: str
    width: float | None
    classes: tuple[str, ...]
    divisor: int
    stored_side: int | None
    crop: float

    @property
    def preprocessing(self) -> Preprocessing:
        return replace(
            supernet_family(self.supernet).preprocessing,
            divisor=self.divisor,
            crop=self.crop,
            from_files=self.stored_side is None,
        )

    @property
    def calibration(self) -> Calibration | None:
        """How batch-norm statistics are measured at this input side."""
        return supernet_family(self.supernet).calibration(self.divisor)

    @property
    def scale(self) -> Scale:
        return Scale(self.width, self.divisor)

    def to_metadata(self) -> dict[str, str]:
        return {name: json.dumps(value) for name, value in vars(self).items()}

    @classmethod
    def from_metadata(cls, metadata: dict[str, str]) -> CheckpointMetadata:
        values = {name: json.loads(metadata[name]) for name in cls.__dataclass_fields__}
        return cls(**{**values, "classes": tuple(values["classes"])})


@dataclass(frozen=True)
class LoadedSupernet:
    net: Supernet
    metadata: CheckpointMetadata
    source: str
    """Where the weights came from, for people."""


def pocket_weights(name: str) -> Path:
    return POCKET / f"{name}.safetensors"


def load_supernet(name: str, weights: Path | None) -> LoadedSupernet:
    """The supernet `name` with the weights of a file, or the bundled pocket one.

    Raises:
        UserError: no pocket supernet is bundled for `name`.
        CheckpointError: the file is damaged, or of another network.
    """
    path = weights or pocket_weights(name)
    if weights is None and not path.exists():
        raise UserError(
            f"no pocket supernet is bundled for {name}: get its released weights with `python main.py fetch {name}`, "
            "then name them with --weights FILE"
        )
    state = read_checkpoint(path)
    metadata = _read_metadata(path) or CheckpointMetadata(
        supernet=name, width=None, classes=(), divisor=1, stored_side=None, crop=0.875
    )
    if metadata.supernet != name:
        raise CheckpointError(f"weights {path}: expected weights of {name}, got those of {metadata.supernet}")
    net = build_supernet(name, metadata.scale, len(metadata.classes) or 1000)
    load_released(net, state)
    source = f"bundled pocket supernet, width {metadata.width}" if weights is None else str(path)
    return LoadedSupernet(net, metadata, source)


def save_supernet(net: Supernet, metadata: CheckpointMetadata, path: Path) -> None:
    save_weights(net, path, metadata.to_metadata())


def load_splits(
    loaded: LoadedSupernet, folder: Path | None, cache: Path, progress: ProgressReport | None = None
) -> Splits:
    """The image splits to score with: the bundled ones, or a folder's, cut by class and seed.

    Raises:
        UserError: bundled images with weights of another kind.
        ImageError: images that cannot be used, or whose classes are not the network's.
    """
    metadata = loaded.metadata
    if folder is None:
        if metadata.stored_side != 32:
            raise UserError(
                f"weights {loaded.source} are for full-size images, and only pocket images are bundled: "
                "name the images with --imagenet DIR (DIR/train and DIR/val) or --images DIR (DIR/<class>/*.jpg)"
            )
        bundled = load_archive(POCKET_IMAGES, metadata.stored_side, cache)
        calibrate, search, report = (bundled[split] for split in NAMES)
        return Splits(
            calibrate=calibrate, search=search, report=report, notes=(*calibrate.notes, *search.notes, *report.notes)
        )
    classes = metadata.classes or wnids()
    drawn = class_listing(folder.name, folder, classes).draw(SPLIT_SIZES, SPLIT_SEED)
    return _open(loaded, drawn, classes, cache, progress)


def load_imagenet(
    loaded: LoadedSupernet, root: Path, protocol: str, cache: Path, progress: ProgressReport | None = None
) -> Splits:
    """The splits of ImageNet below `root` under one of `PROTOCOLS`; `ImageNet.listings` says what they mean.

    Raises:
        UserError: weights of other classes than ImageNet's, or an unknown protocol.
        ImageError: images that cannot be used.
    """
    if protocol not in PROTOCOLS:
        raise UserError(f"--protocol: expected {' or '.join(PROTOCOLS)}, got {protocol!r}")
    classes = loaded.metadata.classes or wnids()
    if not set(classes) <= set(wnids()):
        raise UserError(
            f"--imagenet: expected weights with classes of ImageNet ({wnids()[0]}, ...), got {loaded.source} with "
            f"{', '.join(classes[:3])}, ...; name released weights with --weights FILE, or images of those classes "
            "with --images DIR"
        )
    listings, meaning = find_imagenet(root, classes).listings(protocol, SPLIT_SIZES, SPLIT_SEED)
    return _open(loaded, listings, classes, cache, progress, protocol != "paper", [meaning])


def _open(
    loaded: LoadedSupernet,
    listings: Mapping[str, Listing],
    classes: Sequence[str],
    cache: Path,
    progress: ProgressReport | None,
    held_out: bool = True,
    notes: Sequence[str] = (),
) -> Splits:
    """Decoded as the weights were trained: every side from the files, or all sides from one stored square."""
    stored = loaded.metadata.stored_side
    if stored is not None:
        return open_splits(listings, classes, SQUARE, [stored], cache, progress, held_out, notes, squares=True)
    return open_splits(listings, classes, _cropping(loaded), _sides(loaded), cache, progress, held_out, notes)


def _cropping(loaded: LoadedSupernet) -> Cropping:
    preprocessing = loaded.metadata.preprocessing
    return Cropping(preprocessing.resampling, preprocessing.crop)


def _sides(loaded: LoadedSupernet) -> list[int]:
    """Every input side that a sub-network may ask for."""
    space = loaded.net.space
    resolutions = next((d.choices for d in space.dimensions if d.gene == "r"), (space.resolution(space.largest()),))
    return sorted(int(r) // loaded.metadata.divisor for r in resolutions)


def _read_metadata(path: Path) -> CheckpointMetadata | None:
    if path.suffix != ".safetensors":
        return None
    with safe_open(path, "pt") as opened:
        metadata = opened.metadata() or {}
    return CheckpointMetadata.from_metadata(metadata) if "supernet" in metadata else None
