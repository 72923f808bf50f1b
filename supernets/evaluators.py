"""From what a user named to an evaluator, and to what is to be said of it.

A weight-sharing supernet needs weights, images and a device; a table a data set and a length of training. What is of
no use to a family is refused, so that nobody believes in an option that did nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError
from supernets.evaluate.evaluator import Evaluator
from supernets.families.base import TableFamily
from supernets.families.registry import get_space, supernet_family

if TYPE_CHECKING:
    from supernets.evaluate.protocol import SupernetProtocol
    from supernets.images import ProgressReport
    from supernets.load import LoadedSupernet


@dataclass(frozen=True)
class Workers:
    """Processes that score: `count` of them (None: as many as fit), on the Ray cluster at `address` or here.

    Raises:
        UserError: there are none.
    """

    count: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if self.count is not None and self.count < 1:
            raise UserError(f"--workers: expected 1 or more, got {self.count}")


@dataclass(frozen=True)
class Sources:
    """What a user named to score with; None where nothing was named."""

    supernet: str
    cache: Path
    """Folder for decoded images."""
    weights: Path | None = None
    images: Path | None = None
    imagenet: Path | None = None
    protocol: str = "held-out"
    """How ImageNet is split."""
    device: str | None = None
    """None for the fastest there is."""
    dataset: str | None = None
    epochs: int | None = None
    predictor: Path | None = None
    """File that predicts scores."""
    progress: ProgressReport | None = None
    workers: Workers | None = None
    """Who scores, where it is not this process."""


@dataclass(frozen=True)
class Opened:
    """An evaluator, ready, and what a reader of its scores must know."""

    evaluator: Evaluator
    facts: tuple[tuple[str, str, str], ...]
    """Label, value, and the setting from which it follows."""
    notes: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    """What to try next."""


def open_supernet(sources: Sources) -> Opened:
    name = sources.supernet
    if sources.epochs is not None:
        raise UserError(f"--epochs: {name} is scored with weights as they are; the option is for tables of trainings")
    if sources.predictor is not None:
        raise UserError("--predictor: scores are measured unless --score predictor asks for predicted ones")
    if sources.workers:
        from supernets.evaluate.ray.opening import open_cluster

        return open_cluster(sources, sources.workers)
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.load import load_imagenet, load_splits, load_supernet

    device, _ = supernet_family(name).device(sources.device)
    loaded = load_supernet(name, sources.weights)
    if sources.imagenet:
        splits = load_imagenet(loaded, sources.imagenet, sources.protocol, sources.cache, sources.progress)
    else:
        splits = load_splits(loaded, sources.images, sources.cache, sources.progress)
    evaluator = SupernetEvaluator(loaded.net, splits, loaded.setting.preprocessing, device)
    protocol, bundled = evaluator.protocol, sources.weights is None
    return Opened(
        evaluator,
        (
            ("weights", loaded.source, "weights"),
            ("images", _images(protocol), "images"),
            ("device", f"{protocol.device}, {protocol.dtype}", "device"),
        ),
        (*([_pocket_note(loaded, protocol)] if bundled else []), *splits.notes),
        (_imagenet_note(name),) if bundled else (),
    )


def open_table(family: TableFamily, sources: Sources) -> Opened:
    given = {
        "--weights": sources.weights, "--images": sources.images, "--imagenet": sources.imagenet,
        "--predictor": sources.predictor, "--workers or --ray": sources.workers,
    }  # fmt: skip
    if useless := [option for option, value in given.items() if value is not None]:
        raise UserError(f"{family.name} is a table of scores, nothing is computed: leave out {', '.join(useless)}")
    dataset, epochs = family.dataset(sources.dataset), sources.epochs or family.epochs[0]
    if epochs not in family.epochs:
        raise UserError(f"--epochs: {family.name} has {' and '.join(map(str, family.epochs))}; got {epochs}")
    evaluator = family.evaluator(get_space(family.name, dataset), dataset, epochs)
    protocol = evaluator.protocol
    return Opened(
        evaluator,
        (
            ("table", f"{dataset}, {epochs} epochs of training", "dataset"),
            ("scores", f"search: {protocol.search}; report: {protocol.report}", "epochs"),
        ),
        (f"{family.source} A score's error is that of its {protocol.error} alone.",),
    )


def _images(protocol: SupernetProtocol) -> str:
    calibration = f"{protocol.calibrate_images:,} for calibration" if protocol.calibrate_images else "no calibration"
    return (
        f"{protocol.images}: {protocol.search_images:,} to search on, {protocol.report_images:,} for the report, "
        f"{calibration}"
    )


def _pocket_note(loaded: LoadedSupernet, protocol: SupernetProtocol) -> str:
    setting = loaded.setting
    return (
        f"Costs and limits are those of the full-size network at r pixels. Accuracies are those of a pocket copy "
        f"(width {setting.width}, r / {setting.divisor} pixels) on the images of {protocol.images}: good for "
        "trying searches, not an ImageNet result."
    )


def _imagenet_note(supernet: str) -> str:
    return (
        f"On ImageNet: python main.py fetch {supernet}, then python main.py --supernet {supernet} --weights FILE "
        "--imagenet DIR (with DIR/train and DIR/val)"
    )
