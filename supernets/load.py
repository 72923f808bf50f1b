"""Loads a supernet that is ready to score: network, weights, and preprocessing of its images.

Weights come from three sources: the bundled pocket supernet, a file that this program trained (its metadata holds
width, classes and input sides), or a checkpoint as the authors released it (full size, ImageNet).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from safetensors import safe_open

from common.errors import UserError
from supernets.evaluate.protocol import Calibration
from supernets.families.base import SupernetFamily
from supernets.families.recipe import Scale
from supernets.families.registry import supernet_names
from supernets.images.cropping import SQUARE, Cropping
from supernets.images.full_size import Listing, open_splits
from supernets.images.image_sets import NAMES, ImageSet, ProgressReport, Splits, pixel_digests
from supernets.images.imagenet import PROTOCOLS, class_listing, find_imagenet, wnids
from supernets.images.preprocessing import Preprocessing
from supernets.images.resized_cache import load_archive
from supernets.images.sketch import Sketch
from supernets.network.checkpoint import save_weights
from supernets.network.checkpoint_file import CheckpointError, has_changed, is_safetensors, read_checkpoint
from supernets.network.supernet import Supernet

POCKET = Path(__file__).parent / "pocket"
POCKET_IMAGES = POCKET / "cifar10.tar.xz"

SPLIT_SIZES = {"calibrate": 2000, "search": 10_000, "report": 10_000}
"""Images of each split from a user's folder; proportionally fewer if the folder has fewer images."""
SPLIT_SEED = 0


@dataclass(frozen=True, kw_only=True)
class CheckpointMetadata:
    """What weights were made for, as the metadata of a weights file."""

    supernet: str
    width: float | None
    """Width multiplier of the network; None for the released one."""
    classes: tuple[str, ...]
    """Names of the classes in the order of the logits; empty for ImageNet's."""
    divisor: int
    """An architecture of resolution r reads inputs of r / divisor pixels a side."""
    stored_side: int | None
    """Side at which images are stored before the crop; None where each input is cropped from the image file."""
    crop: float
    """Share of the side of a stored image that an input shows."""
    trained_on: str = ""
    """`Sketch` of the images that the weights were trained on; empty if it is not known."""

    def adapt(self, family: SupernetFamily) -> Preprocessing:
        """The family's preprocessing at the sides that the weights were made for."""
        return replace(family.preprocessing, divisor=self.divisor, crop=self.crop, from_files=self.stored_side is None)

    @property
    def scale(self) -> Scale:
        return Scale(self.width, self.divisor)

    def to_metadata(self) -> dict[str, str]:
        return {name: json.dumps(value) for name, value in vars(self).items()}

    def check(self) -> None:
        """
        Raises:
            ValueError: a value that no training writes.
        """
        whole = {"divisor": self.divisor, "stored_side": 1 if self.stored_side is None else self.stored_side}
        shares = {"width": 1.0 if self.width is None else self.width, "crop": self.crop}
        wrong = [name for name, value in whole.items() if type(value) is not int or not 1 <= value <= 4096]
        wrong += [name for name, value in shares.items() if type(value) not in (int, float) or not 0 < value <= 8]
        if not all(isinstance(name, str) for name in self.classes) or len(set(self.classes)) < len(self.classes):
            wrong.append("classes")
        if not isinstance(self.trained_on, str):
            wrong.append("trained_on")
        if wrong:
            raise ValueError(", ".join(f"{name}: {getattr(self, name)!r:.40}" for name in wrong))
        Sketch.read(self.trained_on or "all:")

    @classmethod
    def from_metadata(cls, metadata: dict[str, str]) -> CheckpointMetadata:
        values = {name: json.loads(metadata[name]) for name in cls.__dataclass_fields__ if name in metadata}
        return cls(**{**values, "classes": tuple(values["classes"])})


@dataclass(frozen=True, kw_only=True)
class LoadedSupernet:
    """A network with its weights, and how it is scored."""

    net: Supernet
    metadata: CheckpointMetadata
    preprocessing: Preprocessing
    """How images become inputs of this network."""
    calibration: Calibration | None
    """How batch-norm statistics are measured at this network's input side; None where it has no batch norm."""
    source: str
    """Where the weights came from, in words for the user."""
    changed: bool = False
    """Whether the weights file was changed after this program wrote it."""

    def images_seen(self, splits: Splits) -> tuple[str, ...]:
        """A sentence on the images of `splits` that the weights were trained on, if any are known to be.

        Images are compared as this program trains on them, stored at one size.
        """
        if not self.metadata.trained_on:
            return ()
        sketch, parts = Sketch.read(self.metadata.trained_on), []
        for name, images in (("search", splits.search), ("report", splits.report)):
            share = sketch.shared(pixel_digests(images.pixels)) if isinstance(images, ImageSet) else 0.0
            if share:
                parts.append(f"{'' if sketch.whole else 'about '}{100 * share:.0f} % of the images of {name}")
        if not parts:
            return ()
        return (
            f"The weights were trained on {' and '.join(parts)}: these accuracies are too high, and rank what the "
            "networks remember. Score on images that were held out of the training.",
        )


def pocket_weights(name: str) -> Path:
    return POCKET / f"{name}.safetensors"


def load_supernet(family: SupernetFamily, weights: Path | None) -> LoadedSupernet:
    """The supernet of a family with the weights of a file, or the bundled pocket supernet.

    Raises:
        UserError: no pocket supernet is bundled for this family.
        CheckpointError: the file is damaged, or belongs to another network.
    """
    name = family.name
    path = weights or pocket_weights(name)
    if weights is None and not path.exists():
        how = f"get its released weights with `python main.py fetch {name}`"
        if name not in supernet_names():
            how = "train it with `train`"
        raise UserError(f"no pocket supernet is bundled for {name}: {how}, then name them with --weights FILE")
    state = read_checkpoint(path)
    metadata = _read_metadata(path) or CheckpointMetadata(
        supernet=name, width=None, classes=(), divisor=1, stored_side=None, crop=0.875
    )
    if metadata.supernet != name:
        raise CheckpointError(f"weights {path}: expected weights of {name}, got those of {metadata.supernet}")
    net = family.network(metadata.scale, len(metadata.classes) or 1000)
    family.load(net, state)
    return LoadedSupernet(
        net=net,
        metadata=metadata,
        preprocessing=metadata.adapt(family),
        calibration=family.calibration(metadata.divisor),
        source=f"bundled pocket supernet, width {metadata.width}" if weights is None else str(path),
        changed=has_changed(path),
    )


def scale_of(family: SupernetFamily, weights: Path | None) -> Scale:
    """The scale of the network that a weights file belongs to, or of the bundled pocket supernet.

    Raises:
        CheckpointError: the file's metadata is damaged.
    """
    metadata = _read_metadata(weights or pocket_weights(family.name))
    return Scale() if metadata is None else metadata.scale


def save_supernet(net: Supernet, metadata: CheckpointMetadata, path: Path) -> None:
    save_weights(net, path, metadata.to_metadata())


def load_splits(
    loaded: LoadedSupernet,
    folder: Path | None,
    cache: Path,
    progress: ProgressReport | None = None,
    name: str | None = None,
) -> Splits:
    """The image splits to score with: the bundled ones, or those of a folder, drawn by class with a fixed seed.

    Args:
        name: name of the image set; None for that of the folder.

    Raises:
        UserError: the weights do not fit the bundled images.
        ImageError: the images cannot be used, or their classes are not the network's.
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
    listing = class_listing(name or folder.name, folder, classes)
    return _open(loaded, listing.draw(SPLIT_SIZES, SPLIT_SEED), classes, cache, progress, notes=listing.notes)


def load_imagenet(
    loaded: LoadedSupernet, root: Path, protocol: str, cache: Path, progress: ProgressReport | None = None
) -> Splits:
    """The splits of ImageNet below `root` under one of `PROTOCOLS`; see `ImageNet.listings`.

    Raises:
        UserError: the classes of the weights are not ImageNet's, or the protocol is unknown.
        ImageError: the images cannot be used.
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
    found = find_imagenet(root, classes)
    listings, meaning = found.listings(protocol, SPLIT_SIZES, SPLIT_SEED)
    return _open(loaded, listings, classes, cache, progress, protocol != "paper", [meaning, *found.notes])


def _open(
    loaded: LoadedSupernet,
    listings: Mapping[str, Listing],
    classes: Sequence[str],
    cache: Path,
    progress: ProgressReport | None,
    held_out: bool = True,
    notes: Sequence[str] = (),
) -> Splits:
    """Decode images as the weights were trained: every side from the files, or all sides from one stored square."""
    stored = loaded.metadata.stored_side
    if stored is not None:
        return open_splits(listings, classes, SQUARE, [stored], cache, progress, held_out, notes, squares=True)
    return open_splits(listings, classes, _cropping(loaded), _sides(loaded), cache, progress, held_out, notes)


def _cropping(loaded: LoadedSupernet) -> Cropping:
    preprocessing = loaded.preprocessing
    return Cropping(preprocessing.resampling, preprocessing.crop)


def _sides(loaded: LoadedSupernet) -> list[int]:
    """Every input side that a sub-network may read."""
    space = loaded.net.space
    resolutions = next((d.choices for d in space.dimensions if d.gene == "r"), (space.resolution(space.largest()),))
    return sorted(int(r) // loaded.metadata.divisor for r in resolutions)


def _read_metadata(path: Path) -> CheckpointMetadata | None:
    if not is_safetensors(path):
        return None
    with safe_open(path, "pt") as opened:
        metadata = opened.metadata() or {}
    if "supernet" not in metadata:
        return None
    try:
        found = CheckpointMetadata.from_metadata(metadata)
        found.check()
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(
            f"weights {path}: expected metadata as `train` writes it, got {error}; copy the file again, or train "
            "it again"
        ) from error
    return found
