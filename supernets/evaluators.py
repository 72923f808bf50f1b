"""The one factory of evaluators: it resolves a user's request, once, into objects that are handed on.

A weight-sharing supernet needs weights, images and a device; a table needs a data set and a length of training. Options
that a family does not use are refused, so that no option is silently without effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import UserError
from common.files import cache_folder
from supernets.evaluate.evaluator import Opened
from supernets.evaluate.request import EvaluatorRequest
from supernets.families.base import LookupFamily, SupernetFamily
from supernets.families.registry import get_family

if TYPE_CHECKING:
    from supernets.evaluate.protocol import SupernetProtocol
    from supernets.load import LoadedSupernet

_CHANGED = (
    "the content has changed since this program saved it, by an edit or by damage, so the scores may not be those of "
    "the network that was trained; if you did not edit it, copy or download it again"
)


def open_evaluator(request: EvaluatorRequest) -> Opened:
    """The evaluator of a request, ready to score.

    Raises:
        UserError: something in the request does not exist, does not fit, or is not used by the family.
    """
    family = get_family(request.supernet)
    if isinstance(family, LookupFamily):
        return family.open(request)
    assert isinstance(family, SupernetFamily)
    return _open_supernet(family, request)


def _open_supernet(family: SupernetFamily, request: EvaluatorRequest) -> Opened:
    name = family.name
    if request.epochs is not None:
        raise UserError(f"--epochs: {name} is not a tabular benchmark; leave the option out")
    if request.predictor is not None:
        raise UserError("--predictor only applies with --score predictor")
    if request.workers:
        from supernets.evaluate.ray.ray_evaluator import open_cluster

        return open_cluster(request, request.workers, family.space(), open_evaluator)
    from supernets.evaluate.doubts import doubts
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.load import load_imagenet, load_splits, load_supernet

    device, _ = family.device(request.device)
    cache = request.cache or cache_folder()
    loaded = load_supernet(family, request.weights)
    if request.imagenet:
        splits = load_imagenet(loaded, request.imagenet, request.protocol, cache, request.progress)
    else:
        splits = load_splits(loaded, request.images, cache, request.progress, request.images_name)
    space = loaded.net.space
    side = space.resolution(space.smallest()) // loaded.metadata.divisor
    doubtful = doubts(loaded.net, side, loaded.calibration)  # before the network is on another device
    evaluator = SupernetEvaluator(
        loaded.net,
        splits,
        preprocessing=loaded.preprocessing,
        calibration=loaded.calibration,
        device=device,
    )
    protocol, bundled = evaluator.protocol, request.weights is None
    edited = (f"{loaded.source}: {_CHANGED}",) if loaded.changed else ()
    warnings = (*edited, *doubtful, *loaded.images_seen(splits))
    return Opened(
        evaluator=evaluator,
        settings_shown=(
            ("weights", loaded.source, "weights"),
            ("images", _images(protocol), "images"),
            ("device", f"{protocol.device}, {protocol.dtype}", "device"),
        ),
        notes=(*([_pocket_note(loaded, protocol)] if bundled else []), *warnings, *splits.notes),
        closing=(*warnings, *([_imagenet_note(name)] if bundled else [])),
    )


def _images(protocol: SupernetProtocol) -> str:
    calibration = f"{protocol.calibrate_images:,} for calibration" if protocol.calibrate_images else "no calibration"
    return (
        f"{protocol.images}: {protocol.search_images:,} to search on, {protocol.report_images:,} for the report, "
        f"{calibration}"
    )


def _pocket_note(loaded: LoadedSupernet, protocol: SupernetProtocol) -> str:
    metadata = loaded.metadata
    return (
        f"Costs and limits are those of the full-size network at r pixels. Accuracies are those of a pocket copy "
        f"(width {metadata.width}, r / {metadata.divisor} pixels) on the images of {protocol.images}: useful to "
        "try searches, not an ImageNet result."
    )


def _imagenet_note(supernet: str) -> str:
    return (
        f"On ImageNet: python main.py fetch {supernet}, then python main.py --supernet {supernet} --weights FILE "
        "--imagenet DIR (with DIR/train and DIR/val)"
    )
