from __future__ import annotations

import pytest

from supernets.space.memory import Execution


def test_a_chain_holds_two_neighbours() -> None:
    chain = Execution(10)
    chain.run(5, chain.run(30, chain.run(20, chain.INPUT)))
    assert chain.peak() == 20 + 30


def test_the_input_of_a_residual_block_is_alive_until_the_addition() -> None:
    block = Execution(10)
    inner = block.run(40, block.run(30, block.INPUT))
    y = block.run(10, inner)
    assert block.peak() == 30 + 40
    block.run(10, block.INPUT, y)
    assert block.peak() == 10 + 30 + 40


def test_a_block_that_only_adds_holds_both_summands_and_the_sum() -> None:
    block = Execution(10)
    block.run(10, block.INPUT, block.run(10, block.INPUT))
    assert block.peak() == 30


def test_a_gated_tensor_is_alive_until_the_product() -> None:
    block = Execution(1)
    x = block.run(100, block.INPUT)
    gate = block.run(4, block.run(2, block.run(4, x)))
    block.run(100, x, gate)
    assert block.peak() == 100 + 4 + 100


def test_a_tensor_that_nothing_reads_is_alive_while_it_is_written() -> None:
    block = Execution(10)
    block.run(50, block.INPUT)
    block.run(1, block.INPUT)
    assert block.peak() == 10 + 50


@pytest.mark.parametrize("first", ["wide", "narrow"])
def test_the_order_of_branches_matters(first: str) -> None:
    block, branches = Execution(10), {"wide": (50, 5), "narrow": (5, 20)}
    order = [first, *(branches.keys() - {first})]
    ends = [block.run(branches[name][1], block.run(branches[name][0], block.INPUT)) for name in order]
    block.run(1, *ends)
    assert block.peak() == (10 + 50 + 5 if first == "wide" else 20 + 50 + 10)
