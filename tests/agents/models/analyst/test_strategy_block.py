from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from agents.models.analyst.cost_fit import fit_cost
from agents.models.analyst.cost_window import cost_target
from agents.models.analyst.gene_table import Matrix
from agents.models.analyst.score_model import Coefficients
from agents.models.analyst.strategy_block import StrategyBlock, read_block, write_block
from tests.agents.models.analyst.small_space import FEATURES, TABLE, cost, everything

X = everything()
TARGET = cost_target({"macs_m": fit_cost(FEATURES, X, cost(X))}, (("macs_m", 40.0),))
CELLS = len(TABLE.genes) * TABLE.width


def within_genes(cells: Matrix) -> Matrix:
    """The cells of choices that exist; `d` has one less than the others."""
    return cells.reshape(len(TABLE.genes), TABLE.width)[np.arange(TABLE.width) < TABLE.sizes[:, None]]


def random_coefficients(seed: int) -> Coefficients:
    rng = np.random.default_rng(seed)
    return Coefficients(rng.random((CELLS, 1)), rng.random((len(FEATURES.pair_names), 1)), rng.random(1))


def read(block: Mapping[str, Any]) -> StrategyBlock:
    return read_block(FEATURES, block)


def test_what_is_written_is_read_back() -> None:
    mean, deviation = random_coefficients(0), random_coefficients(1)
    prefer, example = np.random.default_rng(2).random(CELLS), TABLE.decode(X[7])
    written = json.loads(write_block(FEATURES, TARGET, prefer, (mean, deviation, 0.64), ["a1", "b2"], 12))
    assert written["count"] == 12
    block = read({**written, "examples": [example], "cost": [50, 60.5]})
    assert within_genes(block.prefer) == pytest.approx(within_genes(prefer), abs=0.01)
    assert block.examples == (example,)
    assert block.window == (50.0, 60.5)
    assert block.tested == {"a1", "b2"}
    assert block.exploration_scale == 0.64
    for one, other in ((block.mean, mean), (block.deviation, deviation)):
        assert one is not None
        assert within_genes(one.cells) == pytest.approx(within_genes(other.cells), abs=1e-3)
        assert one.pairs == pytest.approx(other.pairs, abs=1e-3)
        assert one.log_cost == pytest.approx(other.log_cost, abs=1e-3)
    hot = TABLE.hot(X)
    assert block.costs["macs_m"].log_cost(hot) == pytest.approx(TARGET.models["macs_m"].log_cost(hot), abs=1e-3)


def test_only_the_last_marks_are_kept() -> None:
    marks = [f"{n:06x}" for n in range(500)]
    block = read(json.loads(write_block(FEATURES, TARGET, np.ones(CELLS), None, marks)))
    assert block.tested == set(marks[100:])
    assert block.mean is None


def test_an_empty_block_prefers_nothing() -> None:
    block = read({})
    assert (block.prefer == 1).all()
    assert (block.examples, block.mean, dict(block.costs), block.tested) == ((), None, {}, frozenset())


def test_weights_are_matched_by_value_and_omitted_choices_count_as_the_least() -> None:
    weights = read({"prefer": {"k[0]": {"3.0": 0.5, "7": 4}, "op": {"conv": 3}, "unknown": {"1": 9}}}).prefer
    shaped = weights.reshape(len(TABLE.genes), TABLE.width)
    assert shaped[TABLE.position["k[0]"]].tolist() == [0.5, 0.5, 4.0]
    assert shaped[TABLE.position["op"]].tolist() == [1.0, 1.0, 3.0]
    assert (shaped[TABLE.position["r"]] == 1).all()


def test_a_choice_can_be_excluded_alone_but_not_all() -> None:
    weights = read({"prefer": {"k": {"7": 0}, "op": {"none": 0, "pool": 0, "conv": 0}}}).prefer
    shaped = weights.reshape(len(TABLE.genes), TABLE.width)
    for label in ("k[0]", "k[4]"):
        assert shaped[TABLE.position[label]].tolist() == [1.0, 1.0, 0.0]
    assert shaped[TABLE.position["op"]].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("cost", [None, 50, [50], [60, 50], ["a", "b"], [-1, 5], [1, 2, 3]])
def test_a_window_that_is_none_is_left_out(cost: object) -> None:
    assert read({"cost": cost}).window is None


@pytest.mark.parametrize(
    "analyst",
    [
        3,
        {"points": [1]},
        {"points": {"r": "x", "op": [[1], "y", None, 4, 5]}, "pairs": 1, "log_cost": "z", "boldness": "big"},
        {"cost": {"macs_m": {"base": -1}, "params_m": {"base": "no"}, "other": 7}},
        {"cost": {"macs_m": {"base": float("inf")}}},
        {"tested": 12},
    ],
)
def test_invalid_parts_are_ignored(analyst: object) -> None:
    block = read({"prefer": {"r": 7}, "examples": [1, {"r": 32}], "analyst": analyst})
    assert (block.prefer == 1).all()
    assert block.examples == ({"r": 32},)
    assert dict(block.costs) == {}
    if block.mean is not None:
        assert np.isfinite(block.mean.cells).all()
        assert block.exploration_scale == 0.0


def test_an_absurd_exploration_scale_is_bounded() -> None:
    points = {"points": {"r": [[1, 1]]}}
    assert read({"analyst": {**points, "boldness": 99}}).exploration_scale == 2.0
    assert read({"analyst": {**points, "boldness": -1}}).exploration_scale == 0.0


def test_an_excluded_combination_becomes_cells_of_its_genes() -> None:
    choices = {label: TABLE.genes[TABLE.position[label]].choices for label in ("op", "r")}
    exclude = [{"op": choices["op"][1], "r": list(choices["r"][:2])}, {"op": "unknown", "r": choices["r"][0]}]
    (combination,) = read_block(FEATURES, {"exclude": exclude}).exclude
    shaped = combination.reshape(2, len(TABLE.genes), TABLE.width)
    assert combination.sum() == 3
    assert shaped[0, TABLE.position["op"], 1] == 1
    assert shaped[1, TABLE.position["r"], :2].tolist() == [1, 1]
