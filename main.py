"""The command line: parse, wire, print. `python main.py --supernet ofa` searches; other commands look and prepare."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from errors import UserError

if TYPE_CHECKING:
    from graph import Config, RunFolder
    from graph.events import Event
    from graph.opening import Chosen
    from supernets import SearchSpace
    from supernets.images import Splits
    from supernets.loading import LoadedSupernet

RUNS = Path("runs")
CONTINUED = ("resume", "quiet", "json_lines")
"""Options that go with --resume; everything else is as the run was started."""

# Options that more than one command has.
Weights = Annotated[Path | None, typer.Option(help="Checkpoint; without it, the bundled pocket supernet.")]
Images = Annotated[Path | None, typer.Option(help="Folder of images, one sub-folder a class.")]
ImageNet = Annotated[Path | None, typer.Option(help="Folder of ImageNet, with train and val.")]
Protocol = Annotated[str, typer.Option(help="With --imagenet: held-out, or paper (search on val).")]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; without it, the fastest there is.")]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


def cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "collm-nas"


@app.callback(invoke_without_command=True)
def search(
    context: typer.Context,
    supernet: Annotated[str, typer.Option(help="Which supernet to search: ofa, spos, autoformer, ...")] = "",
    max_macs: Annotated[float | None, typer.Option(help="Limit on exact MACs, in millions, full size.")] = None,
    max_params: Annotated[float | None, typer.Option(help="Limit on parameters, in millions, full size.")] = None,
    max_paper_macs: Annotated[float | None, typer.Option(help="Limit on MACs as the papers count them.")] = None,
    target: Annotated[float | None, typer.Option(help="Stop at this top-1, in percent.")] = None,
    strategy: Annotated[str, typer.Option(help="How to propose: collm (two agents) or random.")] = "collm",
    evaluations: Annotated[int, typer.Option(help="Most architectures to score.")] = 80,
    minutes: Annotated[float | None, typer.Option(help="Most minutes to search.")] = None,
    llm: Annotated[str | None, typer.Option(help="Model of both agents, by litellm's name; or offline.")] = None,
    navigator_llm: Annotated[str | None, typer.Option(help="Model of the Navigator.")] = None,
    generator_llm: Annotated[str | None, typer.Option(help="Model of the Generator.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
    weights: Weights = None,
    images: Images = None,
    imagenet: ImageNet = None,
    protocol: Protocol = "held-out",
    device: Device = None,
    resume: Annotated[str | None, typer.Option(help="Continue a run: its folder or its id.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the start, each new best, and the result.")] = False,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output.")] = False,
) -> None:
    """Search a weight-sharing supernet for its best sub-network, with two agents.

    Example: python main.py --supernet ofa --max-macs 350
    """
    if context.invoked_subcommand is not None:
        return
    from graph import Config
    from graph.opening import Chosen

    if quiet and json_lines:
        raise UserError("--quiet and --json: expected at most one of them")
    if not supernet and not resume:
        raise UserError("expected --supernet NAME (for example --supernet ofa), or --resume RUN")
    if resume:
        folder, config, chosen = _continued(context, resume)
        _run(config, chosen, folder, quiet, json_lines)
        return
    limits, limit_reason = _limits(
        supernet, {"macs_m": max_macs, "params_m": max_params, "paper_macs_m": max_paper_macs}
    )
    models, model_reason = _models(strategy, llm, navigator_llm, generator_llm)
    used_device, device_reason = _device(device)
    _check_images(context, images, imagenet)
    config = Config(
        supernet, strategy, seed, evaluations, minutes, limits, target, models,
        _absolute(weights), _absolute(images), used_device, imagenet=_absolute(imagenet), protocol=protocol,
    )  # fmt: skip
    reasons = {"limits": limit_reason, "models": model_reason, "device": device_reason}
    reasons |= {name: reason for name, reason in _DEFAULTS.items() if not _from_user(context, name)}
    if imagenet:
        del reasons["images"]
    _run(config, Chosen({name: reason for name, reason in reasons.items() if reason}), None, quiet, json_lines)


_DEFAULTS = {
    "weights": "none named, so the bundled ones",
    "images": "none named, so the bundled ones",
    "evaluations": "the default",
    "seed": "the default",
}


def _continued(context: typer.Context, run: str) -> tuple[RunFolder, Config, Chosen]:
    from graph import RunFolder
    from graph.opening import Chosen

    given = [p.name for p in context.command.params if _from_user(context, p.name) and p.name not in CONTINUED]
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given if name)
        raise UserError(f"--resume continues a run as it was started; leave out {options}")
    folder = RunFolder.find(RUNS, run)
    return folder, folder.config(), Chosen.all("as the run was started")


@app.command()
def doctor() -> None:
    """Show what is here: packages, devices, weights, images, keys (names only), local servers, who would speak."""
    from graph.doctor import findings
    from graph.trace import open_console, table

    open_console().print(table(findings(cache_folder())))


@app.command()
def evaluate(
    context: typer.Context,
    architecture: Annotated[Path, typer.Argument(help="JSON file with a genotype, or a run's result.json.")],
    supernet: Annotated[str, typer.Option(help="Which supernet it belongs to.")],
    weights: Weights = None,
    images: Images = None,
    imagenet: ImageNet = None,
    protocol: Protocol = "held-out",
    device: Device = None,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Score one architecture and show all its figures."""
    from supernets import get_space

    space = get_space(supernet)
    a = space.parse(_read_genotype(architecture))
    _check_images(context, images, imagenet)
    with _loading(json_lines) as progress:
        loaded, splits, evaluator = _open_evaluator(
            supernet, weights, images, imagenet, protocol, _device(device)[0], progress
        )
    scores = {"search": next(evaluator.evaluate([a])), "report": evaluator.report(a)}
    cost = space.cost(a)
    if json_lines:
        figures = {
            f"{name}_{key}": getattr(s, key) for name, s in scores.items() for key in ("top1", "stderr", "images")
        }
        costs = {"macs_m": cost.macs_m, "params_m": cost.params_m, "paper_macs_m": cost.paper_macs_m}
        print(
            json.dumps(
                {"id": a.id, "architecture": space.genotype(a), **costs, **figures, "protocol": evaluator.protocol.id}
            )
        )
        return
    from graph.trace import open_console, table

    console = open_console()
    rows = [
        ("architecture", a.id),
        ("MACs", f"{cost.macs_m:.2f} M"),
        ("parameters", f"{cost.params_m:.3f} M"),
        *([("paper's MACs", f"{cost.paper_macs_m:.2f} M")] if cost.paper_macs_m is not None else []),
        *((name, f"{s.top1:.2f} ± {s.stderr:.2f} % top-1 on {s.images:,} images") for name, s in scores.items()),
        ("weights", loaded.source),
        ("protocol", evaluator.protocol.id),
        *(("note", note) for note in splits.notes),
    ]
    console.print(_drawer(space, console.width, console.options.ascii_only)(a), highlight=False, soft_wrap=True)
    console.print(table(rows))


@app.command()
def train(
    supernet: Annotated[str, typer.Option(help="Which supernet to train.")],
    images: Annotated[Path, typer.Option(help="Folder of training images, one sub-folder a class.")],
    out: Annotated[Path, typer.Option(help="Weights file to write, *.safetensors.")],
    width: Annotated[float | None, typer.Option(help="Width multiplier; without it, the pocket's.")] = None,
    divisor: Annotated[int | None, typer.Option(help="Inputs of r / divisor pixels; without it, the pocket's.")] = None,
    stored_side: Annotated[int, typer.Option(help="Side at which images are decoded.")] = 32,
    sandwich_epochs: Annotated[int | None, typer.Option(help="Passes with the sandwich rule, first.")] = None,
    random_epochs: Annotated[int | None, typer.Option(help="Passes with random sub-networks, after that.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of initial weights and of everything drawn.")] = 0,
    device: Device = None,
) -> None:
    """Train a supernet on a folder of images. What is not named is as for the bundled pocket supernets.

    The same command continues a run that was stopped.
    """
    from dataclasses import replace

    from graph.trace import open_console, training_bar
    from supernets.loading import Setting
    from supernets.registry import family
    from supernets.train import train_from_folder

    used_device, _ = _device(device)
    scale, recipe = family(supernet).pocket, family(supernet).recipe
    setting = Setting(supernet, width or scale.width, (), divisor or scale.divisor, stored_side, 1.0)
    asked = {"sandwich_epochs": sandwich_epochs, "random_epochs": random_epochs}
    recipe = replace(recipe, seed=seed, **{name: epochs for name, epochs in asked.items() if epochs is not None})
    with training_bar(open_console()) as report:
        train_from_folder(setting, images, out, recipe, cache_folder(), report, used_device)
    print(f"wrote {out}")


@app.command()
def fetch(
    supernet: Annotated[str, typer.Argument(help="Whose weights: ofa, autoformer-small, spos, ...")],
    local: Annotated[Path | None, typer.Option("--from", help="The authors' file, if it is here already.")] = None,
    mirror: Annotated[
        str | None, typer.Option(envvar="COLLM_MIRROR", help="Address that replaces the authors' server.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", envvar="COLLM_OFFLINE", help="Ask no server.")] = False,
) -> None:
    """Get the weights that a supernet's authors released: checked, and converted to safetensors.

    The same command continues a download that was stopped.
    """
    import shlex

    from graph.trace import download_bar, open_console
    from graph.trace.text import words
    from supernets.fetch import fetch as fetch_weights

    console = open_console(sys.stderr)
    with download_bar(console) as progress:
        fetched = fetch_weights(
            supernet, cache_folder(), progress, lambda line: console.print(words(line), soft_wrap=True),
            local=local, mirror=mirror, offline=offline,
        )  # fmt: skip
    print(f"{'wrote' if fetched.new else 'already there:'} {fetched.path}")
    print(f"SHA-256 of the authors' file: {fetched.released_sha256}")
    print(f"next: python main.py --supernet {supernet} --weights {shlex.quote(str(fetched.path))} --imagenet DIR")


def _run(config: Config, chosen: Chosen, folder: RunFolder | None, quiet: bool, json_lines: bool) -> None:
    from dataclasses import replace

    from agents import chat_model, local_servers, present_keys
    from graph import RunFolder, Search, check
    from graph.opening import words
    from graph.trace import open_console
    from supernets import get_space

    space = get_space(config.supernet)
    check(config, space)
    models = {role: chat_model(name, seed=config.seed) for role, name in config.models.items()}
    with _loading(json_lines or quiet) as progress:
        loaded, splits, evaluator = _open_evaluator(
            config.supernet, _path(config.weights), _path(config.images), _path(config.imagenet), config.protocol,
            config.device or "cpu", progress,
        )  # fmt: skip
    folder = folder or RunFolder.create(RUNS, config)
    spoken = words(
        config, chosen, loaded, evaluator.protocol, splits.notes, str(folder.path), present_keys(), local_servers()
    )
    console = open_console()
    spoken = replace(spoken, draw=_drawer(space, min(console.width, 100) - 2, console.options.ascii_only))
    try:
        with _sink(folder, quiet, json_lines) as sink:
            found = Search(config, space, evaluator, models, folder, sink, words=spoken).run()
    except KeyboardInterrupt:
        print(
            f"\nstopped; all that was scored is saved. Continue: python main.py --resume {folder.path}", file=sys.stderr
        )
        sys.stdout.flush()
        sys.stderr.flush()
        # The archive is closed; tearing down the libraries that are loaded would take seconds more.
        os._exit(130)
    if found is None:
        raise SystemExit(2)


@contextmanager
def _sink(folder: RunFolder, quiet: bool, json_lines: bool) -> Iterator[Callable[[Event], None]]:
    from graph.trace import Trace, open_console

    if json_lines:
        from graph.jsonlines import JsonLines

        yield JsonLines(sys.stdout)
        return
    with (
        folder.trace.open("a", encoding="utf-8") as transcript,
        Trace(open_console(), transcript, quiet=quiet) as trace,
    ):
        yield trace


def _loading(silent: bool) -> AbstractContextManager[Callable[[int, int], None]]:
    from graph.trace import decoding_bar, open_console

    return decoding_bar(open_console(sys.stderr), silent)


def _check_images(context: typer.Context, images: Path | None, imagenet: Path | None) -> None:
    if images and imagenet:
        raise UserError("--images and --imagenet: expected at most one of them")
    if _from_user(context, "protocol") and not imagenet:
        raise UserError("--protocol says how ImageNet is split: name its folder with --imagenet DIR")


def _open_evaluator(
    supernet: str,
    weights: Path | None,
    images: Path | None,
    imagenet: Path | None,
    protocol: str,
    device: str,
    progress: Callable[[int, int], None],
) -> tuple[LoadedSupernet, Splits, Any]:
    from supernets.evaluate.weight_sharing import SupernetEvaluator
    from supernets.loading import load_imagenet, load_splits, load_supernet

    loaded = load_supernet(supernet, weights)
    if imagenet:
        splits = load_imagenet(loaded, imagenet, protocol, cache_folder(), progress)
    else:
        splits = load_splits(loaded, images, cache_folder(), progress)
    return loaded, splits, SupernetEvaluator(loaded.net, splits, loaded.setting.preprocessing, device)


def _drawer(space: SearchSpace, width: int, ascii_only: bool) -> Callable[[Any], str]:
    from graph.drawing import draw

    return lambda a: draw(space.graph(a), width, ascii_only)


def _limits(supernet: str, given: dict[str, float | None]) -> tuple[dict[str, float], str]:
    from supernets.registry import family

    limits = {column: value for column, value in given.items() if value is not None}
    for column, value in limits.items():
        if not 0 < value < float("inf"):
            raise UserError(f"limit on {column}: expected a positive number of millions, got {value:g}")
    if limits:
        return limits, ""
    return dict(family(supernet).default_limits), f"the default for {supernet}"


def _models(strategy: str, llm: str | None, navigator: str | None, generator: str | None) -> tuple[dict[str, str], str]:
    from agents.providers import default_model

    if strategy != "collm":
        if llm or navigator or generator:
            raise UserError(
                f"--strategy {strategy} asks no model: leave out --llm, --navigator-llm and --generator-llm"
            )
        return {}, ""
    default, reason = (llm, "") if llm else default_model()
    if navigator and generator:
        reason = ""
    return {"navigator": navigator or default, "generator": generator or default}, reason


def _device(asked: str | None) -> tuple[str, str]:
    import torch

    available = torch.cuda.is_available()
    if asked is None:
        return ("cuda", "a CUDA device is here") if available else ("cpu", "no CUDA device is here")
    if asked not in ("cpu", "cuda"):
        raise UserError(f"--device: expected cpu or cuda, got {asked!r}")
    if asked == "cuda" and not available:
        raise UserError("--device cuda: no CUDA device is here; leave the option out to use the CPU")
    return asked, ""


def _read_genotype(path: Path) -> Any:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"architecture file {path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise UserError(f"architecture file {path}: expected JSON, got {error}") from None
    return content["architecture"] if isinstance(content, dict) and "architecture" in content else content


def _from_user(context: typer.Context, name: str | None) -> bool:
    source = None if name is None else context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def run() -> None:
    """Entry point: mistakes of the user print one message and exit with code 2."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    run()
