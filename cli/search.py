"""Search a supernet: what `python main.py` does when no other command is named."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from cli.model_options import ApiBase, choose_models
from cli.options import (
    RUNS,
    DataSet,
    Device,
    Epochs,
    ImageNet,
    Images,
    LatencyDevice,
    Predictor,
    Protocol,
    RayAddress,
    Weights,
    WorkerCount,
    absolute,
    check_images,
    device_or_file,
    from_user,
    limit_option,
)
from cli.session import run_search
from common.errors import UserError

if TYPE_CHECKING:
    from cli.terminal.run_header import SettingReasons
    from graph.config import Config
    from graph.run_folder import RunFolder

# Options by the headings of `--help`.
_budget = partial(typer.Option, rich_help_panel="Budget")
_model = partial(typer.Option, rich_help_panel="Models")
_method = partial(typer.Option, rich_help_panel="Roles and prompts")
_run = partial(typer.Option, rich_help_panel="Continuing and watching")

CONTINUED = ("resume", "quiet", "json_lines", "cache", "workers", "ray")
"""Options that go with --resume: how to show it, and where to score. Everything else is as the run was started."""


def search(
    context: typer.Context,
    supernet: Annotated[str, typer.Option(help="What to search: ofa, spos, autoformer, nasbench201, ...")] = "",
    max_macs: Annotated[float | None, limit_option(help="Limit on exact MACs, in millions, full size.")] = None,
    max_params: Annotated[float | None, limit_option(help="Limit on parameters, in millions, full size.")] = None,
    max_paper_macs: Annotated[float | None, limit_option(help="Limit on MACs as the papers count them.")] = None,
    max_latency_ms: Annotated[float | None, limit_option(help="Limit on latency, in milliseconds.")] = None,
    latency_device: LatencyDevice = None,
    score: Annotated[str, typer.Option(help="measured, or predictor (ofa-w1.0, ofa): nothing is run.")] = "measured",
    predictor: Predictor = None,
    fidelity: Annotated[str, typer.Option(help="full, or race: stop candidates that cannot win.")] = "full",
    race_error: Annotated[float, typer.Option(help="How often a race may stop one that would win.")] = 0.01,
    target: Annotated[float | None, _budget(help="Stop at this top-1, in percent.")] = None,
    strategy: Annotated[str, typer.Option(help="How to propose: collm, sillm, opro, random, surrogate, ...")] = "collm",
    evaluations: Annotated[int, _budget(help="Most architectures to score.")] = 80,
    per_round: Annotated[int, _budget(help="Architectures to propose between two looks at the scores.")] = 16,
    minutes: Annotated[float | None, _budget(help="Most minutes to search.")] = None,
    tokens: Annotated[int | None, _budget(help="Most tokens of all prompts and answers.")] = None,
    usd: Annotated[float | None, _budget(help="Most US dollars; every model needs a known price.")] = None,
    llm: Annotated[str | None, _model(help="Model of both: a litellm name, analyst, local; a,b: b if a fails.")] = None,
    navigator_llm: Annotated[str | None, _model(help="Model of the Navigator.")] = None,
    generator_llm: Annotated[str | None, _model(help="Model of the Generator.")] = None,
    api_base: ApiBase = None,
    temperature: Annotated[float | None, _model(help="Temperature of both; without it, 0.6.")] = None,
    navigator_temperature: Annotated[float | None, _model(help="Temperature of the Navigator.")] = None,
    generator_temperature: Annotated[float | None, _model(help="Temperature of the Generator.")] = None,
    reasoning_effort: Annotated[str | None, _model(help="none, minimal, low, medium or high.")] = None,
    config_file: Annotated[Path | None, _model("--config", help="YAML file with a section models.")] = None,
    navigator_memory: Annotated[bool, _method(help="Whether the Navigator remembers earlier rounds.")] = True,
    generator_memory: Annotated[bool, _method(help="Whether the Generator remembers earlier rounds.")] = False,
    single: Annotated[bool, _method("--single", help="One model in both roles, in one conversation.")] = False,
    evidence: Annotated[bool, _method("--evidence", help="Show the Navigator statistics of all scores.")] = False,
    prompts: Annotated[Path | None, _method(help="Folder of other prompts, see agents/prompts.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
    weights: Weights = None,
    images: Images = None,
    imagenet: ImageNet = None,
    protocol: Protocol = "held-out",
    device: Device = None,
    workers: WorkerCount = None,
    ray: RayAddress = None,
    dataset: DataSet = None,
    epochs: Epochs = None,
    disguise: Annotated[bool, _model("--disguise", help="Tell the agents of the space under neutral names.")] = False,
    cache: Annotated[bool, _model("--cache", help="Reuse answers of earlier runs at temperature 0.")] = False,
    resume: Annotated[str | None, _run(help="Continue a run: its folder or its id.")] = None,
    interactive: Annotated[bool, _run("--interactive", help="Ask me about each strategy.")] = False,
    quiet: Annotated[bool, _run("--quiet", help="Only the start, each new best, and the result.")] = False,
    json_lines: Annotated[bool, _run("--json", help="One JSON object a line on standard output.")] = False,
) -> None:
    """Search a weight-sharing supernet for its best sub-network, with two agents.

    Example: python main.py --supernet ofa --max-macs 350
    """
    if context.invoked_subcommand is not None:
        return
    from cli.terminal.run_header import SettingReasons
    from graph.config import Config
    from supernets.evaluate.request import Workers
    from supernets.families.registry import get_family, predicted

    if quiet and json_lines:
        raise UserError("--quiet and --json: expected at most one of them")
    if not supernet and not resume:
        raise UserError("expected --supernet NAME (for example --supernet ofa), or --resume RUN")
    scorers = None if workers is None and ray is None else Workers(workers, ray)
    if resume:
        folder, config, chosen = _continued(context, resume)
        run_search(config, chosen, folder, quiet, json_lines, cache, scorers)
        return
    if score not in ("measured", "predictor"):
        raise UserError(f"--score: expected measured or predictor, got {score!r}")
    supernet = predicted(supernet) if score == "predictor" else supernet
    limits, limit_reason = _limits(
        supernet,
        {"macs_m": max_macs, "params_m": max_params, "paper_macs_m": max_paper_macs, "latency_ms": max_latency_ms},
    )
    both = {"name": llm, "temperature": temperature, "api_base": api_base, "reasoning_effort": reasoning_effort}
    each = {
        "navigator": {"name": navigator_llm, "temperature": navigator_temperature},
        "generator": {"name": generator_llm, "temperature": generator_temperature},
    }
    models, model_reason = choose_models(strategy, both, each, config_file)
    if disguise and not models:
        raise UserError(f"--disguise hides the space from agents, and --strategy {strategy} has none; leave it out")
    # What devices workers have, this process need not know.
    if scorers:
        used_device, device_reason = device, "" if device else "the fastest that the workers have"
    else:
        used_device, device_reason = get_family(supernet).device(device)
    check_images(context, images, imagenet)
    if fidelity != "race" and from_user(context, "race_error"):
        raise UserError("--race-error is of a race: add --fidelity race, or leave it out")
    config = Config(
        supernet=supernet, strategy=strategy, seed=seed, evaluations=evaluations, minutes=minutes, limits=limits,
        target=target, models=models,
        weights=absolute(weights), images=absolute(images), device=used_device,
        imagenet=absolute(imagenet), protocol=protocol, dataset=dataset, epochs=epochs,
        navigator_memory=navigator_memory, generator_memory=generator_memory,
        single=single, evidence=evidence, prompts=absolute(prompts), interactive=interactive, disguise=disguise,
        tokens=tokens, usd=usd, latency_device=device_or_file(latency_device), predictor=absolute(predictor),
        per_round=per_round, fidelity=cast(Any, fidelity), race_error=race_error,
    )  # fmt: skip
    reasons = {"limits": limit_reason, "models": model_reason, "device": device_reason}
    reasons |= {name: reason for name, reason in _DEFAULTS.items() if not from_user(context, name)}
    if imagenet:
        del reasons["images"]
    chosen = SettingReasons({name: reason for name, reason in reasons.items() if reason})
    run_search(config, chosen, None, quiet, json_lines, cache, scorers)


_DEFAULTS = {
    "weights": "none named, so the bundled ones",
    "images": "none named, so the bundled ones",
    "dataset": "none named, so the first",
    "epochs": "the default",
    "race_error": "the default",
    "evaluations": "the default",
    "seed": "the default",
}


def _continued(context: typer.Context, run: str) -> tuple[RunFolder, Config, SettingReasons]:
    from cli.terminal.run_header import SettingReasons
    from graph.run_folder import RunFolder

    given = [p.name for p in context.command.params if from_user(context, p.name) and p.name not in CONTINUED]
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given if name)
        raise UserError(f"--resume continues a run as it was started; leave out {options}")
    folder = RunFolder.find(RUNS, run)
    return folder, folder.config(), SettingReasons({"workers": "as asked"}, "as the run was started")


def _limits(supernet: str, given: dict[str, float | None]) -> tuple[dict[str, float], str]:
    from supernets.families.registry import get_family

    limits = {column: value for column, value in given.items() if value is not None}
    for column, value in limits.items():
        if not 0 < value < float("inf"):
            raise UserError(f"limit on {column}: expected a positive number, got {value:g}")
    if limits:
        return limits, ""
    return dict(get_family(supernet).default_limits), f"the default for {supernet}"
