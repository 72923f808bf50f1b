"""Make the bundled latencies: `python -m supernets.ofa.pack_latency NOTE10 I7.yaml NETWORKS.csv.gz latency.npz`.

`NOTE10` is a folder of tables, one a resolution, `I7.yaml` one table: a line for each measured layer, then its mean.
`NETWORKS.csv.gz` has whole networks of width 1.2, the last columns their milliseconds on graphics cards. To these,
times of layers are fitted that are quadratic in the resolution; five-fold errors of the fit are printed.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from supernets.ofa.counting import halve
from supernets.ofa.latency import Table
from supernets.ofa.layout import EXPANSIONS, KERNELS, RESOLUTIONS, Layout, hidden_width
from supernets.ofa.space import OFASpace
from supernets.registry import get_space

Matrix = NDArray[np.float64]
FOLDS, SWEEPS, SHRINKAGE = 5, 5, 3e-3
LEAST_SIDE = min(RESOLUTIONS) - 8
"""Smaller images, which nobody searches, keep a card busy with starting work, not with doing it: another law."""


def pack(note10: Path, i7: Path, networks: Path, target: Path) -> None:
    wide, narrow = _layout("ofa"), _layout("ofa-w1.0")
    tables = {"ofa/note10": _measured(wide, lambda r: _means(note10 / f"{r}_lookup_table.yaml"), _note10_layers)}
    for name, layout in (("ofa", wide), ("ofa-w1.0", narrow)):
        tables[f"{name}/i7-8700k"] = _measured(layout, lambda r: _means(i7), _i7_layers)
    tables |= {f"ofa/{device}": table for device, table in _fitted(wide, networks).items()}
    np.savez_compressed(target, **{name: table.astype(np.float32) for name, table in tables.items()})  # type: ignore[arg-type]


def _layout(name: str) -> Layout:
    space = get_space(name)
    assert isinstance(space, OFASpace)
    return space.layout


# Devices that were measured layer by layer


def _means(path: Path) -> dict[str, float]:
    means, layer = {}, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            layer = line.rstrip(":")
        elif line.startswith("  mean:"):
            means[layer] = float(line.split(":")[1])
    return means


def _measured(
    layout: Layout, means: Callable[[int], dict[str, float]], others: Callable[[Layout, int, int], list[str]]
) -> Table:
    table = np.zeros((len(RESOLUTIONS), layout.blocks + 1, len(KERNELS), len(EXPANSIONS)))
    for at, r in enumerate(RESOLUTIONS):
        layers, side = means(r), halve(r)
        for i, (stage, cin, stride) in enumerate(layout.block_inputs()):
            out = halve(side) if stride == 2 else side
            shape = f"input:{side}x{side}x{cin}-output:{out}x{out}x{stage.width}"
            for k, kernel in enumerate(KERNELS):
                for e, expansion in enumerate(EXPANSIONS):
                    # One table tells the expansion, the other the channels that it leads to.
                    names = (f"{shape}-expand:{n}-kernel:{kernel}-" for n in (expansion, hidden_width(cin, expansion)))
                    table[at, i, k, e] = _only(layers, *names)
            side = out
        table[at, -1, 0, 0] = sum(_only(layers, name) for name in others(layout, r, side))
    return table


def _only(layers: dict[str, float], *names: str) -> float:
    (found,) = {layer for layer in layers if any(name in layer for name in names)}
    return layers[found]


def _note10_layers(layout: Layout, r: int, last: int) -> list[str]:
    half, width, wide, mix = halve(r), layout.stages[-1].width, layout.final_expand, layout.mix
    return [
        f"Conv-input:{r}x{r}x3-output:{half}x{half}x{layout.stem}",
        f"output:{half}x{half}x{layout.first}-expand:{layout.stem}-",
        f"Conv_1-input:{last}x{last}x{width}-output:{last}x{last}x{wide}",
        f"AvgPool2D-input:{last}x{last}x{wide}-",
        f"Conv_2-input:1x1x{wide}-output:1x1x{mix}",
        f"Logits-input:1x1x{mix}-",
    ]


def _i7_layers(layout: Layout, r: int, last: int) -> list[str]:
    half, width, wide, mix = halve(r), layout.stages[-1].width, layout.final_expand, layout.mix
    return [
        f"first_conv-input:{r}x{r}x3-output:{half}x{half}x{layout.stem}",
        f"output:{half}x{half}x{layout.first}-expand:1-",
        f"final_expand_layer-input:{last}x{last}x{width}-output:{last}x{last}x{wide}",
        f"feature_mix_layer-input:1x1x{wide}-output:1x1x{mix}",
        f"classifier-input:{mix}-",
    ]


# Devices on which whole networks were measured


def _fitted(layout: Layout, path: Path) -> dict[str, Table]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if int(row["r"]) >= LEAST_SIDE]
    devices = list(rows[0])[4:]
    hot, sides = _one_hot(layout, rows), np.array([int(row["r"]) for row in rows])
    columns = _columns(hot, sides)
    folds = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    tables = {}
    for device in devices:
        times = np.array([float(row[device]) for row in rows])
        held_out = np.zeros(len(rows))
        for fold in range(FOLDS):
            held_out[folds == fold] = columns[folds == fold] @ _fit(columns[folds != fold], times[folds != fold])
        _print_errors(device, held_out, times)
        tables[device] = _table(layout, _fit(columns, times))
    return tables


def _one_hot(layout: Layout, rows: list[dict[str, str]]) -> Matrix:
    """Which kernel and expansion each block has, nowhere 1 where it does not act: (n, 1 + blocks * 9), first all 1."""
    hot = np.zeros((len(rows), layout.blocks, len(KERNELS), len(EXPANSIONS)))
    for row, cells in zip(rows, hot, strict=True):
        start = 0
        for stage, depth in zip(layout.stages, row["d"], strict=True):
            for i in range(start, start + int(depth)):
                cells[i, KERNELS.index(int(row["ks"][i])), EXPANSIONS.index(int(row["e"][i]))] = 1
            start += stage.max_depth
    return np.hstack([np.ones((len(rows), 1)), hot.reshape(len(rows), -1)])


def _columns(hot: Matrix, sides: NDArray[np.int64]) -> Matrix:
    return np.hstack([hot * (sides[:, None] / max(RESOLUTIONS)) ** power for power in range(3)])


def _fit(columns: Matrix, times: Matrix) -> Matrix:
    """Least relative errors, without much weight for the few measurements that something else had slowed down."""
    weights: NDArray[np.floating[Any]] = 1 / times
    fitted: Matrix = np.zeros(columns.shape[1])
    for _ in range(SWEEPS):
        weighted = columns * weights[:, None]
        gram = weighted.T @ weighted
        scale = np.diag(gram) + 1e-9 * gram.max()
        fitted = np.linalg.solve(gram + SHRINKAGE * np.diag(scale), weighted.T @ (times * weights))
        errors = np.abs(columns @ fitted / times - 1)
        weights = np.sqrt(np.minimum(1, 1.5 * np.median(errors) / np.maximum(errors, 1e-9))) / times
    return fitted


def _table(layout: Layout, fitted: Matrix) -> Table:
    table = np.zeros((len(RESOLUTIONS), layout.blocks + 1, len(KERNELS), len(EXPANSIONS)))
    everything = np.eye(1 + layout.blocks * len(KERNELS) * len(EXPANSIONS))
    for at, r in enumerate(RESOLUTIONS):
        others, *blocks = _columns(everything, np.full(len(everything), r)) @ fitted
        table[at, -1, 0, 0] = others
        table[at, :-1] = np.reshape(blocks, table[at, :-1].shape)
    return table


def _print_errors(device: str, held_out: Matrix, times: Matrix) -> None:
    errors = 100 * np.abs(held_out / times - 1)
    rank = spearmanr(held_out, times).statistic
    print(f"| {device} | {rank:.3f} | {np.median(errors):.1f} | {np.quantile(errors, 0.9):.1f} |", flush=True)


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:5]))
