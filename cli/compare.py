"""Compare strategies on equal budgets, evaluators and seeds."""

from __future__ import annotations

import os
import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.completion import strategy_names
from cli.model_options import LLM, default_settings
from cli.options import (
    DataSet,
    Device,
    Disguise,
    Epochs,
    Evaluations,
    Images,
    MaxMacs,
    MaxMemory,
    SupernetName,
    Weights,
    absolute,
)
from cli.session import fetch_models, open_evaluator, open_models, open_space
from graph import defaults

if TYPE_CHECKING:
    from graph.config import Config
    from studies.compare.study import Study
    from studies.compare.study_runner import Parts
    from supernets.evaluate.evaluator import Evaluator

_study = partial(typer.Option, rich_help_panel="The study")


def compare(
    supernet: SupernetName,
    strategies: Annotated[
        str, _study(help="Strategies to compare, separated by commas.", autocompletion=strategy_names)
    ] = "random,evolution,surrogate,collm",
    baseline: Annotated[
        str, _study(help="Strategy that the others are tested against.", autocompletion=strategy_names)
    ] = "random",
    evaluations: Evaluations = defaults.EVALUATIONS,
    seeds: Annotated[int, _study(help="Runs of each strategy, with seeds 0, 1, ...")] = 10,
    workers: Annotated[int | None, _study(help="Number of parallel runs; by default one per processor.")] = None,
    llm: LLM = None,
    disguise: Disguise = False,
    max_macs: MaxMacs = None,
    max_memory_mb: MaxMemory = None,
    out: Annotated[Path, _study(help="Folder of studies.")] = Path("comparisons"),
    dataset: DataSet = None,
    epochs: Epochs = None,
    weights: Weights = None,
    images: Images = None,
    device: Device = None,
) -> None:
    """Run several strategies with several seeds; write tables, a plot and a CSV file of the results.

    The same command continues a study that was stopped; with more seeds or strategies it adds runs to the study.
    With --disguise, strategies that use a model run twice: under true and under neutral names.

    Example: python main.py compare --supernet nasbench201 --dataset all --strategies random,evolution,surrogate
    """
    from cli.terminal.console import open_console
    from cli.terminal.progress import counting_bar
    from graph.config import Config
    from studies.compare.study import Study
    from studies.compare.study_runner import run_all
    from supernets.families.registry import get_family

    known = get_family(supernet)
    named = {"macs_m": max_macs, "memory_mb": max_memory_mb}
    limits = {column: limit for column, limit in named.items() if limit is not None} or dict(known.default_limits)
    models = dict.fromkeys(("navigator", "generator"), default_settings(llm))
    base = Config(
        supernet=supernet, evaluations=evaluations, limits=limits, models=models,
        weights=absolute(weights), images=absolute(images), device=known.device(device)[0], epochs=epochs,
        disguise=disguise,
    )  # fmt: skip
    names = tuple(name.strip() for name in strategies.split(",") if name.strip())
    study = Study(
        base=base, root=out, datasets=_datasets(supernet, dataset), strategies=names, baseline=baseline, seeds=seeds
    )
    runs = list(study.runs())
    fetch_models(settings for run in runs for settings in run.config.models.values())
    workers = (os.cpu_count() or 1) if workers is None else workers
    # As many processes run as there are processors, so each is to have one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with counting_bar(open_console(sys.stderr), "runs") as progress:
        failed = run_all(runs, assemble, workers, progress)
    for folder, problem in failed.items():
        print(f"not finished: {folder}: {problem}", file=sys.stderr)
    _show(study)


def assemble(config: Config) -> Parts:
    """What a run needs, in the process that runs it."""
    from studies.compare.study_runner import Parts

    alike = config.changed(strategy="", seed=0, models={})
    return Parts(open_space(config), _evaluator(alike.to_json()), open_models(config, silent=True))


@cache
def _evaluator(config: str) -> Evaluator:
    """The evaluator of all runs of this process that score alike, opened once."""
    from graph.config import Config

    return open_evaluator(Config.from_json(config, "study")).evaluator


def _datasets(supernet: str, asked: str | None) -> tuple[str | None, ...]:
    from supernets.families.base import TableFamily
    from supernets.families.registry import get_family

    known = get_family(supernet)
    if not isinstance(known, TableFamily):
        return (asked,)
    return known.datasets if asked == "all" else (known.dataset(asked),)


def _show(study: Study) -> None:
    from cli.terminal.console import open_console
    from studies.compare.curve_plot import draw
    from studies.compare.result_tables import at_the_end, on_the_way, write_csv
    from studies.compare.study_results import read_results

    found = read_results(study, assemble)
    if not found.runs:
        raise SystemExit(2)
    console = open_console()
    for dataset in dict.fromkeys(run.dataset for run in found.runs):
        summaries, ranks = found.summaries[dataset], found.ranks.get(dataset, {})
        console.print(on_the_way(f"{dataset or study.base.supernet}: the best so far", summaries))
        console.print(
            at_the_end(f"{dataset or study.base.supernet}: what was found", summaries, study.reference, ranks)
        )
        console.print()
    console.print(found.note, style="dim")
    write_csv(found.runs, study.folder / "compare.csv")
    for name in ("compare.png", "compare.svg"):
        draw(found.runs, found.ranges, study.folder / name)
    console.print(f"wrote {study.folder}/compare.csv, compare.png and compare.svg")
