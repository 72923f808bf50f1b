"""Search a supernet: what `python main.py` does when no other command is named."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.models.settings import ModelSettings
from cli.completion import run_ids
from cli.model_options import LLM, ApiBase, LocalPrompts, ReasoningEffort, Stream, model_option
from cli.new_run import new_config
from cli.options import (
    DataSet,
    Device,
    Disguise,
    Epochs,
    Evaluations,
    ImageNet,
    Images,
    JsonLines,
    LatencyDevice,
    MaxMacs,
    MaxMemory,
    Objective,
    Predictor,
    Protocol,
    Quiet,
    RayAddress,
    RunsFolder,
    Seed,
    StrategyName,
    SupernetName,
    Weights,
    WorkerCount,
    absolute,
    limit_option,
    on_command_line,
)
from cli.run_file import use_run_file
from cli.session import run_search
from common.errors import UserError
from graph import defaults
from supernets.space.cost import COST_KINDS

if TYPE_CHECKING:
    from cli.terminal.run_header import SettingReasons
    from graph.config import Config
    from graph.run_folder import RunFolder

# Options by the headings of `--help`.
_budget = partial(typer.Option, rich_help_panel="Budget")
_roles = partial(typer.Option, rich_help_panel="Roles and prompts")
_run = partial(typer.Option, rich_help_panel="Resuming and output")

CONTINUED = ("resume", "runs", "track", "quiet", "json_lines", "cache", "stream", "workers", "ray")
"""Options that go with --resume: how to show the run and where to score. All others are as the run was started."""
PLACES = ("weights", "images", "imagenet", "predictor")
"""Files that may have moved since; --resume accepts other paths to the same content."""


def search(
    context: typer.Context,
    supernet: SupernetName = "",
    max_macs: MaxMacs = None,
    max_params: Annotated[str | None, limit_option(help=COST_KINDS["params_m"].help)] = None,
    max_paper_macs: Annotated[str | None, limit_option(help=COST_KINDS["paper_macs_m"].help)] = None,
    max_memory_mb: MaxMemory = None,
    max_latency_ms: Annotated[str | None, limit_option(help=COST_KINDS["latency_ms"].help)] = None,
    objective: Objective = None,
    latency_device: LatencyDevice = None,
    score: Annotated[
        str, typer.Option(help="'measured', or 'predictor' to use an accuracy predictor (ofa, ofa-w1.0).")
    ] = "measured",
    predictor: Predictor = None,
    fidelity: Annotated[
        str, typer.Option(help="'full', or 'race' to stop scoring candidates that cannot win.")
    ] = defaults.FIDELITY,
    race_error: Annotated[
        float, typer.Option(help="Probability of wrongly stopping a candidate that would win.")
    ] = defaults.RACE_ERROR,
    target: Annotated[float | None, _budget(help="Stop when this top-1 accuracy, in percent, is reached.")] = None,
    strategy: StrategyName = defaults.STRATEGY,
    evaluations: Evaluations = defaults.EVALUATIONS,
    per_round: Annotated[
        int, _budget(help=f"Candidates per round; {defaults.PER_ROUND_OF_SWEEP} with several limits.")
    ] = defaults.PER_ROUND,
    prescreen: Annotated[
        float | None, _budget(help="Ask for F times as many proposals; a predictor keeps the best, and some at random.")
    ] = None,
    schedule: Annotated[
        str | None, _budget(help="Scorers and iterations of hs-nas: predictor:15,measured:15 is the paper's.")
    ] = None,
    labels: Annotated[
        Path | None, _budget(help="Labels by a model, of predict --distill, for the predictor of hs-nas.")
    ] = None,
    minutes: Annotated[float | None, _budget(help="Time budget, in minutes.")] = None,
    tokens: Annotated[int | None, _budget(help="Token budget: prompts and answers together.")] = None,
    usd: Annotated[
        float | None, _budget(help="Budget for models, in US dollars; every model needs a known price.")
    ] = None,
    llm: LLM = None,
    navigator_llm: Annotated[str | None, model_option(help="Model of the Navigator.")] = None,
    generator_llm: Annotated[str | None, model_option(help="Model of the Generator.")] = None,
    api_base: ApiBase = None,
    temperature: Annotated[
        float | None, model_option(help=f"Temperature of both models; {ModelSettings.temperature} by default.")
    ] = None,
    navigator_temperature: Annotated[float | None, model_option(help="Temperature of the Navigator.")] = None,
    generator_temperature: Annotated[float | None, model_option(help="Temperature of the Generator.")] = None,
    reasoning_effort: ReasoningEffort = None,
    local_prompts: LocalPrompts = None,
    navigator_memory: Annotated[
        bool, _roles(help="Whether the Navigator keeps its conversation between rounds.")
    ] = defaults.NAVIGATOR_MEMORY,
    generator_memory: Annotated[
        bool, _roles(help="Whether the Generator keeps its conversation between rounds.")
    ] = defaults.GENERATOR_MEMORY,
    analyst_share: Annotated[
        float, _roles(help="Share of each round for the analyst, which also fills places that a model leaves unusable.")
    ] = 0.0,
    generator_results: Annotated[
        bool,
        _roles("--generator-results/--no-generator-results", help="Show the Generator the best architectures so far."),
    ] = False,
    single: Annotated[
        bool, _roles("--single/--no-single", help="One model in both roles, in one conversation.")
    ] = False,
    evidence: Annotated[
        bool, _roles("--evidence/--no-evidence", help="Show the Navigator statistics of all scores.")
    ] = False,
    prompts: Annotated[Path | None, _roles(help="Folder of prompts that replace those in agents/prompts.")] = None,
    seed: Seed = defaults.SEED,
    weights: Weights = None,
    images: Images = None,
    imagenet: ImageNet = None,
    protocol: Protocol = defaults.PROTOCOL,
    device: Device = None,
    workers: WorkerCount = None,
    ray: RayAddress = None,
    dataset: DataSet = None,
    epochs: Epochs = None,
    disguise: Disguise = False,
    cache: Annotated[
        bool, model_option("--cache/--no-cache", help="Reuse answers of earlier runs at temperature 0.")
    ] = False,
    stream: Stream = True,
    resume: Annotated[
        str | None, _run(help="Continue a run, named by its folder or its id.", autocompletion=run_ids)
    ] = None,
    name: Annotated[str | None, _run(help="Name of the run; by default made of time, supernet and seed.")] = None,
    runs: RunsFolder = defaults.RUNS,
    track: Annotated[
        str | None, _run(help="Experiment trackers that record the run: tensorboard, mlflow; by default none.")
    ] = None,
    interactive: Annotated[
        bool, _run("--interactive/--no-interactive", help="Ask for a review of each strategy of the Navigator.")
    ] = False,
    quiet: Quiet = False,
    json_lines: JsonLines = False,
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help="YAML file with any of these options, limits and models; or the config.json of a run.",
            callback=use_run_file,
            is_eager=True,
        ),
    ] = None,
) -> None:
    """Search a weight-sharing supernet for its best sub-network, with two language-model agents.

    Example: python main.py --supernet ofa --max-macs 350
    """
    if context.invoked_subcommand is not None:
        return
    from supernets.evaluate.request import Workers

    if quiet and json_lines:
        raise UserError("--quiet and --json: expected at most one of them")
    folder = None
    if resume:
        folder, config, reasons = _continued(context, runs, resume)
    elif supernet:
        config, reasons = new_config(context, context.params)
    else:
        raise UserError("expected --supernet NAME (for example --supernet ofa), or --resume RUN")
    scorers = None if workers is None and ray is None else Workers(workers, ray)
    run_search(
        config, reasons, folder=folder, runs=runs, name=name, quiet=quiet, json_lines=json_lines, cached=cache,
        stream=stream, workers=scorers, track=tuple(filter(None, (track or "").split(","))),
    )  # fmt: skip


def _continued(context: typer.Context, runs: Path, run: str) -> tuple[RunFolder, Config, SettingReasons]:
    from cli.terminal.run_header import SettingReasons
    from graph.run_folder import RunFolder

    names = [str(parameter.name) for parameter in context.command.params]
    if given := [name for name in names if on_command_line(context, name) and name not in (*CONTINUED, *PLACES)]:
        options = ", ".join("--config" if name == "config_file" else f"--{name.replace('_', '-')}" for name in given)
        raise UserError(f"--resume continues a run with the settings it was started with; leave out {options}")
    folder = RunFolder.find(runs, run)
    config = folder.config()
    moved = {name: absolute(context.params[name]) for name in PLACES if on_command_line(context, name)}
    if unused := [name for name in moved if getattr(config, name) is None]:
        raise UserError(f"--{unused[0]}: the run {folder.id} was started without it; leave it out")
    config = config.model_copy(update=moved)
    for name in PLACES:
        if (path := getattr(config, name)) and not Path(path).exists():
            raise UserError(
                f"the run {folder.id}: expected its {name} at {path}, found nothing there; if they have moved, say "
                f"where: --resume {run} --{name} PATH"
            )
    return folder, config, SettingReasons({"workers": "as asked"}, "as the run was started")
