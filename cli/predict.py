"""Have a model predict the scores of networks from a few examples, beside predictors without a model."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.completion import run_ids
from cli.model_options import LLM, ApiBase, ReasoningEffort, choose_model, model_option
from cli.options import Disguise, RunsFolder, Seed
from cli.session import fetch_models
from common.errors import UserError
from graph import defaults

if TYPE_CHECKING:
    from agents.models.settings import ModelSettings
    from agents.roles.performance_predictor import PerformancePredictor
    from graph.archive.calls import Calls
    from studies.prediction.accuracy import Agreement
    from studies.prediction.task import Network, Task
    from studies.run import Run

_DRAWS, _EXAMPLES = 3, 10
"""As in the paper."""
ANSWER_TOKENS = 12
"""Tokens of an answer without reasoning."""
_LABELS = 100_000
"""Number of the first question for a label, apart from those of predictions."""


def predict(
    run: Annotated[
        str, typer.Argument(help="Run whose scores are predicted; without one, --task.", autocompletion=run_ids)
    ] = "",
    task: Annotated[
        str | None,
        typer.Option(help="Thirty networks for translation: wmt14ende, wmt14enfr or wmt19ende."),
    ] = None,
    llm: LLM = None,
    api_base: ApiBase = None,
    temperature: Annotated[float | None, model_option(help="Temperature of the model.")] = None,
    reasoning_effort: ReasoningEffort = None,
    examples: Annotated[int, typer.Option(help="Networks whose scores are shown; 0 for none.")] = _EXAMPLES,
    tests: Annotated[int, typer.Option(help="Most networks to be predicted, for each draw of the examples.")] = 20,
    draws: Annotated[int, typer.Option(help="Number of draws of the examples.")] = _DRAWS,
    answers: Annotated[int, typer.Option(help="Answers for each network, whose mean is the prediction.")] = 1,
    distill: Annotated[
        int,
        typer.Option(
            help="Random networks that the model scores, too; a fit to these labels predicts as it does. With a run."
        ),
    ] = 0,
    disguise: Disguise = False,
    seed: Seed = defaults.SEED,
    out: Annotated[Path, typer.Option(help="Folder of predictions.")] = Path("predictions"),
    runs: RunsFolder = defaults.RUNS,
) -> None:
    """Have a model predict the scores of networks from ten examples with their costs and scores.

    Beside it stand predictors that need no model: supernets, lines, a ridge regression. Without --llm they stand alone.
    The same command continues predictions that were stopped.

    Example: python main.py predict --task wmt14ende --llm openai/gpt-5-mini
    """
    from graph.labels import FEWEST
    from studies.prediction.task import run_task, translation_task
    from studies.run import load

    if bool(run) == bool(task):
        raise UserError("expected a run or --task NAME, one of them; for example predict --task wmt14ende")
    if task and disguise:
        raise UserError("--disguise is for the search space of a run; leave it out with --task")
    smallest = {"--tests": (tests, 2), "--draws": (draws, 1), "--answers": (answers, 1), "--examples": (examples, 0)}
    for name, (value, least) in smallest.items():
        if value < least:
            raise UserError(f"{name}: expected {least} or more, got {value}")
    if distill and (task or llm is None):
        missing = "a run; networks of a translation task cannot be drawn anew" if task else "--llm NAME, whose labels"
        raise UserError(f"--distill: expected {missing}" + (" it learns" if not task else ""))
    if distill and distill < FEWEST:
        raise UserError(f"--distill: expected {FEWEST} networks or more, got {distill}")
    named = {"api_base": api_base, "temperature": temperature, "reasoning_effort": reasoning_effort}
    if llm is None and (given := [name for name, value in named.items() if value is not None]):
        raise UserError(f"--{given[0].replace('_', '-')} is for a model; name one with --llm NAME")
    model = None if llm is None else choose_model({"name": llm, **named})
    if model is not None and model.fallbacks:
        raise UserError(f"--llm: predict asks one model, without fallbacks; got {llm}")
    opened = None if task else load(run, runs)
    loaded = run_task(opened, disguise) if opened else translation_task(str(task))
    parts = [loaded.split(seed + draw, examples, tests) for draw in range(draws)]
    words = (loaded.name, model and model.name, disguise and "disguise", f"{examples}-examples", f"s{seed}")
    folder = out / "-".join(str(word).replace("/", "-") for word in words if word)
    folder.mkdir(parents=True, exist_ok=True)
    _predict(loaded, model, seed, parts, answers, folder, _Distillation(opened, distill, disguise) if opened else None)


@dataclass(frozen=True)
class _Distillation:
    run: Run
    count: int
    """Labels that are asked for; 0 for none."""
    disguise: bool


def _predict(
    task: Task,
    model: ModelSettings | None,
    seed: int,
    parts: list[tuple[list[Network], list[Network]]],
    answers: int,
    folder: Path,
    distillation: _Distillation | None,
) -> None:
    from cli.terminal.console import columns, money, open_console
    from graph.archive.calls import calls_in
    from studies.prediction.accuracy import agreement, write_json
    from studies.prediction.baselines import baselines
    from studies.prediction.task import as_arrays

    fitted = [baselines(task, shown, asked) for shown, asked in parts]
    truth = [as_arrays(asked)[2].tolist() for _, asked in parts]
    found = {
        name: agreement([(each[name].tolist(), scores) for each, scores in zip(fitted, truth, strict=True)])
        for name in fitted[0]
    }
    console, paid = open_console(), ""
    if model is not None:
        fetch_models([model])
        with calls_in(folder / "calls.sqlite") as calls:
            predictor = _predictor(task, model, seed, calls)
            labelled = distillation.count if distillation else 0
            questions = answers * sum(len(asked) for _, asked in parts) + labelled
            _tell_price(predictor, task, model, parts, questions)
            predicted = _ask(predictor, task, parts, answers)
            if distillation and labelled:
                found |= _distil(predictor, task, model, seed, parts, truth, predicted, distillation, folder)
            tokens, usd = calls.spent
            costs = [call.reply.cost_usd for call in calls]
        paid = f"{len(costs)} calls, {tokens:,} tokens, {money(None if None in costs else usd)}"
        found = {model.name: agreement(list(zip(predicted, truth, strict=True))), **found}
    rows = [(name, *_texts(each)) for name, each in sorted(found.items(), key=lambda row: row[1].error[0])]
    console.print(columns(("predictor", "mean error", "Kendall's tau", ""), rows))
    shown, asked = parts[0]
    console.print(
        f"{len(shown)} examples, {len(asked)} networks predicted, mean and standard deviation of {len(parts)} draws; "
        f"errors in {task.domain.unit}. "
        + (f"{task.name}: {task.domain.what}." if task.depth is not None else f"Scores are those of {task.name}.")
        + (f" {paid}." if paid else ""),
        style="dim",
    )
    settings = {
        "task": task.name, "model": model and model.name, "seed": seed, "examples": len(shown), "tests": len(asked),
        "answers": answers,
    }  # fmt: skip
    write_json(found, settings, folder / "predictions.json")
    print(f"wrote {folder}/predictions.json")


def _predictor(task: Task, model: ModelSettings, seed: int, calls: Calls) -> PerformancePredictor:
    from agents.calls.caller import Caller
    from agents.models.model_registry import chat_model
    from agents.roles.performance_predictor import PerformancePredictor

    caller = Caller(model=chat_model(model, seed=seed), name=model.name, role="predictor", transcript=calls)
    return PerformancePredictor(caller, task.domain)


def _tell_price(
    predictor: PerformancePredictor,
    task: Task,
    model: ModelSettings,
    parts: list[tuple[list[Network], list[Network]]],
    questions: int,
) -> None:
    """Tell how many questions will be asked, of which length and price, where a model has a price."""
    from agents.models.hosted.pricing import count_tokens
    from agents.models.model_registry import is_language_model
    from cli.terminal.console import money, open_console
    from graph.spending import price_list

    if not is_language_model(model.name):
        return
    shown, asked = parts[0]
    messages = predictor.messages(1, [task.example(network) for network in shown], asked[0].text)
    tokens = count_tokens(model.name, messages)
    price = price_list([model])[model.name]
    cost = None if price is None else questions * (tokens * price["prompt"] + ANSWER_TOKENS * price["completion"])
    open_console(sys.stderr).print(
        f"{questions} questions of about {tokens:,} tokens, about {money(cost)} if each is answered at once in "
        f"{ANSWER_TOKENS} tokens; what is recorded is not asked again.",
        style="dim",
    )


def _distil(
    predictor: PerformancePredictor,
    task: Task,
    model: ModelSettings,
    seed: int,
    parts: list[tuple[list[Network], list[Network]]],
    truth: list[list[float]],
    predicted: list[list[float | None]],
    distillation: _Distillation,
    folder: Path,
) -> dict[str, Agreement]:
    """Have the model label random networks, save the labels, and compare a fit to them with truth and model."""
    from cli.terminal.console import open_console
    from cli.terminal.progress import counting_bar
    from graph.labels import FEWEST, Labels
    from studies.prediction.accuracy import agreement
    from studies.prediction.distill import difference, distilled, networks_to_label
    from studies.prediction.task import network_text

    run = distillation.run
    texts = [task.example(network) for network in parts[0][0]]
    scores, archs = {}, networks_to_label(run, distillation.count, seed)
    with counting_bar(open_console(sys.stderr), "labels") as progress:
        for number, a in enumerate(archs):
            progress(number, len(archs))
            score = predictor.predict(_LABELS + number, texts, network_text(run, a, distillation.disguise)).score
            if score is not None:
                scores[a] = score
    if len(scores) < FEWEST:
        raise UserError(
            f"--distill: expected {FEWEST} labels or more, got {len(scores)} usable ones for {len(archs)} networks; "
            "ask for more, or another model"
        )
    labels = Labels(supernet=run.space.name, model=model.name, scores=scores)
    labels.write(folder / "labels.json")
    fitted = [distilled(run, labels, asked) for _, asked in parts]
    print(
        f"wrote {folder}/labels.json: {len(scores)} labels of {len(archs)} asked for; a fit to them is "
        f"{difference(fitted, predicted):.2f} {task.domain.unit} from the model's own predictions on average"
    )
    return {
        f"distilled, {len(scores)} labels": agreement(
            [(list(own), scores) for own, scores in zip(fitted, truth, strict=True)]
        )
    }


def _ask(
    predictor: PerformancePredictor, task: Task, parts: list[tuple[list[Network], list[Network]]], answers: int
) -> list[list[float | None]]:
    """The model's predictions for each draw; None for a network of which it says nothing that can be used."""
    from statistics import fmean

    from agents.roles.performance_predictor import ANSWERS
    from cli.terminal.console import open_console
    from cli.terminal.progress import counting_bar

    total, done = sum(len(asked) for _, asked in parts), 0
    found: list[list[float | None]] = []
    with counting_bar(open_console(sys.stderr), "predictions") as progress:
        for shown, asked in parts:
            texts = [task.example(network) for network in shown]
            predicted: list[float | None] = []
            for network in asked:
                progress(done, total)
                done += 1
                attempts = [1 + ANSWERS * answer for answer in range(answers)]
                each = [predictor.predict(done, texts, network.text, first).score for first in attempts]
                usable = [score for score in each if score is not None]
                predicted.append(fmean(usable) if usable else None)
            found.append(predicted)
    return found


def _texts(found: Agreement) -> tuple[str, str, str]:
    (error, deviation), tau = found.error, found.tau
    shown = "-" if tau is None else f"{tau[0]:.2f} ± {tau[1]:.2f}"
    missing = f"{found.missing} without a prediction" if found.missing else ""
    return f"{error:.2f} ± {deviation:.2f}", shown, missing
