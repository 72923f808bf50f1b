"""Have a model rank networks of known accuracy without seeing their scores."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.model_options import LLM, ApiBase, ReasoningEffort, choose_model, model_option
from cli.options import DataSet, Disguise, Epochs, Seed, SupernetName
from cli.session import fetch_models
from common.errors import UserError
from graph import defaults
from graph.opening import open_evaluator, open_space

if TYPE_CHECKING:
    from graph.config import Config
    from graph.events import Ledger
    from studies.ranking.ranking_results import RankingResults
    from supernets.evaluate.protocol import TableProtocol


def rank(
    supernet: SupernetName = "nasbench201",
    llm: LLM = None,
    api_base: ApiBase = None,
    temperature: Annotated[float | None, model_option(help="Temperature of the model.")] = None,
    reasoning_effort: ReasoningEffort = None,
    trials: Annotated[int, typer.Option(help="Number of trials; each draws ten networks.")] = 40,
    seed: Seed = defaults.SEED,
    disguise: Disguise = False,
    out: Annotated[Path, typer.Option(help="Folder of rankings.")] = Path("rankings"),
    dataset: DataSet = None,
    epochs: Epochs = None,
) -> None:
    """Have a model rank ten networks, one from each decile of accuracy, without seeing their scores.

    Needs a tabular benchmark: nasbench201 or nasbench-macro.
    The same command continues a ranking that was stopped; with more trials it adds to it.

    Example: python main.py rank --supernet nasbench201 --dataset cifar10 --llm openai/gpt-5-mini
    """
    from graph.config import Config
    from supernets.families.base import TableFamily
    from supernets.families.registry import get_family

    known = get_family(supernet)
    if not isinstance(known, TableFamily):
        raise UserError(
            f"rank needs the accuracy of every network: expected a tabular benchmark, nasbench201 or nasbench-macro; "
            f"got {supernet}"
        )
    if trials < 1:
        raise UserError(f"--trials: expected 1 or more, got {trials}")
    model = choose_model(
        {"name": llm, "api_base": api_base, "temperature": temperature, "reasoning_effort": reasoning_effort}
    )
    if model.fallbacks:
        raise UserError(f"--llm: rank asks one model, without fallbacks; got {llm}")
    config = Config(
        supernet=supernet,
        seed=seed,
        models={"ranker": model},
        dataset=known.dataset(dataset),
        epochs=epochs,
        disguise=disguise,
    )
    words = (supernet, config.dataset, epochs and f"e{epochs}", model.name, disguise and "disguise", f"s{seed}")
    _rank(config, trials, out / "-".join(str(word).replace("/", "-") for word in words if word))


def _rank(config: Config, count: int, folder: Path) -> None:
    from agents.calls.caller import Caller
    from agents.models.model_registry import chat_model
    from agents.roles.ranker import Ranker
    from cli.terminal.console import open_console
    from cli.terminal.progress import counting_bar
    from graph.archive.archive import Archive
    from graph.archive.ledger import ledger
    from studies.ranking.ranking_results import RankingResults
    from studies.ranking.trials import Ranked, trials
    from supernets.evaluate.table import TableEvaluator
    from supernets.space.disguise import DisguisedSpace

    table, space = open_evaluator(config).evaluator, open_space(config)
    assert isinstance(table, TableEvaluator)
    agent_space = DisguisedSpace(space, config.seed) if config.disguise else space
    settings, ranked = config.models["ranker"], list[Ranked]()
    fetch_models([settings])
    model = chat_model(settings, seed=config.seed)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        closing(Archive(folder / "archive.sqlite", space)) as archive,
        counting_bar(open_console(sys.stderr), "trials") as progress,
    ):
        ranker = Ranker(
            Caller(model=model, name=settings.name, role="ranker", transcript=archive.calls),
            agent_space.describe(),
            _measure(table.protocol, config.disguise),
        )
        for trial in trials(table, space, agent_space, config.seed, count):
            progress(trial.number - 1, count)
            ranked.append(Ranked(trial, ranker.rank(trial.number, trial.shown)))
        _show(config, RankingResults(ranked), ledger(archive, 1, count), folder)


def _measure(protocol: TableProtocol, disguise: bool) -> str:
    """The meaning of the accuracies, for the model's prompt."""
    images = "images that are not named" if disguise else f"{protocol.dataset} ({protocol.report})"
    return f"on {images}, each network trained on its own for {protocol.epochs} epochs"


def _show(config: Config, found: RankingResults, paid: Ledger, folder: Path) -> None:
    from dataclasses import asdict

    from cli.terminal.console import money, open_console, table
    from studies.ranking.confusion_plot import draw

    ranked, trials = len(found.taus), len(found.ranked)
    error = "" if found.stderr is None else f" ± {found.stderr:.2f}"
    tau = "nothing was ranked" if found.tau is None else f"{found.tau:.2f}{error}, mean and standard error"
    model, where = config.models["ranker"].name, f"{config.supernet}, {config.dataset}"
    rows = [
        ("model", model),
        ("networks", where + (", under neutral names" if config.disguise else "")),
        ("ranked", f"{ranked} of {trials} trials"),
        ("broken answers", str(found.broken)),
        ("Kendall's tau", tau),
        ("calls", f"{paid.calls}, {paid.prompt_tokens + paid.completion_tokens:,} tokens, {money(paid.cost_usd)}"),
    ]
    open_console().print(table(rows))
    asked = {name: getattr(config, name) for name in ("supernet", "dataset", "epochs", "seed", "disguise")}
    found.write(folder / "ranking.json", {"model": model, **asked, "ledger": asdict(paid)})
    for name in ("ranking.png", "ranking.svg"):
        draw(found, f"{model}\n{where}\nKendall's tau: {tau}", folder / name)
    print(f"wrote {folder}/ranking.json, ranking.png and ranking.svg")
    if not ranked:
        raise SystemExit(2)
