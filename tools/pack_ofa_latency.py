"""Make the bundled latencies: `python -m tools.pack_ofa_latency NOTE10 I7.yaml NETWORKS.csv.gz latency.npz`.

`NOTE10` is a folder with one table for each resolution, `I7.yaml` is one table: a line for each measured layer with its
mean. `NETWORKS.csv.gz` has whole networks of width 1.2, with their milliseconds on graphics cards in the last columns.
Times of layers are fitted to these; the errors on held-out networks are printed.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from supernets.families.ofa.cost import halve
from supernets.families.ofa.latency_fit import fit_layers
from supernets.families.ofa.latency_table import Table, write_tables
from supernets.families.ofa.layout import EXPANSIONS, KERNELS, RESOLUTIONS, Layout, hidden_width
from supernets.families.ofa.space import OFASpace
from supernets.families.registry import get_space

_GENES, _STEP = ("ks", "e", "d"), 4


def pack(note10: Path, i7: Path, networks: Path, target: Path) -> None:
    wide, narrow = _layout("ofa"), _layout("ofa-w1.0")
    note = "Latency is the sum of layers that were measured one by one on {}, one image at a time."
    phone = _measured(wide, lambda r: _means(note10 / f"{r}_lookup_table.yaml"), _note10_layers)
    tables = {"ofa/note10": (phone, note.format("note10"))}
    for name, layout in (("ofa", wide), ("ofa-w1.0", narrow)):
        desktop = _measured(layout, lambda r: _means(i7), _i7_layers)
        tables[f"{name}/i7-8700k"] = desktop, note.format("i7-8700k")
    tables |= {f"ofa/{device}": fitted for device, fitted in _fitted(wide, networks).items()}
    write_tables(target, tables)


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
                    # One table has the expansion, the other the channels that result from it.
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


def _fitted(layout: Layout, path: Path) -> dict[str, tuple[Table, str]]:
    """Only the resolutions that are searched: smaller images keep a card busy with starting work, not with doing it."""
    space = OFASpace(
        name="ofa",
        title="",
        layout=layout,
        paper_multiplier=None,
        resolutions=tuple(range(min(RESOLUTIONS), max(RESOLUTIONS) + 1, _STEP)),
    )
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if int(row["r"]) in space.resolutions]
    networks = [
        space.parse({"r": int(row["r"]), **{gene: list(map(int, row[gene])) for gene in _GENES}}) for row in rows
    ]
    tables = {}
    for device in list(rows[0])[1 + len(_GENES) :]:
        fitted = fit_layers(space, networks, np.array([float(row[device]) for row in rows]))
        print(
            f"| {device} | {fitted.spearman:.3f} | {fitted.median_error:.1f} | {fitted.ninth_decile:.1f} |", flush=True
        )
        card, _, batch = device.rpartition("_")
        note = (
            f"Latency is that of a batch of {batch} on {card}, by a model fitted to {len(rows):,} measured networks "
            f"(Lee et al., HELP, 2021): {fitted.errors}"
        )
        tables[device] = fitted.table, note
    return tables


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:5]))
