"""Score one architecture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.options import (
    DataSet,
    Device,
    Epochs,
    ImageNet,
    Images,
    JsonLines,
    LatencyDevice,
    Predictor,
    Protocol,
    SupernetName,
    Weights,
    absolute,
    check_images,
    device_or_file,
    read_genotype,
)
from cli.session import decoding_progress, diagram, open_evaluator, open_space
from graph import defaults
from supernets.space.cost import COST_KINDS, Cost


def evaluate(
    context: typer.Context,
    architecture: Annotated[Path, typer.Argument(help="JSON file with a genotype, or the result.json of a run.")],
    supernet: SupernetName,
    weights: Weights = None,
    images: Images = None,
    imagenet: ImageNet = None,
    protocol: Protocol = defaults.PROTOCOL,
    device: Device = None,
    dataset: DataSet = None,
    epochs: Epochs = None,
    predictor: Predictor = None,
    latency_device: LatencyDevice = None,
    json_lines: JsonLines = False,
) -> None:
    """Score one architecture and show its costs and accuracies."""
    from graph.config import Config
    from supernets.families.registry import get_family

    check_images(context, images, imagenet)
    config = Config(
        supernet=supernet, weights=absolute(weights), images=absolute(images), imagenet=absolute(imagenet),
        protocol=protocol, device=get_family(supernet).device(device)[0], dataset=dataset, epochs=epochs,
        predictor=absolute(predictor), latency_device=device_or_file(latency_device),
    )  # fmt: skip
    space = open_space(config)
    a = space.parse(read_genotype(architecture))
    with decoding_progress(json_lines) as progress:
        opened = open_evaluator(config, progress)
    evaluator = opened.evaluator
    scores = {"search": next(evaluator.evaluate([a])), "report": evaluator.report(a)}
    cost = space.cost(a)
    if json_lines:
        figures = {
            f"{name}_{key}": getattr(s, key) for name, s in scores.items() for key in ("top1", "stderr", "images")
        }
        print(
            json.dumps(
                {
                    "id": a.id,
                    "architecture": space.genotype(a),
                    **cost.figures(),
                    **figures,
                    "protocol": evaluator.protocol.id,
                }
            )
        )
        return
    from cli.terminal.console import open_console, table

    console = open_console()
    rows = [
        ("architecture", a.id),
        *_costs(cost, latency_device),
        *((name, f"{s.top1:.2f} ± {s.stderr:.2f} % top-1 on {s.images:,} images") for name, s in scores.items()),
        *((label, value) for label, value, _ in opened.settings_shown),
        ("protocol", evaluator.protocol.id),
        *(("note", note) for note in opened.notes),
    ]
    console.print(diagram(space, console.width, console.options.ascii_only)(a), highlight=False, soft_wrap=True)
    console.print(table(rows))


def _costs(cost: Cost, latency_device: str | None) -> Iterator[tuple[str, str]]:
    for name, kind in COST_KINDS.items():
        if (value := cost.figure(name)) is not None:
            device = f" on {latency_device}" if name == "latency_ms" else ""
            yield kind.label, f"{value:.{kind.exact_digits}f} {kind.unit}{device}"
