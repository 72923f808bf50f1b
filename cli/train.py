"""Train a supernet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Device
from common.files import cache_folder


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

    from cli.terminal.console import open_console
    from cli.terminal.progress import training_bar
    from supernets.families.registry import supernet_family
    from supernets.load import CheckpointMetadata
    from supernets.train import train_from_folder

    known = supernet_family(supernet)
    used_device, _ = known.device(device)
    scale, recipe = known.pocket, known.recipe
    setting = CheckpointMetadata(supernet, width or scale.width, (), divisor or scale.divisor, stored_side, 1.0)
    asked = {"sandwich_epochs": sandwich_epochs, "random_epochs": random_epochs}
    recipe = replace(recipe, seed=seed, **{name: epochs for name, epochs in asked.items() if epochs is not None})
    with training_bar(open_console()) as report:
        train_from_folder(setting, images, out, recipe, cache_folder(), report, used_device)
    print(f"wrote {out}")
