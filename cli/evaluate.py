"""Score one architecture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.evaluators import drawer, loading
from cli.options import (
    DataSet,
    Device,
    Epochs,
    ImageNet,
    Images,
    LatencyDevice,
    Predictor,
    Protocol,
    Weights,
    check_images,
    read_genotype,
)
from common.files import cache_folder


def evaluate(
    context: typer.Context,
    architecture: Annotated[Path, typer.Argument(help="JSON file with a genotype, or a run's result.json.")],
    supernet: Annotated[str, typer.Option(help="Which supernet it belongs to.")],
    weights: Weights = None,
    images: Images = None,
    imagenet: ImageNet = None,
    protocol: Protocol = "held-out",
    device: Device = None,
    dataset: DataSet = None,
    epochs: Epochs = None,
    predictor: Predictor = None,
    latency_device: LatencyDevice = None,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Score one architecture and show all its figures."""
    from supernets.evaluate.request import EvaluatorRequest
    from supernets.evaluators import open_evaluator
    from supernets.families.registry import get_family, get_space

    space = get_space(supernet, dataset, latency_device)
    a = space.parse(read_genotype(architecture))
    check_images(context, images, imagenet)
    with loading(json_lines) as progress:
        used_device, _ = get_family(supernet).device(device)
        opened = open_evaluator(
            EvaluatorRequest(
                supernet, cache_folder(), weights, images, imagenet, protocol, used_device, dataset, epochs,
                predictor, progress,
            )
        )  # fmt: skip
    evaluator = opened.evaluator
    scores = {"search": next(evaluator.evaluate([a])), "report": evaluator.report(a)}
    cost = space.cost(a)
    if json_lines:
        figures = {
            f"{name}_{key}": getattr(s, key) for name, s in scores.items() for key in ("top1", "stderr", "images")
        }
        costs = {name: getattr(cost, name) for name in ("macs_m", "params_m", "paper_macs_m", "latency_ms")}
        print(
            json.dumps(
                {"id": a.id, "architecture": space.genotype(a), **costs, **figures, "protocol": evaluator.protocol.id}
            )
        )
        return
    from cli.terminal.console import open_console
    from cli.terminal.plain import table

    console = open_console()
    rows = [
        ("architecture", a.id),
        ("MACs", f"{cost.macs_m:.2f} M"),
        ("parameters", f"{cost.params_m:.3f} M"),
        *([("paper's MACs", f"{cost.paper_macs_m:.2f} M")] if cost.paper_macs_m is not None else []),
        *([("latency", f"{cost.latency_ms:.2f} ms on {latency_device}")] if cost.latency_ms is not None else []),
        *((name, f"{s.top1:.2f} ± {s.stderr:.2f} % top-1 on {s.images:,} images") for name, s in scores.items()),
        *((label, value) for label, value, _ in opened.facts),
        ("protocol", evaluator.protocol.id),
        *(("note", note) for note in opened.notes),
    ]
    console.print(drawer(space, console.width, console.options.ascii_only)(a), highlight=False, soft_wrap=True)
    console.print(table(rows))
