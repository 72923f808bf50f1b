"""Export a sub-network as files that need this program no more."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.genotype_file import read_architecture
from cli.options import (
    Device,
    ImageNet,
    Images,
    JsonLines,
    Protocol,
    SupernetName,
    Weights,
    absolute,
    check_images,
    on_command_line,
)
from cli.session import decoding_progress, open_evaluator, open_space
from common.errors import UserError
from graph import defaults

if TYPE_CHECKING:
    from graph.archive.archive import Archive
    from graph.candidate import Candidate
    from graph.config import Config
    from graph.run_folder import RunFolder
    from supernets.evaluate.evaluator import Evaluation
    from supernets.evaluate.protocol import SupernetProtocol
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.export.export import Export, ExportFormats
    from supernets.export.model_card import Provenance

_OF_A_FILE = ("weights", "images", "imagenet", "protocol")
"""Options that go with an architecture file; a run has its own."""


def export(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="RUN", help="Run folder or id; with --supernet, a JSON file with a genotype.")
    ],
    id: Annotated[str, typer.Option(help="Scored candidate of the run, by its id; by default the best.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder to write; by default RUN/export/ID or exports/ID.")] = None,
    onnx: Annotated[bool, typer.Option("--onnx", help="Write model.onnx as well.")] = False,
    pt2: Annotated[bool, typer.Option("--pt2", help="Write model.pt2 (torch.export) as well.")] = False,
    supernet: SupernetName = "",
    weights: Weights = None,
    images: Images = None,
    imagenet: ImageNet = None,
    protocol: Protocol = defaults.PROTOCOL,
    device: Device = None,
    json_lines: JsonLines = False,
) -> None:
    """Write a sub-network as model.py, safetensors and a timm folder, and score every file again.

    Example: python main.py export runs/RUN --onnx
    """
    from supernets.export.export import ExportFormats

    formats = ExportFormats(onnx, pt2)
    if not supernet:
        if given := [f"--{name}" for name in _OF_A_FILE if on_command_line(context, name)]:
            raise UserError(f"{', '.join(given)}: a run records its own; leave out, or use --supernet NAME")
        exported = _export_run(source, id, out, formats, device, json_lines)
    else:
        if id:
            raise UserError("--id names a candidate of a run: leave it out, or leave out --supernet")
        check_images(context, images, imagenet)
        from graph.config import Config
        from supernets.families.registry import supernet_family

        config = Config(
            supernet=supernet, weights=absolute(weights), images=absolute(images), imagenet=absolute(imagenet),
            protocol=protocol, device=supernet_family(supernet).device(device)[0],
        )  # fmt: skip
        exported = _export_file(config, Path(source), out, formats, json_lines)
    _show(exported, json_lines)


def _export_run(
    run: str, id: str, out: Path | None, formats: ExportFormats, device: str | None, silent: bool
) -> Export:
    from graph.archive.archive import Archive
    from graph.run_folder import RunFolder
    from supernets.evaluate.protocol import SupernetProtocol
    from supernets.families.registry import supernet_family

    folder = RunFolder.find(defaults.RUNS, run)
    config = folder.config()
    family, space = supernet_family(config.supernet), open_space(config)
    with folder.lock(), closing(Archive(folder.archive, space)) as archive:
        candidate, found = _chosen(archive, folder, id)
        protocol, a = archive.protocol, found.architecture
        report = archive.find_evaluation(a, protocol.id, "report")
        guidance = archive.guidance(candidate.round) or ""
        settings = _settings(config, archive, candidate)
    assert isinstance(protocol, SupernetProtocol)
    out = out or folder.path / "export" / a.id
    config = config.model_copy(update={"device": family.device(device)[0]})
    evaluator, notes = _open(config, out, silent, protocol.images)
    # The device and the precision of scoring do not matter for the files, which are float32; everything else does.
    here = replace(evaluator.protocol, dtype=protocol.dtype, device=protocol.device)
    here.require_same(protocol.to_dict())
    if report is None:
        report, protocol = evaluator.report(a), evaluator.protocol
    provenance = _provenance(evaluator, {"search": found, "report": report}, protocol, notes)
    return _export(evaluator, replace(provenance, settings=settings, guidance=guidance), out, formats, silent)


def _chosen(archive: Archive, folder: RunFolder, id: str) -> tuple[Candidate, Evaluation]:
    """A scored candidate by its id or the beginning of it; the best one if `id` is empty.

    Raises:
        UserError: there is none, or the run has not ended and none is named.
    """
    best = archive.best()
    if best is None:
        raise UserError(f"the run {folder.id} has scored nothing yet; continue it: --resume {folder.path}")
    scored = archive.evaluations(1, archive.last_round)
    ids = f"the best have {', '.join(e.architecture.id for e in sorted(scored, key=lambda e: -e.top1)[:3])}"
    if not id:
        if not archive.stopped_because:
            raise UserError(
                f"the run {folder.id} is not finished; continue it with --resume {folder.path}, or name a candidate "
                f"with --id: {ids}"
            )
        return best
    found = [e for e in scored if e.architecture.id.startswith(id)]
    if len(found) != 1:
        count = f"{len(found)} candidates" if found else "none"
        raise UserError(f"--id {id}: expected the id of one scored candidate of {folder.id}, got {count}; {ids}")
    candidates = archive.candidates(1, archive.last_round)
    return next(c for c in candidates if c.architecture == found[0].architecture), found[0]


def _settings(config: Config, archive: Archive, candidate: Candidate) -> list[tuple[str, str]]:
    models = {f"{role}'s model": settings.name for role, settings in sorted(config.models.items())}
    return [
        ("weights", config.weights or "bundled pocket supernet"),
        ("images", config.imagenet or config.images or "bundled images"),
        ("limits", ", ".join(f"{name} <= {limit:g}" for name, limit in config.limits.items()) or "none"),
        ("search strategy", config.strategy),
        *models.items(),
        ("seed", str(config.seed)),
        ("found in round", f"{candidate.round} of {archive.last_round}"),
        ("evaluations of the run", f"{archive.evaluation_count:,}"),
    ]


def _export_file(config: Config, architecture: Path, out: Path | None, formats: ExportFormats, silent: bool) -> Export:
    space = open_space(config)
    a = read_architecture(architecture, space)
    out = out or Path("exports") / f"{config.supernet}-{a.id}"
    evaluator, notes = _open(config, out, silent)
    scores = {"report": evaluator.report(a)}
    settings = [
        ("weights", config.weights or "bundled pocket supernet"),
        ("images", config.imagenet or config.images or "bundled images"),
    ]
    provenance = replace(_provenance(evaluator, scores, evaluator.protocol, notes), settings=settings)
    return _export(evaluator, provenance, out, formats, silent)


def _open(
    config: Config, out: Path, silent: bool, images_name: str | None = None
) -> tuple[SupernetEvaluator, tuple[str, ...]]:
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.export.export import require_free

    require_free(out)
    with decoding_progress(silent) as progress:
        opened = open_evaluator(config, progress, images_name=images_name)
    assert isinstance(opened.evaluator, SupernetEvaluator)
    return opened.evaluator, opened.notes


def _provenance(
    evaluator: SupernetEvaluator, scores: dict[str, Evaluation], protocol: SupernetProtocol, notes: tuple[str, ...]
) -> Provenance:
    from supernets.export.model_card import Provenance

    space, a = evaluator.net.space, scores["report"].architecture
    return Provenance(space.genotype(a), space.cost(a), scores, protocol, notes=notes)


def _export(
    evaluator: SupernetEvaluator, provenance: Provenance, out: Path, formats: ExportFormats, silent: bool
) -> Export:
    from cli.terminal.console import open_console
    from supernets.export.export import export_sub_network
    from supernets.families.registry import supernet_family

    family = supernet_family(provenance.protocol.supernet)
    if silent:
        return export_sub_network(family, evaluator, provenance, out, formats)
    with open_console(sys.stderr).status("starting") as status:
        return export_sub_network(family, evaluator, provenance, out, formats, status.update)


def _show(exported: Export, json_lines: bool) -> None:
    import json

    folder, network = exported.folder, exported.network
    if json_lines:
        files = [{"name": f.name, "runtime": f.runtime, "hits": f.hits, "images": f.images} for f in exported.files]
        print(json.dumps({"folder": str(folder), "id": network.architecture.id, "files": files}))
        return
    from cli.terminal.console import open_console, table

    console = open_console()
    rows = [("folder", str(folder))]
    rows += [(f.name, f"{f.hits:,} of {f.images:,} report images right in {f.runtime}") for f in exported.files]
    rows.append(("README.md", "model card: how to load each file, scores, costs, origin"))
    if network.timm is not None:
        rows.append(("with timm", f"cd {folder / 'timm'}, then in Python:"))
        rows.append(("", f"import timm, {network.name}"))
        rows.append(("", 'net = timm.create_model("local-dir:.", pretrained=True).eval()'))
    console.print(table(rows))
