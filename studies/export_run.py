"""A scored candidate of a run as files that need this program no more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from common.errors import UserError
from graph.limits import limits_text
from graph.opening import open_supernet
from studies.run import Run
from supernets.evaluate.protocol import SupernetProtocol
from supernets.export.export import Export, ExportFormats, export_sub_network, require_free
from supernets.export.model_card import Provenance
from supernets.families.registry import supernet_family


def export(
    run: Run,
    id: str = "",
    out: Path | str | None = None,
    *,
    onnx: bool = False,
    pt2: bool = False,
    device: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    on_message: Callable[[str], None] = lambda message: None,
) -> Export:
    """Write a scored candidate as model.py, safetensors and a timm folder, and score every file again.

    Args:
        id: as `Run.find` takes it; the best one without.
        out: folder to write, which must not exist; None for one in the run's folder.
        onnx, pt2: write model.onnx and model.pt2 as well; ONNX needs the extra `export`.
        device: `cpu` or `cuda`, where batch-norm statistics are measured; None for the fastest available.
        progress: called with the images that are decoded and those that will be.
        on_message: called with what is done next.

    Raises:
        UserError: there is no such candidate or it has no weights, `out` exists or cannot be written, weights or
            images have moved, a package is missing, or the family cannot be exported.
        ExportDiffers: a written file does not score as recorded; nothing is kept then.
    """
    family, found, protocol = supernet_family(run.config.supernet), run.find(id), run.protocol
    if not isinstance(protocol, SupernetProtocol):
        raise UserError(f"the scores of {run.id} were told, so it names no weights to export; use --supernet NAME FILE")
    a = found.architecture
    out = run.folder / "export" / a.id if out is None else Path(out)
    require_free(out)
    # The device and the precision of scoring do not matter for the files, which are float32.
    evaluator, notes = open_supernet(run.config, protocol, device, progress)
    with closing(evaluator):
        report = run.report_of(a)
        if report is None:
            report, protocol = evaluator.report(a), evaluator.protocol
        round = run.candidate(found).round
        provenance = Provenance(
            run.space.genotype(a), run.space.cost(a), {"search": found, "report": report}, protocol,
            settings=_settings(run, round), guidance=run.strategies[round - 1], notes=notes,
        )  # fmt: skip
        return export_sub_network(family, evaluator, provenance, out, ExportFormats(onnx, pt2), on_message)


def _settings(run: Run, round: int) -> list[tuple[str, str]]:
    config = run.config
    models = {f"{role}'s model": settings.name for role, settings in sorted(config.models.items())}
    return [
        ("weights", config.weights or "bundled pocket supernet"),
        ("images", config.imagenet or config.images or "bundled images"),
        ("limits", limits_text(config)),
        ("search strategy", config.strategy),
        *models.items(),
        ("seed", str(config.seed)),
        ("found in round", f"{round} of {len(run.strategies)}"),
        ("evaluations of the run", f"{len(run.evaluations):,}"),
    ]
