"""Train a supernet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Device, Seed, SupernetName
from common.files import cache_folder
from graph import defaults


def train(
    supernet: SupernetName,
    images: Annotated[Path, typer.Option(help="Folder of training images with one sub-folder per class.")],
    out: Annotated[Path, typer.Option(help="Weights file to write, *.safetensors.")],
    width: Annotated[
        float | None, typer.Option(help="Width multiplier; by default that of the bundled pocket supernet.")
    ] = None,
    divisor: Annotated[
        int | None, typer.Option(help="Train at r / divisor pixels; by default as the bundled pocket supernet.")
    ] = None,
    stored_side: Annotated[int, typer.Option(help="Side of the decoded images, in pixels.")] = 32,
    seed_epochs: Annotated[
        int | None, typer.Option(help="Epochs that train one sub-network first; the others start from its weights.")
    ] = None,
    sandwich_epochs: Annotated[
        int | None, typer.Option(help="Epochs with the sandwich rule, after those of --seed-epochs.")
    ] = None,
    random_epochs: Annotated[
        int | None, typer.Option(help="Epochs with random sub-networks, after those of --sandwich-epochs.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Number of processes that share each batch, on a CPU.")] = 1,
    seed: Seed = defaults.SEED,
    device: Device = None,
) -> None:
    """Train a supernet on a folder of images, by default as the bundled pocket supernets were trained.

    The same command continues a training that was stopped.
    """
    from dataclasses import replace

    from cli.terminal.console import open_console
    from cli.terminal.progress import training_bar
    from supernets.families.own_families import absolute_name
    from supernets.families.registry import supernet_family
    from supernets.load import CheckpointMetadata
    from supernets.train import train_from_folder

    known = supernet_family(supernet)
    used_device, _ = known.device(device)
    scale, recipe = known.pocket, known.recipe
    metadata = CheckpointMetadata(
        supernet=known.name,
        width=scale.width if width is None else width,
        classes=(),
        divisor=scale.divisor if divisor is None else divisor,
        stored_side=stored_side,
        crop=1.0,
    )
    asked = {"seed_epochs": seed_epochs, "sandwich_epochs": sandwich_epochs, "random_epochs": random_epochs}
    recipe = replace(recipe, seed=seed, **{name: epochs for name, epochs in asked.items() if epochs is not None})
    console = open_console()
    with training_bar(console) as report:
        train_from_folder(
            absolute_name(supernet), metadata, images, out, recipe=recipe, cache=cache_folder(), report=report,
            device=used_device, workers=workers,
            note=lambda text: console.print(f"note: {text}", markup=False, highlight=False),
        )  # fmt: skip
    print(f"wrote {out}")
