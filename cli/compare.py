"""Compare strategies on equal budgets, evaluators and seeds."""

from __future__ import annotations

import os
import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.evaluators import fetch_models, open_run
from cli.options import DataSet, Device, Epochs, Images, Weights, absolute

if TYPE_CHECKING:
    from graph.config import Config
    from studies.compare.run_cells import Parts
    from studies.compare.study import Study
    from supernets.evaluate.evaluator import Evaluator

_study = partial(typer.Option, rich_help_panel="The study")


def compare(
    supernet: Annotated[str, typer.Option(help="What to search: nasbench201, ofa, spos, ...")],
    strategies: Annotated[str, _study(help="Strategies, with commas between.")] = "random,evolution,surrogate,collm",
    baseline: Annotated[str, _study(help="The strategy that the others are tested against.")] = "random",
    evaluations: Annotated[int, _study(help="Most architectures to score in a run.")] = 100,
    seeds: Annotated[int, _study(help="Runs of each strategy: seeds 0, 1, ...")] = 10,
    workers: Annotated[int | None, _study(help="Runs at a time; without it, one for each processor.")] = None,
    llm: Annotated[str | None, _study(help="Model of the strategies that ask one.")] = None,
    disguise: Annotated[
        bool, _study("--disguise", help="Strategies that ask a model run twice: as they are, and under neutral names.")
    ] = False,
    max_macs: Annotated[float | None, _study(help="Limit on exact MACs, in millions, full size.")] = None,
    out: Annotated[Path, _study(help="Where studies are kept.")] = Path("studies"),
    dataset: DataSet = None,
    epochs: Epochs = None,
    weights: Weights = None,
    images: Images = None,
    device: Device = None,
) -> None:
    """Run several strategies with several seeds; a table, a picture and a CSV of what they found.

    The same command continues a study that was stopped, and one with more seeds or strategies adds to it.

    Example: python main.py compare --supernet nasbench201 --dataset all --strategies random,evolution,surrogate
    """
    from agents.models.model_registry import default_model
    from agents.models.settings import ModelSettings
    from cli.terminal.console import open_console
    from cli.terminal.progress import counting_bar
    from graph.config import Config
    from studies.compare.run_cells import run_all
    from studies.compare.study import Study
    from supernets.families.registry import get_family

    known = get_family(supernet)
    limits = {"macs_m": max_macs} if max_macs is not None else dict(known.default_limits)
    models = dict.fromkeys(("navigator", "generator"), ModelSettings.named(llm or default_model()[0]))
    base = Config(
        supernet=supernet, evaluations=evaluations, limits=limits, models=models,
        weights=absolute(weights), images=absolute(images), device=known.device(device)[0], epochs=epochs,
        disguise=disguise,
    )  # fmt: skip
    names = tuple(name.strip() for name in strategies.split(",") if name.strip())
    study = Study(base, out, _datasets(supernet, dataset), names, baseline, seeds)
    cells = list(study.cells())
    fetch_models((settings for cell in cells for settings in cell.config.models.values()), False)
    workers = (os.cpu_count() or 1) if workers is None else workers
    # As many processes run as there are processors, so each is to have one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with counting_bar(open_console(sys.stderr), "runs") as progress:
        failed = run_all(cells, assemble, workers, progress)
    for folder, problem in failed.items():
        print(f"not finished: {folder}: {problem}", file=sys.stderr)
    _show(study)


def assemble(config: Config) -> Parts:
    """What a run needs, in the process that runs it."""
    from agents.models.model_registry import chat_models
    from studies.compare.run_cells import Parts
    from supernets.families.registry import get_space

    models = {role: chat_models(settings, seed=config.seed) for role, settings in config.models.items()}
    alike = config.changed(strategy="", seed=0, models={})
    return Parts(get_space(config.supernet, config.dataset, config.latency_device), _evaluator(alike.to_json()), models)


@cache
def _evaluator(config: str) -> Evaluator:
    """Opened once in a process, for all its runs that score alike."""
    from graph.config import Config

    return open_run(Config.from_json(config, "study")).evaluator


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
    from studies.compare.study_results import outcome

    found = outcome(study, assemble)
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
        draw(found.runs, found.scales, study.folder / name)
    console.print(f"wrote {study.folder}/compare.csv, compare.png and compare.svg")
