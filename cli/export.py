"""Export a sub-network as files that need this program no more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.genotype_file import read_architecture
from cli.options import (
    Device,
    ImageNet,
    Images,
    JsonLines,
    Protocol,
    RunsFolder,
    SupernetName,
    Weights,
    absolute,
    check_images,
    on_command_line,
)
from common.errors import UserError
from graph import defaults

if TYPE_CHECKING:
    from graph.config import Config
    from supernets.export.export import Export, ExportFormats

_OF_A_FILE = ("weights", "images", "imagenet", "protocol")
"""Options that go with an architecture file; a run has its own."""


def export(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="RUN", help="Run, or folder of `finetune`; with --supernet, a file with a genotype."),
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
    runs: RunsFolder = defaults.RUNS,
    json_lines: JsonLines = False,
) -> None:
    """Write a sub-network as model.py, safetensors and a timm folder, and score every file again.

    Example: python main.py export runs/RUN --onnx
    """
    from cli.terminal.console import open_console
    from cli.terminal.progress import work_bar

    if not supernet:
        if given := [f"--{name}" for name in _OF_A_FILE if on_command_line(context, name)]:
            raise UserError(f"{', '.join(given)}: a run records its own; leave out, or use --supernet NAME")
        with work_bar(open_console(sys.stderr), json_lines) as (progress, on_message):
            exported = _export_run(
                source, runs, id, out, onnx=onnx, pt2=pt2, device=device, progress=progress, on_message=on_message
            )
    else:
        if id:
            raise UserError("--id names a candidate of a run: leave it out, or leave out --supernet")
        check_images(context, images, imagenet)
        from graph.config import Config
        from supernets.export.export import ExportFormats
        from supernets.families.registry import supernet_family

        config = Config(
            supernet=supernet, weights=absolute(weights), images=absolute(images), imagenet=absolute(imagenet),
            protocol=protocol, device=supernet_family(supernet).device(device)[0],
        )  # fmt: skip
        with work_bar(open_console(sys.stderr), json_lines) as (progress, on_message):
            exported = _export_file(config, Path(source), out, ExportFormats(onnx, pt2), progress, on_message)
    _show(exported, json_lines)


def _export_run(source: str, runs: Path, id: str, out: Path | None, **options: Any) -> Export:
    """Export a candidate of a run, or the sub-network that `finetune` wrote."""
    from studies.export_finetuned import export_finetuned
    from studies.export_run import export as export_candidate
    from studies.run import load
    from supernets.finetune.finetuned import RECORD

    if not (Path(source) / RECORD).is_file():
        return export_candidate(load(source, runs), id, out, **options)
    if id:
        raise UserError(f"--id names a candidate of a run, and {source} is one fine-tuned network: leave it out")
    return export_finetuned(Path(source), out, **options)


def _export_file(
    config: Config,
    architecture: Path,
    out: Path | None,
    formats: ExportFormats,
    progress: Callable[[int, int], None],
    on_message: Callable[[str], None],
) -> Export:
    from graph.opening import open_evaluator, open_space
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.export.export import export_sub_network, require_free
    from supernets.export.model_card import Provenance
    from supernets.families.registry import supernet_family

    space = open_space(config)
    a = read_architecture(architecture, space)
    out = out or Path("exports") / f"{config.label}-{a.id}"
    require_free(out)
    opened = open_evaluator(config, progress)
    evaluator = opened.evaluator
    assert isinstance(evaluator, SupernetEvaluator)
    settings = [
        ("weights", config.weights or "bundled pocket supernet"),
        ("images", config.imagenet or config.images or "bundled images"),
    ]
    scores = {"report": evaluator.report(a)}
    provenance = Provenance(
        space.genotype(a), space.cost(a), scores, evaluator.protocol, settings=settings, notes=opened.notes
    )
    return export_sub_network(supernet_family(config.supernet), evaluator, provenance, out, formats, on_message)


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
