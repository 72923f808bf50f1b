from __future__ import annotations

import random
from collections.abc import Collection

import pytest

from supernets.families.registry import get_space, space_names
from supernets.space.architecture import Architecture, Dimension
from supernets.space.cost import COST_KINDS, Cost
from supernets.space.cost_table import CostTable, Term
from supernets.space.disguise import DisguisedSpace
from supernets.space.space import SearchSpace
from tests.supernets.space.added_by_hand import added_by_hand


def kernels_and_expansions() -> CostTable:
    """The space of the example in the docstring of `CostTable`."""
    dimensions = [
        Dimension(gene=gene, index=i, choices=choices, group=gene, meaning=gene)
        for gene, choices in (("k", (3, 5)), ("e", (3, 6)))
        for i in range(2)
    ]
    first = {(3, 3): 4.0, (3, 6): 8.0, (5, 3): 5.0, (5, 6): 10.0}
    blocks = [first, {choices: macs_m / 2 for choices, macs_m in first.items()}]
    terms = [Term((), {(): Cost(macs=10_000_000, params=0)})]
    for i, block in enumerate(blocks):
        costs = {choices: Cost(macs=round(1e6 * macs_m), params=0) for choices, macs_m in block.items()}
        terms.append(Term((f"k[{i}]", f"e[{i}]"), costs))
    return CostTable(dimensions=tuple(dimensions), terms=tuple(terms))


def spaces() -> list[tuple[str, SearchSpace]]:
    plain = [(name, get_space(name)) for name in space_names()]
    timed = [(f"{name} timed", get_space(name, latency_device="i7-8700k")) for name in ("ofa-w1.0",)]
    disguised = [(f"{name} disguised", DisguisedSpace(space, 7)) for name, space in plain + timed]
    return plain + timed + disguised


SPACES = dict(spaces())


@pytest.mark.parametrize("name", SPACES)
def test_the_terms_make_the_exact_cost(name: str) -> None:
    space, rng = SPACES[name], random.Random(0)
    table = space.cost_table()
    for _ in range(300):
        a = space.sample(rng)
        found, expected = table.cost(a), space.cost(a)
        assert (found.macs, found.params) == (expected.macs, expected.params)
        assert (found.paper_macs_m, found.memory_mb) == (expected.paper_macs_m, expected.memory_mb)
        assert (found.latency_ms is None) == (expected.latency_ms is None)
        if expected.latency_ms is not None:
            assert found.latency_ms == pytest.approx(expected.latency_ms, rel=1e-12)


@pytest.mark.parametrize("name", SPACES)
def test_what_the_text_adds_up_to_is_the_cost_within_the_error_that_it_states(name: str) -> None:
    space, rng = SPACES[name], random.Random(1)
    table = space.cost_table()
    for kind in COST_KINDS:
        if not table.adds_up(kind):
            continue
        text = table.describe(kind)
        for a in (space.smallest(), space.largest(), *(space.sample(rng) for _ in range(30))):
            values = {dimension.label: dimension for dimension in space.dimensions}
            counted: Collection[str] = space.active(a)
            if kind != "paper_macs_m":
                counted = set(counted) - set(table.unused(a))
            found, within = added_by_hand(text, a, values, counted)
            expected = space.cost(a).figure(kind)
            assert expected is not None
            assert abs(found - expected) <= within + 1e-9, (kind, a, found, expected)


def test_the_example_of_the_docstring() -> None:
    table = kernels_and_expansions()
    text = table.describe("macs_m")
    assert CostTable.__doc__
    for line in text.splitlines()[1:]:
        assert line in CostTable.__doc__
    a = Architecture("example", (("k", (5, 3)), ("e", (3, 6))))
    assert table.cost(a).macs == 19_000_000
    by_label = {dimension.label: dimension for dimension in table.dimensions}
    assert added_by_hand(text, a, by_label, set(by_label)) == pytest.approx((19.0, 0.1), abs=0.01)


@pytest.mark.parametrize(
    ("name", "lines"), [("ofa", 19), ("spos", 15), ("autoformer", 17), ("nasbench201", 9), ("nasbench-macro", 13)]
)
def test_the_text_is_short(name: str, lines: int) -> None:
    text = get_space(name).cost_table().describe("macs_m")
    assert len(text.splitlines()) <= lines
    assert len(text) < 2000


def test_dead_edges_cost_nothing_but_count_for_the_paper() -> None:
    space = get_space("nasbench201")
    # Node 1 is not reached, so what leaves it computes nothing.
    dead = space.parse({"cell": ["none", "none", "3x3", "skip", "3x3", "none"]})
    table = space.cost_table()
    assert table.unused(dead) == ["cell[0]", "cell[1]", "cell[2]", "cell[4]", "cell[5]"]
    assert "add nothing" in table.describe("macs_m")
    assert "Every edge counts" in table.describe("paper_macs_m")


def test_neutral_names_hide_the_space() -> None:
    for name, space in SPACES.items():
        if "disguised" in name:
            text = space.cost_table().describe("macs_m")
            for word in ("ks", "embed_dim", "node", "edge", "3x3", "r=2", "blocks", "layers"):
                assert word not in text
            parts = [term.labels for term in space.cost_table().terms]
            assert parts == sorted(parts, key=lambda labels: [int(label[2:-1]) for label in labels])


def test_a_latency_of_whole_networks_does_not_add_up_and_has_single_changes() -> None:
    space = get_space("nasbench201", "cifar10", "raspi4")
    table = space.cost_table()
    assert not table.adds_up("latency_ms")
    with pytest.raises(ValueError, match=r"use SearchSpace\.single_changes"):
        table.describe("latency_ms")
    a = space.sample(random.Random(0))
    before = space.cost(a).latency_ms
    assert before is not None
    changes = space.single_changes(a, "latency_ms")
    assert [change.architecture for change in changes] == space.neighbours(a)
    for change in changes:
        assert space.cost(change.architecture).latency_ms == pytest.approx(before + change.adds)
        assert change.architecture["cell"][change.dimension.index] == change.choice


def test_single_changes_of_a_cost_that_the_space_does_not_have() -> None:
    space = get_space("spos")
    assert space.single_changes(space.smallest(), "latency_ms") == []
    assert not space.cost_table().adds_up("latency_ms")
