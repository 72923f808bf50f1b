"""Options that several commands share, each defined once, and helpers that read them."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.completion import strategy_names, supernet_names
from common.errors import UserError, unknown_name
from graph import defaults
from supernets.space.cost import COST_KINDS

limit_option = partial(typer.Option, rich_help_panel="Limits", metavar="NUMBER[,NUMBER...]")
_limits = partial(typer.Option, rich_help_panel="Limits")
_scoring = partial(typer.Option, rich_help_panel="Weights, images, device")
_show = partial(typer.Option, rich_help_panel="Resuming and output")

SupernetName = Annotated[
    str,
    typer.Option(
        help="Supernet or tabular benchmark: ofa, spos, autoformer, nasbench201, ..., or path/to/family.py:NAME.",
        autocompletion=supernet_names,
    ),
]
StrategyName = Annotated[
    str,
    typer.Option(
        help="Search strategy: collm, sillm, opro, random, evolution, surrogate, ...", autocompletion=strategy_names
    ),
]
Seed = Annotated[int, typer.Option(help="Seed of all random choices.")]
Evaluations = Annotated[
    int, typer.Option(help="Evaluation budget: maximum number of architectures to score.", rich_help_panel="Budget")
]
Disguise = Annotated[
    bool,
    typer.Option(
        "--disguise/--no-disguise",
        help="Show the search space to language models under neutral names.",
        rich_help_panel="Models",
    ),
]
MaxMacs = Annotated[str | None, limit_option(help=COST_KINDS["macs_m"].help)]
MaxMemory = Annotated[str | None, limit_option(help=COST_KINDS["memory_mb"].help)]
Objective = Annotated[
    str | None,
    _limits(
        help="Search the front of accuracy against one cost instead of the best within a limit: "
        f"{', '.join(column.rpartition('_')[0] for column in COST_KINDS)}."
    ),
]
LatencyDevice = Annotated[
    str | None,
    _limits(
        help="Device of the latency figures: note10, 2080ti_64, pixel3, ..., or a .npz file written by `measure --out`."
    ),
]
Weights = Annotated[Path | None, _scoring(help="Checkpoint; by default the bundled pocket supernet.")]
Images = Annotated[Path | None, _scoring(help="Folder of images with one sub-folder per class.")]
ImageNet = Annotated[Path | None, _scoring(help="Folder of ImageNet: train and val as folders, archives or tables.")]
Protocol = Annotated[
    str,
    _scoring(help="Split of --imagenet: 'held-out' (search on training images) or 'paper' (search on val)."),
]
Device = Annotated[str | None, _scoring(help="'cpu' or 'cuda'; by default the fastest one available.")]
WorkerCount = Annotated[
    int | None,
    _scoring("--workers", help="Number of evaluation workers (one per GPU; CPU workers share the cores)."),
]
RayAddress = Annotated[
    str | None, _scoring("--ray", help="Ray cluster that runs the evaluation workers: HOST:PORT, or 'auto'.")
]
DataSet = Annotated[str | None, _scoring(help="Tabular benchmarks: data set (cifar10, cifar100, imagenet16-120).")]
Epochs = Annotated[int | None, _scoring(help="Tabular benchmarks: training epochs (200 or 12).")]
Predictor = Annotated[
    Path | None, _scoring(help="Accuracy-predictor checkpoint of the OFA authors (acc_predictor.pth).")
]
RunsFolder = Annotated[Path, _show("--runs", help="Folder of runs.", envvar=defaults.RUNS_VARIABLE)]
Quiet = Annotated[
    bool, _show("--quiet/--no-quiet", help="Print only the settings, each new best architecture and the result.")
]
JsonLines = Annotated[bool, _show("--json/--no-json", help="Print one JSON object per line to standard output.")]


def check_images(context: typer.Context, images: Path | None, imagenet: Path | None) -> None:
    """
    Raises:
        UserError: two kinds of images are named, or a split of images that are not named.
    """
    if images and imagenet:
        raise UserError("--images and --imagenet: expected at most one of them")
    if from_user(context, "protocol") and not imagenet:
        raise UserError("--protocol only applies with --imagenet: name the folder of ImageNet with --imagenet DIR")


def from_user(context: typer.Context, name: str) -> bool:
    """Whether an option was given, on the command line or in the file of --config."""
    return on_command_line(context, name) or from_file(context, name)


def on_command_line(context: typer.Context, name: str) -> bool:
    return _source(context, name) == "COMMANDLINE"


def from_file(context: typer.Context, name: str) -> bool:
    return _source(context, name) == "DEFAULT_MAP"


def _source(context: typer.Context, name: str) -> str:
    source = context.get_parameter_source(name)
    return "" if source is None else source.name


def limit_parameter(column: str) -> str:
    """The option that limits a cost column, by its name in the code: `max_macs` for `macs_m`."""
    return f"max_{column.removesuffix('_m')}"


def read_limit(text: str, option: str) -> float | list[float]:
    """One maximum, or several of a sweep.

    Raises:
        UserError: the text is not a positive number, or such numbers separated by commas.
    """
    try:
        maxima = [float(part) for part in text.split(",")]
    except ValueError:
        maxima = []
    if not maxima or not all(0 < each < float("inf") for each in maxima):
        raise UserError(f"{option}: expected a positive number, or several separated by commas; got {text!r}")
    return maxima if len(maxima) > 1 else maxima[0]


def objective_column(name: str) -> str:
    """The cost column of a name of `--objective`: `macs_m` for `macs`.

    Raises:
        UserError: there is no such cost.
    """
    columns = {objective_name(column): column for column in COST_KINDS}
    if name not in columns:
        raise UserError(f"--objective: {unknown_name('cost', name, list(columns))}")
    return columns[name]


def objective_name(column: str) -> str:
    return column.rpartition("_")[0]


def device_or_file(name: str | None) -> str | None:
    """The name of a device unchanged; a file's path made absolute, so that its run can be continued from elsewhere."""
    return absolute(name) if name is not None and name.endswith(".npz") else name


def absolute(path: str | Path | None) -> str | None:
    return None if path is None else os.path.realpath(path)  # unlike Path.resolve, also of a link to itself
