"""Speed of scoring, side by side in one process: `python -m benchmarks.scoring [RESULT.json] [SUPERNET...]`.

On random images and untrained weights, which take as long as others; on the GPU where there is one. For each family
at full size: images per second of one forward pass with each technique switched on in turn, the share of what the
device can do, and seconds per candidate of a generation of 16 mutants (rate 0.1) of one parent, plain and fast. As
yardsticks timm's networks and, where the package `ofa` is installed (`pip install ofa`), the code of OFA's authors on
the same architectures, images and numbers of images.
"""

from __future__ import annotations

import copy
import json
import platform
import random
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import authors
from benchmarks.machine import Run, device, in_turns, matrix_peak, memory_peak, seconds, traffic
from benchmarks.workload import at_side, noise_splits
from supernets.evaluate.fusion import fold, fuse_on_cpu, make_inplace
from supernets.evaluate.weight_sharing import SupernetEvaluator, default_precision
from supernets.families.registry import build_supernet, supernet_family
from supernets.images.image_sets import Splits
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture
from tests.supernets.evaluate.plain import PlainEvaluator

FAMILIES = ("ofa", "spos", "autoformer")
YARDSTICKS = ("mobilenetv3_large_100", "deit_tiny_patch16_224")
SIDE, BATCH, REPEATS = 224, 16, 9
CANDIDATES, RATE, SLOW_CANDIDATES = 16, 0.1, 2
"""Of the generation; the slow ways score its first two only."""
CALIBRATE, SEARCH = 50, 200
"""Images."""
_LAST = torch.channels_last


def main(result: Path | None, names: tuple[str, ...]) -> None:
    rows = [row for part in (_forward_rows(names), _candidate_rows(names)) for row in _printed(part)]
    if not authors.installed():
        print("the package ofa is not installed, so its authors' code was not measured: pip install ofa")
    if result:
        machine = {"processor": platform.processor(), "torch": torch.__version__, "threads": torch.get_num_threads()}
        images = {"calibrate": CALIBRATE, "search": SEARCH}
        result.write_text(json.dumps({"machine": machine, "images": images, "rows": rows}, indent=2) + "\n")


def _printed(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        print(f"{row['what']:62} {row['value']:9.2f} {row['unit']}", flush=True)
        yield row


def _forward_rows(names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    x, half = torch.randn(BATCH, 3, SIDE, SIDE, device=device()), default_precision(device())
    passes: dict[str, Run] = {}
    work: dict[str, tuple[float, int]] = {}
    for name in names:
        net = build_supernet(name).to(device())
        parent = _parent(net)
        for label, subnet, given in _techniques(net.extract(parent), x):
            passes[f"{name}, {label}"] = _forward(subnet, given)
        macs_m = net.space.cost(parent).macs_m
        work[f"{name}, {label}"] = 1e6 * macs_m, traffic(subnet, given) // BATCH
    for name in YARDSTICKS if find_spec("timm") else ():
        model = import_module("timm").create_model(name).eval().to(device(), half).to(memory_format=_LAST)
        passes[f"timm {name}, {half}, channels last"] = _forward(model, _last(x, half))
    if "ofa" in names and authors.installed():
        net = build_supernet("ofa")
        theirs = authors.subnet(authors.network(), net, _parent(net)).to(device())
        passes["ofa, the authors' package, float32"] = _forward(theirs, x)
    took = in_turns(passes, REPEATS)
    for what, least in took.items():
        yield _row(f"forward: {what}", BATCH / least, "images/s")
    matrix, memory = matrix_peak(half), memory_peak()
    yield _row(f"peak: matrix product, {half}", matrix / 1e9, "GMACs/s")
    yield _row("peak: memory", memory / 1e9, "GB/s")
    for what, (macs, moved) in work.items():
        yield _row(f"share of the matrix peak: {what}", 100 * macs * BATCH / took[what] / matrix, "%")
        yield _row(f"share of the memory peak: {what}", 100 * moved * BATCH / took[what] / memory, "%")


def _techniques(subnet: nn.Module, x: Tensor) -> Iterator[tuple[str, nn.Module, Tensor]]:
    """Each adds one thing to the one before it."""
    half = default_precision(device())
    yield "plain, channels first", subnet, x
    subnet = copy.deepcopy(subnet).to(memory_format=_LAST)
    yield "+ channels last", subnet, _last(x, torch.float32)
    subnet = make_inplace(copy.deepcopy(subnet))
    yield "+ activations in place", subnet, _last(x, torch.float32)
    subnet = fold(copy.deepcopy(subnet))
    yield "+ batch norm folded", subnet, _last(x, torch.float32)
    subnet = copy.deepcopy(subnet).to(half)
    yield f"+ {half}", subnet, _last(x, half)
    if half == torch.bfloat16 and device().type == "cpu":
        yield "+ activations fused", fuse_on_cpu(copy.deepcopy(subnet)), _last(x, half)


def _candidate_rows(names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    splits = noise_splits(CALIBRATE, SEARCH, 256)
    for name in names:
        net = build_supernet(name)
        for label, (count, run) in _scorings(net, _generation(net), splits).items():
            yield _row(f"candidate: {name}, {label}", seconds(run) / count, "s")


def _scorings(net: Supernet, archs: list[Architecture], splits: Splits) -> dict[str, tuple[int, Run]]:
    """Ways of scoring the same candidates, and how many of them each scores."""
    family = supernet_family(net.space.name)
    common: Any = {
        "preprocessing": family.preprocessing,
        "calibration": family.calibration(1),
        "device": device().type,
    }
    half = default_precision(device())
    plain = PlainEvaluator(net, splits, **common, precision=torch.float32)

    def fast(precision: torch.dtype, group: int) -> tuple[int, Run]:
        evaluator = SupernetEvaluator(net, splits, **common, precision=precision, group=group)
        return len(archs), partial(_score, evaluator, archs)

    few = archs[:SLOW_CANDIDATES]
    scorings: dict[str, tuple[int, Run]] = {
        "plain": (len(few), partial(_score, plain, few)),
        "fast, float32, groups of 8": fast(torch.float32, 8),
        f"fast, {half}, one by one": fast(half, 1),
        f"fast, {half}, groups of 8": fast(half, 8),
        f"fast, {half}, all 16 at once": fast(half, 16),
    }
    if net.space.name == "ofa" and authors.installed() and device().type == "cpu":
        scorings["the authors' package"] = len(few), partial(_authors_scores, net, few, plain)
    return scorings


def _score(evaluator: SupernetEvaluator, archs: list[Architecture]) -> None:
    list(evaluator.evaluate(archs))


def _authors_scores(net: Supernet, archs: list[Architecture], plain: SupernetEvaluator) -> None:
    theirs = authors.network()
    for a in archs:
        side = net.space.resolution(a)
        calibration = plain.calibration_inputs.batches(side, CALIBRATE)
        authors.score(theirs, net, a, calibration, plain.search_inputs.batches(side, 250))


def _parent(net: Supernet) -> Architecture:
    """A random sub-network, at 224 pixels where the resolution is free."""
    return net.space.parse(at_side(net.space.genotype(net.space.sample(random.Random(0))), SIDE))


def _generation(net: Supernet) -> list[Architecture]:
    rng, space = random.Random(1), net.space
    mutants = [space.genotype(space.mutate(_parent(net), rng, RATE)) for _ in range(CANDIDATES)]
    return [space.parse(at_side(genotype, SIDE)) for genotype in mutants]


def _forward(subnet: nn.Module, x: Tensor) -> Run:
    def run() -> Any:
        with torch.inference_mode():
            return subnet(x)

    return run


def _last(x: Tensor, dtype: torch.dtype) -> Tensor:
    return x.to(dtype).contiguous(memory_format=_LAST)


def _row(what: str, value: float, unit: str) -> dict[str, Any]:
    return {"what": what.replace("torch.", ""), "value": value, "unit": unit}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None, tuple(sys.argv[2:]) or FAMILIES)
