"""A fine-tuned sub-network as files that need this program no more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from common.files import cache_folder
from graph.opening import open_supernet
from studies.run import load
from supernets.evaluate.evaluator import Evaluation, standard_error
from supernets.evaluate.protocol import SupernetProtocol
from supernets.export.export import Export, ExportFormats, require_free, write_export
from supernets.export.model_card import Provenance
from supernets.export.sub_network import extract_sub_network, with_classes
from supernets.families.registry import supernet_family
from supernets.finetune.finetuned import FinetunedRecord, read_finetuned
from supernets.finetune.material import Decoding, own_classes
from supernets.load import scale_of
from supernets.network.checkpoint import weights_hash
from supernets.space.architecture import Architecture


def export_finetuned(
    folder: Path,
    out: Path | None = None,
    *,
    onnx: bool = False,
    pt2: bool = False,
    device: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    on_message: Callable[[str], None] = lambda message: None,
) -> Export:
    """Write a fine-tuned sub-network as `studies.export_run.export` writes an inherited one; raises as it does.

    Args:
        folder: the folder that `finetune` wrote.
        out: folder to write, which must not exist; None for `export` in `folder`.
    """
    record, state = read_finetuned(folder)
    run = load(record.run)
    family, a, protocol = supernet_family(run.config.supernet), run.space.parse(record.architecture), run.protocol
    assert isinstance(protocol, SupernetProtocol)
    out = folder / "export" if out is None else out
    require_free(out)
    evaluator, notes = open_supernet(run.config, protocol, device, progress)
    with closing(evaluator):
        inherited, images = extract_sub_network(family, evaluator, a), evaluator.report_inputs.images
    weights = None if run.config.weights is None else Path(run.config.weights)
    network = with_classes(inherited, family, scale_of(family, weights), record.classes)
    # In the network's own order, which the file does not keep and timm's names are matched by.
    network = replace(network, state={name: state[name] for name in network.untrained().state_dict()})
    if record.own_classes:
        decoding = Decoding.like(images, network.preprocessing, network.side, cache_folder())
        images = own_classes(Path(record.images), decoding).report
    before = replace(evaluator.protocol, dtype="float32", device="cpu")
    taken = replace(
        before, weights=weights_hash(state), images=images.name, report_images=len(images),
        image_hashes=(*before.image_hashes[:2], images.hash), calibration="as learned in fine-tuning",
    )  # fmt: skip
    scores = {"report": _score(a, record.after_hits, len(images), taken.id)}
    if record.before_hits is not None:
        scores = {"report, before": _score(a, record.before_hits, len(images), before.id), **scores}
    provenance = Provenance(
        run.space.genotype(a), run.space.cost(a), scores, taken, settings=_settings(record), notes=notes,
        weights=f"fine-tuned on {record.training_images:,} images",
    )  # fmt: skip
    return write_export(network, images, provenance, out, ExportFormats(onnx, pt2), on_message)


def _score(a: Architecture, hits: int, images: int, protocol: str) -> Evaluation:
    top1 = 100 * hits / images
    return Evaluation(a, top1, standard_error(top1, images), images, 0.0, protocol)


def _settings(record: FinetunedRecord) -> list[tuple[str, str]]:
    recipe = ", ".join(f"{name} {value}" for name, value in record.recipe.items() if value not in (0, "", False))
    return [
        ("run", record.run),
        ("training images", f"{record.training_images:,} of {record.images}"),
        ("teacher", "the supernet's largest network" if record.teacher else "none"),
        ("recipe", recipe),
    ]
