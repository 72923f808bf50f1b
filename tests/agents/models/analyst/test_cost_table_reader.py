"""Cost tables as the spaces write them, read back by the analyst."""

from __future__ import annotations

import random

import numpy as np
import pytest

from agents.models.analyst.cost_table_reader import TableCost, read_cost_tables, read_table
from agents.models.analyst.gene_table import GeneTable, parse_genes
from supernets.families.registry import get_space, space_names
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace

KINDS = ("macs_m", "params_m", "paper_macs_m", "memory_mb", "latency_ms")


def gene_table(space: SearchSpace) -> GeneTable:
    found = parse_genes(space.describe())
    assert found is not None
    return found


def read(space: SearchSpace, kind: str) -> TableCost | None:
    text = f"# Search space\n\n- cost table: {kind}\n\n{space.cost_table().describe(kind)}\n\n# Results\n\nMore."
    return read_cost_tables(text, gene_table(space)).get(kind)


@pytest.mark.parametrize("disguised", [False, True])
@pytest.mark.parametrize("name", [name for name in space_names() if name != "nasbench201"])
def test_the_cost_is_that_of_the_space_within_the_stated_error(name: str, disguised: bool) -> None:
    space, rng = get_space(name), random.Random(0)
    space = DisguisedSpace(space, 7) if disguised else space
    table = gene_table(space)
    drawn = [space.smallest(), space.largest(), *(space.sample(rng) for _ in range(60))]
    encoded = [table.encode(a.to_dict()) for a in drawn]
    x = np.array([each for each in encoded if each is not None])
    for kind in KINDS:
        if not space.cost_table().adds_up(kind):
            continue
        cost = read(space, kind)
        assert cost is not None, kind
        found = np.exp(cost.log_cost(table.hot(x)))
        exact = np.array([space.cost(a).figure(kind) for a in drawn])
        assert np.abs(found / exact - 1).max() < 0.008, kind
        assert 0 < cost.error < 0.03, kind


def test_a_slope_is_what_a_choice_adds_on_average() -> None:
    space = get_space("spos")
    cost, table = read(space, "macs_m"), gene_table(space)
    assert cost is not None
    slopes = cost.slopes.reshape(len(table.genes), table.width)
    added = (slopes[0] - slopes[0, 0]) / slopes[0, 0]
    rest = space.smallest()["blocks"][1:]
    base, *others = (space.cost(space.parse({"blocks": [choice, *rest]})).macs_m for choice in (0, 1, 2, 3))
    assert list(13.4 * added[1:4]) == pytest.approx([macs_m - base for macs_m in others], abs=0.05)


def test_an_upper_bound_is_not_read() -> None:
    """Of a cell's edges some may add nothing, which the first line of the text says."""
    space = get_space("nasbench201")
    assert space.cost_table().describe("macs_m").startswith("Edges on no way")
    assert read(space, "macs_m") is None


@pytest.mark.parametrize(
    ("old", "new"), [("blocks[17..19]", "blocks[17..29]"), ("| 3 |", "| 9 |"), ("10.18", "ten"), ("(within", "(about")]
)
def test_a_text_that_does_not_fit_the_genes_is_not_read(old: str, new: str) -> None:
    space = get_space("spos")
    text = space.cost_table().describe("macs_m")
    assert old in text
    assert read_table(text.replace(old, new), gene_table(space)) is None
