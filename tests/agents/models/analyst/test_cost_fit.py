"""The fit of costs against exact costs."""

from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.cost_fit import fit_cost
from agents.models.analyst.features import Features
from tests.agents.models.analyst import ofa, small_space


@pytest.fixture(scope="module")
def features() -> Features:
    return Features(ofa.gene_table())


@pytest.mark.parametrize("column", ["macs_m", "params_m", "paper_macs_m"])
def test_cost_of_new_architectures_within_three_percent(features: Features, column: str) -> None:
    known = [ofa.SPACE.smallest(), ofa.SPACE.largest(), *ofa.samples(98, 2)]
    model = fit_cost(features, ofa.encoded(known), np.array([getattr(ofa.SPACE.cost(a), column) for a in known]))
    new = ofa.samples(300, 3)
    hot = features.table.hot(ofa.encoded(new))
    wrong = model.log_cost(hot) - np.log([getattr(ofa.SPACE.cost(a), column) for a in new])
    assert np.sqrt(np.mean(wrong**2)) < 0.03
    assert np.sqrt(np.mean(wrong**2)) < 2 * model.error


def test_cost_error_is_honest_on_few_rows(features: Features) -> None:
    known = ofa.samples(12, 4)
    costs = np.array([ofa.SPACE.cost(a).macs_m for a in known])
    model = fit_cost(features, ofa.encoded(known), costs)
    new = ofa.samples(300, 5)
    wrong = model.log_cost(features.table.hot(ofa.encoded(new))) - np.log([ofa.SPACE.cost(a).macs_m for a in new])
    assert np.sqrt(np.mean(wrong**2)) < 2 * model.error


def test_a_cost_of_the_assumed_form_is_found_in_its_parts() -> None:
    everything = small_space.everything()
    x = np.random.default_rng(0).permutation(everything)[:100]
    model = fit_cost(small_space.FEATURES, x, small_space.cost(x))
    wrong = np.exp(model.log_cost(small_space.TABLE.hot(everything))) / small_space.cost(everything) - 1
    assert np.sqrt(np.mean(wrong**2)) < 0.02
    times = model.times.reshape(len(small_space.TABLE.genes), -1)
    assert np.exp(times[0, 2] - times[0, 0]) == pytest.approx(4.0, rel=0.06)
    assert np.abs(times[2:7]).max() == 0
    assert model.rows == len(x)
