"""A small search space with known costs and scores, for tests of the analyst's parts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import Indices, Matrix, parse_genes
from agents.models.analyst.prompt_reader import ParsedPrompt, read_prompt
from agents.text.architecture_table import ArchitectureRow, format_rows
from agents.text.compact_form import CompactForm

SPACE = """| genes | choices | meaning |
|---|---|---|
| r | 32, 48, 64 | image side |
| d | 2, 3 | depth |
| k[0] k[1] k[2] k[3]:d>=3 k[4]:d>=3 | 3, 5, 7 | kernel |
| op | none / pool / conv | operation |
"""

_table = parse_genes(SPACE)
assert _table is not None
TABLE = _table
FEATURES = Features(TABLE)
FORM = CompactForm(TABLE.genes)
COSTS = {"macs_m": 4, "params_m": 1}


def everything() -> Indices:
    """Every architecture of the space, canonical and without repetition."""
    choices = [range(size) for size in TABLE.sizes]
    return np.unique(TABLE.canonical(np.array(list(itertools.product(*choices)))), axis=0)


def cost(x: Indices) -> Matrix:
    """Costs of the very form that the cost model fits: the image side multiplies, kernels add."""
    hot = TABLE.hot(x).reshape(len(x), len(TABLE.genes), TABLE.width)
    side = hot[:, 0] @ np.array([1.0, 2.25, 4.0])
    kernels = sum(hot[:, g] @ np.array([0.0, 0.2, 0.5]) for g in TABLE.families["k"])
    return np.asarray(10 * side * (1 + kernels))


def row(x: Indices, top1: float | None = None, verdict: str = "evaluated") -> ArchitectureRow:
    costs = {"macs_m": float(cost(x[None])[0]), "params_m": 1.0}
    stderr = None if top1 is None else 0.1
    return ArchitectureRow(genotype=TABLE.decode(x), costs=costs, verdict=verdict, top1=top1, stderr=stderr)


def scored(count: int, seed: int = 0) -> list[ArchitectureRow]:
    """Rows in which `conv` is 2 points better than `none` and `pool`, with a noise of 0.1."""
    rng = np.random.default_rng(seed)
    drawn = everything()[rng.permutation(len(everything()))[:count]]
    op = TABLE.position["op"]
    return [row(x, 70 + 2.0 * float(x[op] == 2) + rng.normal(0, 0.1)) for x in drawn]


def messages(
    rows: Sequence[ArchitectureRow], request: str = "- round: 2", limits: Sequence[str] = ("macs_m <= 60",)
) -> list[tuple[str, str]]:
    """A prompt with these rows of results."""
    lines = "\n".join(f"- limit: {limit}" for limit in limits)
    used = f"- evaluations: {len(rows)} of 100 used"
    return [
        ("system", f"{lines}\n\n{SPACE}"),
        ("user", f"{request}\n{used}\n\n- error of a score: 0.1\n\n{format_rows(rows, FORM, COSTS)}"),
    ]


def prompt(rows: Sequence[ArchitectureRow], **changes: Any) -> ParsedPrompt:
    return read_prompt(messages(rows, **changes))
