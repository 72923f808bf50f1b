"""Measure the latency of sub-networks on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.genotype_file import read_architecture
from cli.options import Device, SupernetName
from common.errors import UserError

if TYPE_CHECKING:
    from supernets.latency.measure import Conditions
    from supernets.network.supernet import Supernet
    from supernets.space.architecture import Architecture

PASSES, RANDOM = 50, 3
"""Passes of each network that is shown, and the number of random networks where none is named."""
LEARNED, LEARNED_PASSES = 200, 10
"""Networks that a latency model is fitted to, and passes of each."""


def measure(
    supernet: SupernetName,
    architecture: Annotated[
        Path | None,
        typer.Argument(help="JSON file with a genotype; by default the smallest, the largest and random ones."),
    ] = None,
    batch: Annotated[int, typer.Option(help="Images per forward pass.")] = 1,
    device: Device = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; by default PyTorch chooses.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help=f"Fit a latency model to {LEARNED} random sub-networks; write a .npz file for --latency-device."
        ),
    ] = None,
) -> None:
    """Measure the latency of sub-networks on this machine, at full size.

    Example: python main.py measure --supernet ofa --threads 1 --out laptop.npz
    """
    import torch

    from supernets.families.registry import build_supernet, supernet_family
    from supernets.latency.measure import Conditions

    known = supernet_family(supernet)
    conditions = Conditions(known.device(device)[0], batch, torch.get_num_threads() if threads is None else threads)
    if out is not None:
        if architecture is not None:
            raise UserError(f"--out measures {LEARNED} random sub-networks: leave out {architecture}")
        _require_model(supernet, out)
        _learn(build_supernet(supernet), conditions, out)
        return
    net = build_supernet(supernet)
    _show(net, conditions, _shown(net, architecture))


def _shown(net: Supernet, architecture: Path | None) -> dict[str, Architecture]:
    import random

    space, rng = net.space, random.Random(0)
    if architecture is not None:
        a = read_architecture(architecture, space)
        return {a.id: a}
    drawn = {f"random, {a.id}": a for a in (space.sample(rng) for _ in range(RANDOM))}
    return {"smallest": space.smallest(), **drawn, "largest": space.largest()}


def _show(net: Supernet, conditions: Conditions, networks: dict[str, Architecture]) -> None:
    from cli.terminal.console import columns, open_console
    from cli.terminal.progress import counting_bar
    from supernets.latency.measure import measure as measure_one

    console, rows = open_console(), []
    with counting_bar(console, "sub-networks") as progress:
        for name, a in networks.items():
            low, median, high = measure_one(net, a, conditions, PASSES).quartiles
            macs = f"{net.space.cost(a).macs_m:.1f}"
            rows.append((name, macs, f"{median:.2f}", f"{low:.2f} to {high:.2f}"))
            progress(len(rows), len(networks))
    console.print(columns(("sub-network", "M MACs", "median ms", "25 to 75 % of passes"), rows))
    console.print(f"{PASSES} passes each with {_images(conditions)}, after a warm-up, on {conditions}", soft_wrap=True)


def _require_model(supernet: str, out: Path) -> None:
    """
    Raises:
        UserError: no model is fitted for this family, or the file could not be named or written.
    """
    from supernets.families.registry import get_family, supernet_names
    from supernets.latency.devices import SUFFIX

    if get_family(supernet).devices.learn is None:
        able = ", ".join(name for name in supernet_names() if get_family(name).devices.learn is not None)
        raise UserError(f"--out: latency models can be fitted for {able} only; leave it out to measure {supernet}")
    if out.suffix != SUFFIX:
        raise UserError(f"--out: expected a file *{SUFFIX}, got {out}")
    if not out.parent.is_dir():
        raise UserError(f"--out: the folder {out.parent} does not exist; create it, or choose another")


def _learn(net: Supernet, conditions: Conditions, out: Path) -> None:
    import random
    import shlex

    import numpy as np

    from cli.terminal.console import open_console
    from cli.terminal.progress import counting_bar
    from supernets.families.registry import get_family
    from supernets.latency.measure import measure as measure_one

    rng, name = random.Random(0), net.space.name
    networks = [net.space.sample(rng) for _ in range(LEARNED)]
    medians: list[float] = []
    with counting_bar(open_console(), "sub-networks") as progress:
        for a in networks:
            medians.append(measure_one(net, a, conditions, LEARNED_PASSES).quartiles[1])
            progress(len(medians), LEARNED)
    learn = get_family(name).devices.learn
    assert learn is not None
    print(learn(net.space, networks, np.array(medians), f"{_images(conditions)} on {conditions}", out))
    print(f"next: python main.py --supernet {name} --latency-device {shlex.quote(str(out))} --max-latency-ms MS")


def _images(conditions: Conditions) -> str:
    return "1 image" if conditions.batch == 1 else f"a batch of {conditions.batch}"
