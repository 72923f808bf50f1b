"""Options that more than one command has, and how they are read."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from common.errors import UserError

RUNS = Path("runs")
limit_option = partial(typer.Option, rich_help_panel="Limits")
_scoring = partial(typer.Option, rich_help_panel="Weights, images, device")

Weights = Annotated[Path | None, _scoring(help="Checkpoint; without it, the bundled pocket supernet.")]
Images = Annotated[Path | None, _scoring(help="Folder of images, one sub-folder a class.")]
ImageNet = Annotated[Path | None, _scoring(help="Folder of ImageNet: train and val, unpacked or not.")]
Protocol = Annotated[str, _scoring(help="With --imagenet: held-out, or paper (search on val).")]
Device = Annotated[str | None, _scoring(help="cpu or cuda; without it, the fastest there is.")]
WorkerCount = Annotated[
    int | None, _scoring("--workers", help="Score with N processes: one a GPU, or sharing the cores.")
]
RayAddress = Annotated[str | None, _scoring("--ray", help="Score on the Ray cluster at HOST:PORT, or auto.")]
DataSet = Annotated[str | None, _scoring(help="Of a table: cifar10, cifar100, imagenet16-120.")]
LatencyDevice = Annotated[
    str | None,
    limit_option(help="Device whose latency is limited: note10, 2080ti_64, pixel3, ..., or a file of measure."),
]
Predictor = Annotated[Path | None, _scoring(help="File of OFA's authors that predicts (acc_predictor.pth).")]
Epochs = Annotated[int | None, _scoring(help="Of a table: length of the trainings, 200 or 12.")]


def check_images(context: typer.Context, images: Path | None, imagenet: Path | None) -> None:
    if images and imagenet:
        raise UserError("--images and --imagenet: expected at most one of them")
    if from_user(context, "protocol") and not imagenet:
        raise UserError("--protocol says how ImageNet is split: name its folder with --imagenet DIR")


def from_user(context: typer.Context, name: str | None) -> bool:
    source = None if name is None else context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def device_or_file(name: str | None) -> str | None:
    """A device's name as it is, a file of one's own with its folder, so that a run can be continued from elsewhere."""
    return str(Path(name).resolve()) if name is not None and name.endswith(".npz") else name


def absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def read_genotype(path: Path) -> Any:
    """The genotype in a JSON file, or in the `result.json` of a run.

    Raises:
        UserError: it cannot be read, or is no JSON.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"architecture file {path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise UserError(f"architecture file {path}: expected JSON, got {error}") from None
    return content["architecture"] if isinstance(content, dict) and "architecture" in content else content
