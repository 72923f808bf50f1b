"""Is scoring on this GPU right, and how fast is it? `python -m benchmarks.device RESULT.json`.

One command of at most eight minutes for any machine with CUDA: first whether results are right, then peaks of the card,
layers, forward passes, calibration and whole candidates. A part that fails leaves its error in the file and on the
screen, and the others go on; the file is written after every part. `--small` is a trial run with small networks, on the
CPU where there is no GPU. Networks have untrained weights and images are noise, except for the pocket supernets.
"""

from __future__ import annotations

import argparse
import copy
import json
import platform
import random
import subprocess
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.machine import device, matrix_peak, mean_seconds, memory_peak, seconds, traffic
from benchmarks.workload import at_side, noise_splits
from common.files import cache_folder
from supernets.evaluate.calibrate import measuring
from supernets.evaluate.evaluator import OutOfMemory
from supernets.evaluate.fusion import fold, fuse_on_cuda, keep_constants, make_inplace
from supernets.evaluate.weight_sharing import SupernetEvaluator, default_precision, describe_device
from supernets.families.registry import supernet_family
from supernets.load import load_splits, load_supernet
from supernets.network.float32 import exact_float32
from supernets.network.pointwise import PointwiseConv2d
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture

POCKETS = ("ofa", "spos", "autoformer")
FAMILIES = (*POCKETS, "ofa-resnet50")
YARDSTICKS = ("mobilenetv3_large_100", "deit_tiny_patch16_224")
SIDE = 224
_LAST = torch.channels_last


@dataclass(frozen=True)
class Sizes:
    """How much is measured: all, or just enough to see that a part works."""

    small: bool

    @property
    def batches(self) -> tuple[int, ...]:
        return (2,) if self.small else (64, 250, 500, 1000)

    @property
    def images(self) -> int:
        """Search images of whole candidates."""
        return 32 if self.small else 10_000

    @property
    def candidates(self) -> int:
        return 2 if self.small else 8

    def network(self, name: str) -> Supernet:
        """Untrained, of the released size, or for a trial run of the pocket size."""
        family = supernet_family(name)
        torch.manual_seed(0)
        return family.network(family.pocket if self.small else None)

    def side(self, net: Supernet) -> int:
        """Input side of the architectures of `subnets`."""
        divisor = supernet_family(net.space.name).pocket.divisor if self.small else 1
        return SIDE // divisor


@dataclass(frozen=True)
class Row:
    what: str
    value: float
    unit: str
    expected: str = ""


Rows = Iterator[Row]
Part = Callable[[Sizes], Rows]


def main(result: Path, small: bool, minutes: float) -> None:
    started = time.perf_counter()
    about = {
        "device": describe_device(device()), "python": platform.python_version(), "torch": torch.__version__,
        "cuda": torch.version.cuda, "small": small,
    }  # fmt: skip
    print(json.dumps(about), flush=True)
    parts: list[dict[str, Any]] = []
    for part in PARTS:
        if time.perf_counter() - started > 60 * minutes:
            break
        parts.append(_measured(part, Sizes(small)))
        result.write_text(json.dumps({"about": about, "parts": parts}, indent=1) + "\n")


def _measured(part: Part, sizes: Sizes) -> dict[str, Any]:
    """Run a part; what it raises becomes its error."""
    print(f"\n== {part.__name__.replace('_', ' ')}", flush=True)
    rows: list[dict[str, Any]] = []
    error, started = None, time.perf_counter()
    try:
        for row in part(sizes):
            rows.append(vars(row))
            expected = f"   expected {row.expected}" if row.expected else ""
            print(f"{row.what:74} {row.value:12.5g} {row.unit}{expected}", flush=True)
    except Exception as problem:
        error = "".join(traceback.format_exception(problem))
        print(error, flush=True)
    took = time.perf_counter() - started
    print(f"({took:.1f} s)", flush=True)
    return {"part": part.__name__, "seconds": took, "rows": rows, "error": error}


def operators(sizes: Sizes) -> Rows:
    """Operators that scoring relies on, against double precision on the CPU; errors relative to the largest value."""
    draw = torch.Generator().manual_seed(0)
    for images, side in ((2, 1), (16, 4), (8, 16) if sizes.small else (250, 64)):
        given = torch.randn(images, 24, side, side, generator=draw) * 2 + 1
        for rule in ("average", "running"):
            exact, found = (_calibrated_norm(given, rule, *to) for to in ((torch.float64, "cpu"), (None, device())))
            what = f"batch norm, {rule}, {images * side * side:,} values a channel"
            yield Row(what, _apart(found, exact), "of the largest", "< 1e-5")
    for dtype, expected in ((torch.float32, "< 1e-5"), (default_precision(device()), "< 1e-2")):
        conv = PointwiseConv2d(48, 96, bias=True)
        x = torch.randn(8, 48, 14, 14, generator=draw)
        exact = conv.double()(x.double()).relu()
        subnet = nn.Sequential(conv.float(), nn.ReLU()).to(device(), dtype).to(memory_format=_LAST)
        with torch.inference_mode(), exact_float32():
            found = fuse_on_cuda(subnet)(x.to(device(), dtype).contiguous(memory_format=_LAST))
        yield Row(f"1x1 convolution and ReLU as a matrix product, {dtype}", _apart(found, exact), "of the largest",
                  expected)  # fmt: skip


def _calibrated_norm(x: Tensor, rule: Any, dtype: torch.dtype | None, place: Any) -> Tensor:
    """Statistics and outputs of a batch norm that measures two batches, flat."""
    bn = nn.BatchNorm2d(x.shape[1]).eval().to(place, dtype or torch.float32)
    batches = [(scale * x).to(place, dtype or torch.float32).contiguous(memory_format=_LAST) for scale in (1.0, 2.0)]
    with measuring([bn], rule):
        outputs = [bn(batch) for batch in batches]
    assert bn.running_mean is not None
    assert bn.running_var is not None
    return torch.cat([t.flatten() for t in (bn.running_mean, bn.running_var, *outputs)])


def _apart(found: Tensor, exact: Tensor) -> float:
    return float((found.detach().cpu().double() - exact.detach()).abs().max() / exact.detach().abs().max())


def logits(sizes: Sizes) -> Rows:
    """Networks of the released size on the device against the CPU, in standard deviations of the logits."""
    for name in FAMILIES:
        net = sizes.network(name)
        a = _subnets(net, 1)[0]
        x = torch.randn(8, 3, sizes.side(net), sizes.side(net), generator=torch.Generator().manual_seed(1))
        subnet = net.extract(a)
        with torch.inference_mode():
            _calibrate_on(subnet, x, net)
            exact = subnet(x)
            subnet = subnet.to(device()).to(memory_format=_LAST)
            there = x.to(device()).contiguous(memory_format=_LAST)
            with exact_float32():
                yield _compared(f"{name}, float32", subnet(there), exact, "< 1e-3")
            yield _compared(f"{name}, TF32 where PyTorch allows it", subnet(there), exact, "")
            largest, half = _largest_value(subnet, there), default_precision(device())
            fast = _optimised(subnet, half)
            yield _compared(f"{name}, as scored, {half}", fast(there.to(half)), exact, "< 3e-2")
        yield Row(f"{name}, largest value in any layer", largest, "", "< 10000")


def _calibrate_on(subnet: nn.Module, x: Tensor, net: Supernet) -> None:
    rule = supernet_family(net.space.name).calibration(1)
    if rule is not None:
        with measuring([subnet], "average"):
            subnet(x.clone(memory_format=_LAST))


def _compared(what: str, found: Tensor, exact: Tensor, expected: str) -> Row:
    error = (found.float().cpu() - exact).abs().max() / exact.std()
    return Row(what, float(error) if found.isfinite().all() else float("nan"), "s.d.", expected)


def _largest_value(subnet: nn.Module, x: Tensor) -> float:
    largest = 0.0

    def watch(module: nn.Module, inputs: Any, output: Any) -> None:
        nonlocal largest
        if isinstance(output, Tensor):
            largest = max(largest, float(output.abs().max()))

    hooks = [module.register_forward_hook(watch) for module in subnet.modules()]
    subnet(x)
    for hook in hooks:
        hook.remove()
    return largest


def pocket_scores(sizes: Sizes) -> Rows:
    """The bundled supernets with their images: points between this device and float32 on the CPU, and equal bits."""
    for name in POCKETS:
        here = _pocket(name, "cpu", precision=torch.float32)
        there = _pocket(name, device().type)
        archs = _subnets(here.net, 2 if sizes.small else 4, one_side=False)
        exact, found = ([e.top1 for e in evaluator.evaluate(archs)] for evaluator in (here, there))
        apart = max(abs(a - b) for a, b in zip(exact, found, strict=True))
        yield Row(f"{name}, {there.protocol.dtype} here and float32 on the CPU", apart, "points", "< 0.2")
        second, alone = _pocket(name, device().type), _pocket(name, device().type, group=1)
        for label, evaluator in (("again", there), ("one by one", alone), ("another evaluator", second)):
            unequal = sum(e.top1 != f for e, f in zip(evaluator.evaluate(archs), found, strict=True))
            yield Row(f"{name}, scores that differ: {label}", unequal, f"of {len(archs)}", "0")


def _pocket(name: str, place: str, **options: Any) -> SupernetEvaluator:
    loaded = load_supernet(supernet_family(name), None)
    return SupernetEvaluator(
        loaded.net, load_splits(loaded, None, cache_folder()), preprocessing=loaded.preprocessing,
        calibration=loaded.calibration, device=place, **options,
    )  # fmt: skip


def waits(sizes: Sizes) -> Rows:
    """How often the host waits for the device while a candidate is scored: at most twice, at the end."""
    if device().type != "cuda":
        return
    for name in FAMILIES:
        evaluator = _evaluator(sizes, name, images=64 if sizes.small else 1000)
        archs = _subnets(evaluator.net, 1)
        list(evaluator.evaluate(archs))
        torch.cuda.set_sync_debug_mode("warn")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            list(evaluator.evaluate(archs))
        torch.cuda.set_sync_debug_mode("default")
        places = Counter(f"{Path(w.filename).name}:{w.lineno}" for w in caught if "synchroniz" in str(w.message))
        for place, count in places.most_common(5):
            print(f"   {name}: {count} x {place}")
        yield Row(f"{name}, waits of one candidate", sum(places.values()), "", "<= 2")


def shortages(sizes: Sizes) -> Rows:
    """With 1.5 GB of memory: smaller batches or an error in words, and never a traceback."""
    if device().type != "cuda":
        return
    total = torch.cuda.get_device_properties(device()).total_memory
    for name in ("spos", "ofa", "autoformer"):
        evaluator = _evaluator(sizes, name, images=1000, batch=1000)
        torch.cuda.empty_cache()
        held = torch.cuda.memory_reserved()
        torch.cuda.set_per_process_memory_fraction(min(1.0, (held + 1.5 * 2**30) / total))
        try:
            list(evaluator.evaluate(_subnets(evaluator.net, 2)))
            yield Row(f"{name}, batch of 1,000 that became", evaluator._batch, "images")
        except OutOfMemory as problem:
            print(f"   {name}: {problem}")
            yield Row(f"{name}, says that memory is short", 1, "")
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0)


def peaks(sizes: Sizes) -> Rows:
    half = default_precision(device())
    for dtype in (half, torch.float32):
        yield Row(
            f"matrix product, {dtype}",
            2 * matrix_peak(dtype) / 1e12,
            "TFLOP/s",
            "700 to 800" if dtype == torch.float16 else "",
        )
    yield Row("copy in memory, bytes read and written", memory_peak() / 1e9, "GB/s", "3000 on an H100")
    x = torch.zeros(1, device=device())
    yield Row("smallest operation", 1e6 * mean_seconds(lambda: x.add_(1)), "us", "4 to 8")
    if device().type == "cuda":
        host = torch.empty(2**28, dtype=torch.uint8)
        for label, source in (("pinned", host.pin_memory()), ("pageable", host)):
            took = mean_seconds(partial(source.to, device(), non_blocking=True), 0.1)
            yield Row(f"copy from {label} memory of the host", 2**28 / took / 1e9, "GB/s")


def layers(sizes: Sizes) -> Rows:
    """Convolutions of an OFA network, as bytes a second of inputs and outputs."""
    batch, half = sizes.batches[len(sizes.batches) // 3], default_precision(device())
    shapes = ((56, 24, 3),) if sizes.small else ((112, 24, 3), (56, 96, 5), (28, 160, 7), (14, 480, 5), (7, 960, 5))
    for side, channels, kernel in shapes:
        conv = nn.Conv2d(channels, channels, kernel, 1, kernel // 2, groups=channels)
        for label, dtype, layout, tf32 in (
            (str(half), half, _LAST, False), ("float32", torch.float32, _LAST, False),
            ("TF32", torch.float32, _LAST, True),
            ("float32, channels first", torch.float32, torch.contiguous_format, False),
        ):  # fmt: skip
            yield from _layer(f"depthwise {kernel}x{kernel}, {side} px, {channels} channels, {label}", conv, batch,
                              side, dtype, layout, tf32)  # fmt: skip
    for side, inputs, outputs in ((8, 24, 96),) if sizes.small else ((56, 32, 96), (28, 48, 288), (14, 480, 80)):
        what = f"1x1, {side} px, {inputs} to {outputs} channels"
        for dtype in (half, torch.float32):
            by_cudnn = nn.Sequential(nn.Conv2d(inputs, outputs, 1), nn.ReLU(True))
            yield from _layer(f"{what}, {dtype}, convolution and ReLU", by_cudnn, batch, side, dtype, _LAST)
            product = nn.Sequential(PointwiseConv2d(inputs, outputs, bias=True), nn.ReLU())
            fused = fuse_on_cuda(product.to(device(), dtype))
            yield from _layer(f"{what}, {dtype}, matrix product", fused, batch, side, dtype, _LAST, channels=inputs)


def _layer(
    what: str, layer: nn.Module, batch: int, side: int, dtype: torch.dtype, layout: torch.memory_format,
    tf32: bool = False, channels: int | None = None,
) -> Iterator[Row]:  # fmt: skip
    layer = copy.deepcopy(layer).to(device(), dtype).to(memory_format=layout)
    if channels is None:
        channels = next(m for m in layer.modules() if isinstance(m, nn.Conv2d)).in_channels
    x = torch.randn(batch, channels, side, side, device=device()).to(dtype).contiguous(memory_format=layout)
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=tf32):
        y = layer(x)
        took = mean_seconds(lambda: layer(x), 0.03)
    yield Row(what, (x.numel() + y.numel()) * x.element_size() / took / 1e9, "GB/s")


def forward_passes(sizes: Sizes) -> Rows:
    """Images a second of networks as they are scored, without and with fused convolutions."""
    half = default_precision(device())
    memory = memory_peak()
    for name in FAMILIES:
        net = sizes.network(name)
        a = _subnets(net, 1)[0]
        plain = fold(make_inplace(net.extract(a))).to(device(), half).to(memory_format=_LAST)
        ways = {"folded": plain, "as scored": _optimised(net.extract(a).to(device()), half)}
        macs = net.space.cost(a).macs_m
        for label, subnet in ways.items():
            for batch in sizes.batches if label == "as scored" else sizes.batches[1:2]:
                x = _noise(batch, sizes.side(net), half)
                with torch.inference_mode():
                    took = mean_seconds(partial(subnet, x))
                yield Row(f"{name}, {macs:.0f} M MACs, {label}, batch {batch}", batch / took, "images/s")
        moved = traffic(plain, _noise(sizes.batches[0], sizes.side(net), half)) / sizes.batches[0]
        yield Row(f"{name}, layers' traffic at the last speed, of the memory peak", 100 * moved * batch / took / memory,
                  "%")  # fmt: skip
    for name in YARDSTICKS if find_spec("timm") else ():
        model = import_module("timm").create_model(name).eval().to(device(), half).to(memory_format=_LAST)
        batch = sizes.batches[len(sizes.batches) // 3]
        x = _noise(batch, SIDE, half)
        with torch.inference_mode():
            took = mean_seconds(partial(model, x))
        yield Row(f"timm {name}, batch {batch}", batch / took, "images/s")


def kernels(sizes: Sizes) -> Rows:
    """The ten kernels that take most of a pass of `ofa` and of `autoformer`."""
    if device().type != "cuda":
        return
    from torch.profiler import ProfilerActivity, profile

    half = default_precision(device())
    for name in ("ofa", "autoformer"):
        net = sizes.network(name)
        subnet = _optimised(net.extract(_subnets(net, 1)[0]).to(device()), half)
        x = _noise(sizes.batches[len(sizes.batches) // 3], sizes.side(net), half)
        with torch.inference_mode():
            subnet(x)
            with profile(activities=[ProfilerActivity.CUDA]) as profiled:
                subnet(x)
                torch.cuda.synchronize()
        events = sorted(profiled.key_averages(), key=lambda e: -e.self_device_time_total)
        yield Row(f"{name}, kernels of a pass", sum(e.count for e in events), "")
        for event in events[:10]:
            yield Row(f"{name}, {event.count} x {event.key[:58]}", event.self_device_time_total / 1000, "ms")


def calibration(sizes: Sizes) -> Rows:
    """Milliseconds of one candidate's batch-norm statistics."""
    for name, counts in (("ofa", (500, 2000)), ("spos", (2000,)), ("ofa-resnet50", (500,))):
        for images in (50,) if sizes.small else counts:
            evaluator = _evaluator(sizes, name, calibrate=images, images=8)
            evaluator._calibration_images = images
            (a,) = _subnets(evaluator.net, 1)
            resolution = evaluator.net.space.resolution(a)
            with exact_float32():
                took = min(seconds(partial(evaluator._measured, [a], resolution)) for _ in range(3))
            yield Row(f"{name}, {images:,} images, with extraction, exact float32", 1000 * took, "ms")
            took = min(seconds(partial(evaluator._measured, [a], resolution)) for _ in range(3))
            yield Row(f"{name}, {images:,} images, with extraction, TF32", 1000 * took, "ms")


def candidates(sizes: Sizes) -> Rows:
    """Seconds a candidate, from architecture to score."""
    for name in FAMILIES:
        evaluator = _evaluator(sizes, name)
        archs = _subnets(evaluator.net, sizes.candidates)
        expected = "0.45 to 0.8 on an H100" if name == "ofa" and not sizes.small else ""
        for label, group in (("random, first run", archs), ("random, again", archs),
                             ("mutants of one", _mutants(evaluator.net, sizes.candidates))):  # fmt: skip
            took = seconds(partial(_score, evaluator, group)) / len(group)
            yield Row(f"{name}, {label}, {sizes.images:,} images", took, "s a candidate", expected)
            yield Row("   so 250 candidates, extrapolated", 250 * took / 60, "minutes")
        yield from _phases(evaluator, archs)
        if device().type == "cuda":
            yield Row(f"{name}, memory of activations at most", torch.cuda.max_memory_allocated() / 2**30, "GiB")
            torch.cuda.reset_peak_memory_stats()


def _phases(evaluator: SupernetEvaluator, archs: list[Architecture]) -> Iterator[Row]:
    """Seconds of each phase, waiting for the device between them."""
    spent: Counter[str] = Counter()
    methods = {"_measured": "extraction and calibration", "_optimised": "folding", "_images_within_budget": "budget",
               "_hits_in_batches": "scoring"}  # fmt: skip

    def timed(label: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            made: list[Any] = []
            spent[label] += seconds(lambda: made.append(plain(*arguments)))  # type: ignore[assignment]
            return made[0]

        return run

    for method, label in methods.items():
        vars(evaluator)[method] = timed(label, getattr(evaluator, method))
    list(evaluator.evaluate(archs))
    for method, label in methods.items():
        del vars(evaluator)[method]
        yield Row(f"   of it {label}", spent[label] / len(archs), "s a candidate")


def two_processes(sizes: Sizes) -> Rows:
    """Two workers on one card, against one: candidates a second of all of them."""
    code = f"from benchmarks.device import score_some; score_some({sizes.small})"
    for count in (1, 2):
        workers = [
            subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        pipes = [(worker.stdin, worker.stdout) for worker in workers]
        for _, out in pipes:
            assert out is not None
            out.readline()
        for given, _ in pipes:
            assert given is not None
            given.write("\n")
            given.close()
        rates = [float(out.readline()) for _, out in pipes if out is not None]
        for worker in workers:
            worker.wait()
        yield Row(f"ofa, {count} worker(s)", sum(rates), "candidates/s")


def score_some(small: bool) -> None:
    """What one of several workers does: prepare, tell it, wait for a line, score, and print candidates a second."""
    sizes = Sizes(small)
    evaluator = _evaluator(sizes, "ofa", images=32 if small else 2500)
    archs = _subnets(evaluator.net, sizes.candidates)
    list(evaluator.evaluate(archs))
    print("ready", flush=True)
    sys.stdin.readline()
    print(len(archs) / seconds(partial(_score, evaluator, archs)), flush=True)


def _score(evaluator: SupernetEvaluator, archs: list[Architecture]) -> None:
    list(evaluator.evaluate(archs))


PARTS: tuple[Part, ...] = (
    operators, logits, pocket_scores, waits, peaks, layers, forward_passes, calibration, candidates, kernels, shortages,
    two_processes,
)  # fmt: skip


def _subnets(net: Supernet, count: int, one_side: bool = True) -> list[Architecture]:
    """Random sub-networks, all at 224 pixels where the resolution is free, unless `one_side` is False."""
    rng, space = random.Random(0), net.space
    genotypes = [space.genotype(space.sample(rng)) for _ in range(count)]
    return [space.parse(at_side(g, SIDE) if one_side else g) for g in genotypes]


def _mutants(net: Supernet, count: int) -> list[Architecture]:
    rng, space = random.Random(1), net.space
    (parent,) = _subnets(net, 1)
    genotypes = [space.genotype(space.mutate(parent, rng, 0.1)) for _ in range(count)]
    return [space.parse(at_side(g, SIDE)) for g in genotypes]


def _optimised(subnet: nn.Module, dtype: torch.dtype) -> nn.Module:
    """As the evaluator rewrites it on this device, from a copy."""
    subnet = keep_constants(fold(make_inplace(copy.deepcopy(subnet))).to(dtype).to(memory_format=_LAST))
    return fuse_on_cuda(subnet) if device().type == "cuda" else subnet


def _noise(batch: int, side: int, dtype: torch.dtype) -> Tensor:
    return torch.randn(batch, 3, side, side, device=device()).to(dtype).contiguous(memory_format=_LAST)


def _evaluator(
    sizes: Sizes, name: str, *, images: int | None = None, calibrate: int | None = None, **options: Any
) -> SupernetEvaluator:
    net, family = sizes.network(name), supernet_family(name)
    rule = family.calibration(1)
    divisor = family.pocket.divisor if sizes.small else 1
    wanted = 16 if rule is None or sizes.small else rule.images
    return SupernetEvaluator(
        net, noise_splits(calibrate or wanted, images or sizes.images, 256 // divisor),
        preprocessing=replace(family.preprocessing, divisor=divisor), calibration=rule, device=device().type, **options,
    )  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path, help="JSON file for the rows")
    parser.add_argument("--small", action="store_true", help="trial run")
    parser.add_argument("--minutes", type=float, default=8, help="begin no part later than this")
    given = parser.parse_args()
    main(given.result, given.small, given.minutes)
