from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.cost_fit import fit_cost
from agents.models.analyst.cost_window import CostTarget, cost_target
from agents.models.analyst.gene_table import Indices, Matrix
from agents.models.analyst.posterior_search import best_of_each, search
from agents.models.analyst.score_model import Coefficients
from tests.agents.models.analyst.small_space import FEATURES, TABLE, cost, everything

DRAWS = 5


@pytest.fixture
def coefficients() -> Coefficients:
    rng = np.random.default_rng(0)
    pairs = rng.normal(size=(len(FEATURES.pair_names), DRAWS)) / 4
    return Coefficients(rng.normal(size=(len(TABLE.genes) * TABLE.width, DRAWS)), pairs, np.zeros(DRAWS))


def searched(target: CostTarget, coefficients: Coefficients) -> tuple[Indices, Matrix]:
    starts = TABLE.random(np.random.default_rng(1), 4)
    return search(np.random.default_rng(2), FEATURES, target, coefficients, starts)


def test_it_finds_the_best_architecture_under_every_draw(coefficients: Coefficients) -> None:
    hot = TABLE.hot(everything())
    values = hot @ coefficients.cells + FEATURES.pairs(hot) @ coefficients.pairs
    pool, found = searched(cost_target({}, ()), coefficients)
    assert found.max(axis=0) == pytest.approx(values.max(axis=0))
    for draw in range(DRAWS):
        assert np.array_equal(pool[found[:, draw].argmax()], everything()[values[:, draw].argmax()])


def test_the_best_are_near_the_limit_where_there_is_one(coefficients: Coefficients) -> None:
    x = everything()
    target = cost_target({"macs_m": fit_cost(FEATURES, x, cost(x))}, (("macs_m", 40.0),))
    pool, values = searched(target, coefficients)
    costs = cost(pool[values.argmax(axis=0)])
    assert (costs < 42).all()
    assert (costs > 30).all()


def test_each_draw_takes_its_best_that_no_other_has_and_none_to_avoid() -> None:
    pool = everything()[:4]
    values = np.array([[4.0, 4.0, 4.0], [3.0, 3.0, 3.0], [2.0, 2.0, 2.0], [1.0, 5.0, 1.0]])
    chosen = best_of_each(FEATURES, pool, values, {TABLE.mark(pool[1])})
    assert [x.tolist() for x in chosen] == [pool[i].tolist() for i in (0, 3, 2)]


def test_a_draw_without_a_choice_left_takes_none() -> None:
    pool = everything()[:1]
    assert len(best_of_each(FEATURES, pool, np.ones((1, 3)), ())) == 1
