"""Writes and reads the JSON block that carries the analyst's fit from the Navigator to the Generator.

`prefer` and `count` are for every model; there are no `examples`, because the Generator draws the optima from the fit
itself. The key `analyst` holds the fit: `points`, the effect of each choice on top-1 at equal cost as [mean, deviation]
in the order of the table's choices; the cost models; and marks of the tested architectures. A language model or a
person may have written the block, so invalid parts are ignored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from agents.models.analyst.cost_fit import CostModel
from agents.models.analyst.cost_window import CostTarget
from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import GeneTable, Indices, Matrix
from agents.models.analyst.score_model import Coefficients
from agents.text.preferences import read_exclusions, read_preferences

_LONGEST_LIST = 400
"""Maximum number of marks of tested architectures in a block; the last ones are kept."""


@dataclass(frozen=True, kw_only=True)
class StrategyBlock:
    """The contents of a block; missing parts are None or empty."""

    prefer: Matrix
    """Relative weight of each one-hot cell; 1 without a preference."""
    exclude: tuple[Indices, ...] = ()
    """Combinations never to draw: for each, the one-hot cells of its choices as 0 and 1, a row for each gene."""
    examples: tuple[dict[str, Any], ...] = ()
    window: tuple[float, float] | None = None
    """Lowest and highest cost that is wanted, in the unit of the first limit; None for the usual one."""
    mean: Coefficients | None = None
    """Posterior mean of the score model's coefficients."""
    deviation: Coefficients | None = None
    """Posterior standard deviation of the score model's coefficients."""
    exploration_scale: float = 1.0
    """Factor on `deviation` in draws; the key `boldness` of the block."""
    costs: Mapping[str, CostModel] = field(default_factory=dict)
    """Cost models by column."""
    tested: frozenset[str] = frozenset()
    """Marks of architectures that were proposed before."""


def write_block(
    features: Features,
    target: CostTarget,
    prefer: Matrix,
    fitted: tuple[Coefficients, Coefficients, float] | None,
    tested: list[str],
    count: int | None = None,
) -> str:
    """The text of the JSON block.

    Args:
        prefer: relative weight of each one-hot cell.
        fitted: mean, deviation and exploration scale of the score model's coefficients; None without a fit.
        tested: marks of the architectures that were proposed before.
        count: number of architectures of the round; None for the usual one.
    """
    table = features.table
    analyst: dict[str, Any] = {}
    if fitted is not None:
        mean, deviation, exploration_scale = fitted
        both = np.stack([mean.cells[:, 0], deviation.cells[:, 0]], axis=-1)
        pairs = np.stack([mean.pairs[:, 0], deviation.pairs[:, 0]], axis=-1)
        analyst["boldness"] = round(exploration_scale, 2)
        analyst["points"] = _in_order(table, both, 3)
        analyst["pairs"] = {name: _rounded(pair, 3) for name, pair in zip(features.pair_names, pairs, strict=True)}
        analyst["log_cost"] = _rounded(np.array([mean.log_cost[0], deviation.log_cost[0]]), 3)
    analyst["cost"] = {
        column: _cost_block(table, model)
        for column, model in target.models.items()
        if isinstance(model, CostModel)  # the Generator's prompt has the cost tables, too
    }
    analyst["tested"] = " ".join(tested[-_LONGEST_LIST:])
    block = {
        "prefer": _preferences(table, prefer),
        "examples": [],
        **({"count": count} if count else {}),
        "analyst": analyst,
    }
    return _pretty(block)


def read_block(features: Features, block: Mapping[str, Any]) -> StrategyBlock:
    """The valid parts of a strategy's JSON block."""
    table = features.table
    analyst = _mapping(block.get("analyst"))
    points, pairs = _mapping(analyst.get("points")), _mapping(analyst.get("pairs"))
    examples = block.get("examples")
    read = StrategyBlock(
        prefer=_weights(table, _mapping(block.get("prefer"))),
        exclude=_exclusions(table, block.get("exclude")),
        window=_window(block.get("cost")),
        examples=tuple(e for e in examples if isinstance(e, dict)) if isinstance(examples, list) else (),
        costs={c: m for c, b in _mapping(analyst.get("cost")).items() if (m := _read_cost(table, _mapping(b)))},
        tested=frozenset(str(analyst.get("tested", "")).split()),
    )
    if not points:
        return read
    mean, deviation = (
        Coefficients(
            _cells(table, points, part)[:, None],
            np.array([_number(pairs.get(name), part) for name in features.pair_names]).reshape(-1, 1),
            np.array([_number(analyst.get("log_cost"), part)]),
        )
        for part in (0, 1)
    )
    exploration_scale = min(max(_number(analyst.get("boldness"), None), 0.0), 2.0)
    return replace(read, mean=mean, deviation=deviation, exploration_scale=exploration_scale)


def _cost_block(table: GeneTable, model: CostModel) -> dict[str, Any]:
    times = {label: row for label, row in _in_order(table, np.exp(model.times), 4).items() if "[" not in label}
    plus = {label: row for label, row in _in_order(table, model.plus, 4).items() if "[" in label}
    return {"base": float(f"{model.base:.6g}"), "error": round(model.error, 4), "times": times, "plus": plus}


def _read_cost(table: GeneTable, block: Mapping[str, Any]) -> CostModel | None:
    base = _number(block.get("base"), None)
    if base <= 0:
        return None
    times = _cells(table, _mapping(block.get("times")), None)
    times = np.where(times > 0, np.log(np.maximum(times, 1e-9)), 0.0)
    error = _number(block.get("error"), None)
    return CostModel(base=base, times=times, plus=_cells(table, _mapping(block.get("plus")), None), error=error, rows=0)


def _in_order(table: GeneTable, cells: Matrix, digits: int) -> dict[str, list[Any]]:
    """The rounded values of each gene by its label, in the order of its choices."""
    shaped = cells.reshape(len(table.genes), table.width, *cells.shape[1:])
    return {
        gene.label: [_rounded(shaped[g, c], digits) for c in range(len(gene.choices))]
        for g, gene in enumerate(table.genes)
    }


def _preferences(table: GeneTable, weights: Matrix) -> dict[str, dict[str, float]]:
    return {
        gene.label: {str(choice): weight for choice, weight in zip(gene.choices, row, strict=True)}
        for gene, row in zip(table.genes, _in_order(table, weights, 2).values(), strict=True)
    }


def _cells(table: GeneTable, labels: Mapping[str, Any], part: int | None) -> Matrix:
    cells = np.zeros((len(table.genes), table.width))
    for g, gene in enumerate(table.genes):
        for c, value in enumerate(_list(labels.get(gene.label))[: len(gene.choices)]):
            cells[g, c] = _number(value, part)
    return cells.reshape(-1)


def _weights(table: GeneTable, prefer: Mapping[str, Any]) -> Matrix:
    """Weights of all cells. A choice that a gene's weights omit gets the smallest of them."""
    cells = np.ones((len(table.genes), table.width))
    usable = {
        key: {str(choice): _number(weight, None) for choice, weight in weights.items()}
        for key, weights in prefer.items()
        if isinstance(weights, dict)
    }
    for label, stated in read_preferences(usable, table.genes)[0].items():
        g = table.position[label]
        choices = table.genes[g].choices
        least = min(1.0, *(weight for weight in stated.values() if weight > 0), 1.0)
        weights = [stated.get(choice, least) for choice in choices]
        if any(weights):  # To exclude all choices is no preference.
            cells[g, : len(choices)] = weights
    return cells.reshape(-1)


def _exclusions(table: GeneTable, exclude: Any) -> tuple[Indices, ...]:
    combinations = [each for each in _list(exclude) if isinstance(each, dict)]
    masks = []
    for combination in read_exclusions(combinations, table.genes)[0]:
        mask = np.zeros((len(combination), len(table.genes), table.width), dtype=np.int64)
        for row, (label, choices) in zip(mask, combination.items(), strict=True):
            g = table.position[label]
            row[g, [table.genes[g].choices.index(choice) for choice in choices]] = 1
        masks.append(mask.reshape(len(combination), -1))
    return tuple(masks)


def _window(cost: Any) -> tuple[float, float] | None:
    """The two bounds of a cost; None for anything else."""
    bounds = [_number(bound, None) for bound in _list(cost)]
    return (bounds[0], bounds[1]) if len(bounds) == 2 and 0 <= bounds[0] < bounds[1] else None


def _number(value: Any, part: int | None) -> float:
    """`value`, or its entry `part`, as a finite number; 0 for anything else."""
    if part is not None:
        value = value[part] if isinstance(value, list) and len(value) > part else 0.0
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else 0.0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _rounded(value: Any, digits: int) -> Any:
    if np.ndim(value):
        return [_rounded(part, digits) for part in value]
    return round(float(value), digits) + 0.0


def _pretty(block: Mapping[str, Any]) -> str:
    """JSON with one gene or example per line."""

    def lines(value: Any, depth: int) -> str:
        if depth and isinstance(value, dict) and not any(isinstance(v, dict) for v in value.values()):
            return json.dumps(value)
        if isinstance(value, dict):
            pad = "  " * depth
            inner = ",\n".join(f"{pad}  {json.dumps(key)}: {lines(v, depth + 1)}" for key, v in value.items())
            return f"{{\n{inner}\n{pad}}}" if value else "{}"
        return json.dumps(value)

    return lines(block, 0)
