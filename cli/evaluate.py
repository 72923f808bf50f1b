"""Score one architecture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.genotype_file import read_architecture
from cli.options import (
    DataSet,
    Device,
    Epochs,
    ImageNet,
    Images,
    JsonLines,
    LatencyDevice,
    Predictor,
    Protocol,
    RunsFolder,
    SupernetName,
    Weights,
    absolute,
    check_images,
    device_or_file,
    on_command_line,
)
from cli.session import decoding_progress, diagram
from common.errors import UserError
from graph import defaults
from graph.defaults import RUNS
from graph.opening import open_evaluator, open_space
from supernets.space.cost import COST_KINDS, Cost

if TYPE_CHECKING:
    from graph.config import Config
    from graph.run_folder import RunFolder


def evaluate(
    context: typer.Context,
    architecture: Annotated[
        Path, typer.Argument(help="File with a genotype; or a run, whose best is scored with its weights and images.")
    ],
    supernet: SupernetName = "",
    weights: Weights = None,
    images: Images = None,
    imagenet: ImageNet = None,
    protocol: Protocol = defaults.PROTOCOL,
    device: Device = None,
    dataset: DataSet = None,
    epochs: Epochs = None,
    predictor: Predictor = None,
    latency_device: LatencyDevice = None,
    runs: RunsFolder = RUNS,
    json_lines: JsonLines = False,
) -> None:
    """Score one architecture and show its costs and accuracies."""
    check_images(context, images, imagenet)
    run = _run_of(architecture, runs)
    config = _config(context, run)
    space = open_space(config)
    a = read_architecture(architecture if run is None else run.result, space)
    with decoding_progress(json_lines) as progress:
        opened = open_evaluator(config, progress)
    evaluator = opened.evaluator
    scores = {"search": next(evaluator.evaluate([a])), "report": evaluator.report(a)}
    cost = space.cost(a)
    if json_lines:
        figures = {
            f"{name}_{key}": getattr(s, key) for name, s in scores.items() for key in ("top1", "stderr", "images")
        }
        from cli.terminal.json_lines import rounded

        told = {"protocol": evaluator.protocol.id, "notes": opened.notes}
        print(json.dumps(rounded({"id": a.id, "architecture": space.genotype(a), **cost.figures(), **figures, **told})))
        return
    from cli.terminal.console import open_console, table

    console = open_console()
    rows = [
        ("architecture", a.id),
        *_costs(cost, config.latency_device),
        *((name, f"{s.top1:.2f} ± {s.stderr:.2f} % top-1 on {s.images:,} images") for name, s in scores.items()),
        *([] if run is None else [("setting", f"that of the run {run.id}, but for the options given here")]),
        *((label, value) for label, value, _ in opened.settings_shown),
        ("protocol", evaluator.protocol.id),
        *(("note", note) for note in opened.notes),
    ]
    console.print(diagram(space, console.width, console.options.ascii_only)(a), highlight=False, soft_wrap=True)
    console.print(table(rows))


def _run_of(architecture: Path, runs: Path) -> RunFolder | None:
    """The run that the argument names: its folder, its id or its `result.json`; None for another file.

    Raises:
        UserError: the run has found nothing yet.
    """
    from graph.run_folder import RunFolder

    folder = architecture.parent if architecture.name == "result.json" else architecture
    if architecture.is_file() and folder == architecture:
        return None
    places = (folder, runs / architecture)
    found = next((RunFolder(path.resolve()) for path in places if (path / "config.json").is_file()), None)
    if found is not None and not found.result.is_file():
        raise UserError(f"the run {found.id} has no result yet; continue it: python main.py --resume {found.path}")
    return found


def _config(context: typer.Context, run: RunFolder | None) -> Config:
    """The setting in which to score: that of a run with the options that were given, or that of the options alone."""
    from graph.config import Config
    from supernets.families.own_families import absolute_name
    from supernets.families.registry import get_family

    options = context.params
    paths = {name: absolute(options[name]) for name in ("weights", "images", "imagenet", "predictor")}
    named = {name: options[name] for name in ("supernet", "protocol", "device", "dataset", "epochs")}
    settings = {**named, **paths, "latency_device": device_or_file(options["latency_device"])}
    if run is None:
        if not options["supernet"]:
            raise UserError("expected --supernet NAME (for example --supernet ofa), or a run in place of the file")
        return Config(**{**settings, "device": get_family(options["supernet"]).device(options["device"])[0]})
    config = run.config()
    given = {name: value for name, value in settings.items() if on_command_line(context, name)}
    if absolute_name(given.get("supernet", config.supernet)) != config.supernet:
        raise UserError(f"--supernet: expected {config.supernet}, as the run searched, got {given['supernet']}")
    if given.keys() & {"images", "imagenet"}:
        given = {"images": None, "imagenet": None, **given}
    device = get_family(config.supernet).device(given.get("device", config.device))[0]
    return config.model_copy(update={**given, "device": device})


def _costs(cost: Cost, latency_device: str | None) -> Iterator[tuple[str, str]]:
    for name, kind in COST_KINDS.items():
        if (value := cost.figure(name)) is not None:
            device = f" on {latency_device}" if name == "latency_ms" else ""
            yield kind.label, f"{value:.{kind.exact_digits}f} {kind.unit}{device}"
