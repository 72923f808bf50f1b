"""A scored candidate of a run, trained on from the weights that it inherits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from common.errors import UserError
from common.files import cache_folder
from graph.opening import open_supernet
from studies.run import Run
from supernets.evaluate.calibrated_network import CalibratedNetwork
from supernets.evaluate.protocol import SupernetProtocol
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.export.rescoring import Rescored, plain_inputs, rescore
from supernets.export.sub_network import SubNetwork, extract_sub_network, with_classes
from supernets.families.registry import supernet_family
from supernets.finetune import material
from supernets.finetune.finetune import Teacher, train_on
from supernets.finetune.finetune_recipe import SHORT, FinetuneRecipe, preset
from supernets.finetune.finetuned import RECORD, STATE, FinetunedRecord, difference_error, write_finetuned
from supernets.images.image_sets import Images
from supernets.load import scale_of
from supernets.train import Progress


def finetune(
    run: Run,
    id: str = "",
    out: Path | str | None = None,
    *,
    images: Path | str | None = None,
    imagenet: Path | str | None = None,
    recipe: FinetuneRecipe | str = SHORT,
    teacher: bool = True,
    own_classes: bool = False,
    device: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    note: Callable[[str], None] = lambda text: None,
) -> tuple[Path, FinetunedRecord]:
    """Train a scored candidate on, and score it before and after on the same report images, in float32.

    The same call continues a training that was stopped, and ends as if it had not been.

    Args:
        id: as `Run.find` takes it; the best one without.
        out: folder to write; None for one in the run's folder.
        images: folder of training images with a sub-folder for each class.
        imagenet: folder of ImageNet, whose `train` is used; in place of `images`.
        recipe: how to train, or the name of a preset.
        teacher: whether the supernet's largest network teaches, with the recipe's share of the loss.
        own_classes: the classes are those of `images`: the network gets a new last layer, no teacher, and a report on a
            fifth of the images, which it does not learn from.
        device: `cpu` or `cuda`; None for the fastest available.
        report: called after every step.
        note: called with sentences on images that were left out.

    Returns:
        the folder with the weights, and the record in it.

    Raises:
        UserError: there is no such candidate or it has no weights, images cannot be used, or `out` holds another or a
            finished fine-tuning.
    """
    if (images is None) == (imagenet is None):
        raise UserError("expected training images, either --images DIR or --imagenet DIR")
    if own_classes and images is None:
        raise UserError("--classes-from-images: expected --images DIR, whose sub-folders are the classes")
    recipe = preset(recipe) if isinstance(recipe, str) else recipe
    family, a, protocol = supernet_family(run.config.supernet), run.find(id).architecture, run.protocol
    if not isinstance(protocol, SupernetProtocol):
        raise UserError(f"the scores of {run.id} were told, so it names no weights to begin with")
    out = run.folder / "finetune" / a.id if out is None else Path(out)
    if (out / RECORD).exists():
        raise UserError(f"{out} holds a finished fine-tuning: remove it, or name another folder with --out DIR")
    used = family.device(device)[0]
    evaluator, _ = open_supernet(run.config, protocol, used)
    with closing(evaluator):
        inherited = extract_sub_network(family, evaluator, a)
        source = Path(images or imagenet or "")
        found = _material(source, inherited, evaluator.report_inputs.images, imagenet is not None, own_classes)
        for text in found.notes:
            note(text)
        before = None if own_classes else _predictions(inherited.network(), inherited, found.report)
        weights = None if run.config.weights is None else Path(run.config.weights)
        network = with_classes(inherited, family, scale_of(family, weights), found.report.classes)
        torch.manual_seed(recipe.seed)  # of layers that are new
        start = network.untrained() if recipe.from_scratch else network.network()
        taught = teacher and recipe.teacher_share > 0 and not (own_classes or recipe.from_scratch)
        _make(out)
        seconds = 0.0

        def watch(progress: Progress) -> None:
            nonlocal seconds
            seconds = progress.seconds
            report(progress)

        net = train_on(
            start, found.pictures, recipe=recipe, preprocessing=network.preprocessing, side=network.side,
            classes=len(network.classes), teacher=_teacher(evaluator) if taught else None, checkpoint=out / STATE,
            identity={"architecture": a.id, "weights": protocol.weights, "classes": list(network.classes)},
            report=watch, device=used,
        )  # fmt: skip
    after = _predictions(net, network, found.report)
    total = len(found.report)
    record = FinetunedRecord(
        run=str(run.folder), architecture=run.space.genotype(a), classes=list(network.classes), recipe=asdict(recipe),
        teacher=taught, images=str(source.absolute()), own_classes=own_classes,
        training_images=len(found.pictures.labels), report_images=total,
        before_hits=None if before is None else before.hits, after_hits=after.hits,
        before=None if before is None else 100 * before.hits / total, after=100 * after.hits / total,
        difference_error=None if before is None else difference_error(before.correct, after.correct),
        seconds=round(seconds, 1),
    )  # fmt: skip
    write_finetuned(out, record, net.state_dict())
    (out / STATE).unlink(missing_ok=True)
    return out, record


def _material(
    source: Path, network: SubNetwork, report: Images, is_imagenet: bool, own_classes: bool
) -> material.Material:
    if is_imagenet:
        return material.imagenet(source, report)
    decoding = material.Decoding.like(report, network.preprocessing, network.side, cache_folder())
    return material.own_classes(source, decoding) if own_classes else material.known_classes(source, report, decoding)


def _predictions(net: nn.Module, network: SubNetwork, images: Images) -> Rescored:
    """What a network that reads normalised images predicts."""
    inputs = plain_inputs(images, network.preprocessing)

    def runtime(x: Tensor) -> Tensor:
        logits: Tensor = net(network.preprocessing.normalise(255 * x))
        return logits

    return rescore(runtime, inputs, network.side * network.preprocessing.divisor)


def _teacher(evaluator: SupernetEvaluator) -> Teacher:
    """The supernet's largest network, calibrated, at its own input side."""
    net = CalibratedNetwork(evaluator, evaluator.net.space.largest())

    def teach(images: Tensor) -> Tensor:
        if images.shape[-1] != net.side:
            images = nn.functional.interpolate(
                images, (net.side, net.side), mode="bilinear", align_corners=False, antialias=True
            )
        logits: Tensor = net(images)
        return logits

    return teach


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to {out} ({error.strerror}): name another folder with --out DIR") from None
