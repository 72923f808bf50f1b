"""What every strategy inherits."""

from __future__ import annotations

from graph.context import RunContext
from graph.strategies import get_strategy
from tests.graph.fakes import SPACE


def test_random_numbers_depend_on_the_seed_and_the_round(context: RunContext) -> None:
    strategy = get_strategy("random")(context, {})
    assert strategy.random(1).random() == strategy.random(1).random() != strategy.random(2).random()


def test_a_strategy_without_a_model_writes_no_guidance_and_goes_by_its_name(context: RunContext) -> None:
    strategy = get_strategy("evolution")(context, {})
    assert (strategy.write_guidance(1), strategy.model_name("generator")) == ("", "evolution")


def test_architectures_are_proposed_by_their_genes(context: RunContext) -> None:
    a = SPACE.smallest()
    assert get_strategy("random")(context, {}).proposed([a]).genotypes == [SPACE.genotype(a)]
