"""Compare strategies on equal budgets, evaluators and seeds."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.completion import strategy_names
from cli.new_run import new_config
from cli.options import SupernetName
from cli.run_file import read_models
from cli.search import search
from cli.session import fetch_models
from cli.shared_options import with_options_of
from common.errors import UserError
from graph.opening import open_evaluator, open_models, open_space

if TYPE_CHECKING:
    from agents.models.settings import ModelSettings
    from graph.config import Config
    from studies.compare.study import Study
    from studies.compare.study_runner import Parts
    from supernets.evaluate.evaluator import Evaluator

_study = partial(typer.Option, rich_help_panel="The study")
_OF_ONE_RUN = ("resume", "name", "runs", "track", "interactive", "quiet", "json_lines", "cache", "stream")
_SET_BY_STUDY = ("strategy", "seed", "target", "minutes", "workers", "ray")
"""Options of a search that a study sets itself, or that make runs end at unequal budgets."""
_FIXED = {"strategy": "collm", "seed": 0, "target": None, "minutes": None, "workers": None, "ray": None}
"""What stands for them; `collm` has all roles, so options of every role are checked."""


@with_options_of(search, without=(*_OF_ONE_RUN, *_SET_BY_STUDY))
def compare(
    context: typer.Context,
    supernet: SupernetName,
    strategies: Annotated[
        str, _study(help="Strategies to compare, separated by commas.", autocompletion=strategy_names)
    ] = "random,evolution,surrogate,collm",
    baseline: Annotated[
        str, _study(help="Strategy that the others are tested against.", autocompletion=strategy_names)
    ] = "random",
    seeds: Annotated[int, _study(help="Runs of each strategy, with seeds 0, 1, ...")] = 10,
    models: Annotated[
        str | None,
        _study(help="YAML files with models, separated by commas; each is a row for each strategy with models."),
    ] = None,
    total_tokens: Annotated[
        int | None, _study(help="Token budget of all runs: once it is spent, no further run with models begins.")
    ] = None,
    total_usd: Annotated[float | None, _study(help="The same in US dollars; every model needs a known price.")] = None,
    workers: Annotated[int | None, _study(help="Number of parallel runs; by default one per processor.")] = None,
    out: Annotated[Path, _study(help="Folder of studies.")] = Path("comparisons"),
) -> None:
    """Run several strategies with several seeds; write tables, a plot and a CSV file of the results.

    The same command continues a study that was stopped; with more seeds, strategies or models it adds runs to it.
    With --disguise, strategies that use a model run twice: under true and under neutral names.

    Example: python main.py compare --supernet nasbench201 --dataset all --strategies random,evolution,surrogate
    """
    from cli.terminal.console import open_console
    from cli.terminal.progress import counting_bar
    from graph.limits import Sweep
    from graph.spending import price_list, require_prices
    from studies.compare.study import Study
    from studies.compare.study_runner import StudyBudget, run_all

    options = {**context.params, **_FIXED}
    dataset = options["dataset"]
    base, _ = new_config(context, {**options, "dataset": None if dataset == "all" else dataset})
    names = tuple(name.strip() for name in strategies.split(",") if name.strip())
    study = Study(
        base=base,
        root=out,
        datasets=_datasets(base.supernet, dataset),
        strategies=names,
        baseline=baseline,
        seeds=seeds,
        models=_models(models, context),
    )
    runs = list(study.runs())
    searched = base.changed(dataset=study.datasets[0])
    space = open_space(searched)
    Sweep.of(searched, space).check(space)
    budget = StudyBudget(tokens=total_tokens, usd=total_usd)
    require_prices(total_usd, price_list(each for run in runs for each in run.config.models.values()))
    fetch_models(settings for run in runs for settings in run.config.models.values())
    workers = (os.cpu_count() or 1) if workers is None else workers
    # As many processes run as there are processors, so each is to have one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with counting_bar(open_console(sys.stderr), "runs") as progress:
        failed = run_all(runs, assemble, workers, progress, budget)
    for folder, problem in failed.items():
        print(f"not finished: {folder}: {problem}", file=sys.stderr)
    _show(study)


def _models(files: str | None, context: typer.Context) -> dict[str, Mapping[str, ModelSettings]]:
    """The models of each file by its name without suffix; empty without files.

    Raises:
        UserError: models are named twice, or a file cannot be used.
    """
    if files is None:
        return {}
    if context.params["llm"] is not None or context.params["navigator_llm"] or context.params["generator_llm"]:
        raise UserError("--models and --llm: expected one of them")
    paths = [Path(name.strip()) for name in files.split(",") if name.strip()]
    found = {path.stem: read_models(path) for path in paths}
    if not paths or len(found) < len(paths):
        raise UserError(f"--models: expected files of different names, separated by commas; got {files!r}")
    return found


def assemble(config: Config) -> Parts:
    """What a run needs, in the process that runs it."""
    from studies.compare.study_runner import Parts

    alike = config.changed(strategy="", seed=0, models={})
    return Parts(open_space(config), _evaluator(alike.to_json()), open_models(config))


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
        title = dataset or study.base.supernet
        console.print(on_the_way(f"{title}: the best so far", summaries))
        if any(summary.at_search != summary.at for summary in summaries):
            console.print(on_the_way(f"{title}: the best so far, by search score", summaries, by_search=True))
        console.print(at_the_end(f"{title}: what was found", summaries, study.reference, ranks))
        console.print()
    console.print(found.note, style="dim")
    write_csv(found.runs, study.folder / "compare.csv")
    for name in ("compare.png", "compare.svg"):
        draw(found.runs, found.ranges, study.folder / name)
    console.print(f"wrote {study.folder}/compare.csv, compare.png and compare.svg")
