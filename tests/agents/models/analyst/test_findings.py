from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.cost_fit import CostModel
from agents.models.analyst.findings import Findings, FitInputs, cost_models, find_optima
from agents.text.architecture_table import ArchitectureRow
from tests.agents.models.analyst.small_space import FEATURES, TABLE, cost, everything, prompt, row, scored


def found(rows: list[ArchitectureRow], **changes: str) -> Findings | None:
    return find_optima(FitInputs.of(prompt(rows, **changes)), np.random.default_rng(0))


@pytest.fixture(scope="module")
def findings() -> Findings:
    fitted = found(scored(40))
    assert fitted is not None
    return fitted


def test_too_few_scores_are_not_fitted() -> None:
    unscored = [row(x, verdict="over limit") for x in everything()[:30]]
    assert found([*unscored, *scored(5)]) is None
    assert found([*unscored, *scored(6)]) is not None


def test_a_planted_effect_decides_the_optima(findings: Findings) -> None:
    op = TABLE.position["op"]
    assert findings.score_model.step([op], 2, 0).points == pytest.approx(2.0, abs=0.3)
    assert (findings.optima[:, op] == 2).mean() > 0.9
    shares = findings.shares.reshape(len(TABLE.genes), -1)
    assert shares[op, 2] > 0.8
    assert 0 < shares[op, 0] < 0.2
    assert shares[op].sum() == pytest.approx(1.0)


def test_optima_are_distinct_new_and_near_the_limit(findings: Findings) -> None:
    marks = [TABLE.mark(x) for x in findings.optima]
    assert len(set(marks)) == len(marks) > 3
    assert not set(marks) & {TABLE.mark(x) for x in findings.observed.x}
    assert np.median(cost(findings.optima)) < 61


def test_exploration_narrows_with_the_share_of_the_budget() -> None:
    few, many = found(scored(10)), found(scored(60))
    assert few is not None
    assert many is not None
    # In the second round, what is spent when it ends is twice what the first took.
    assert few.exploration_scale == pytest.approx(0.7)
    assert many.exploration_scale == pytest.approx(0.3)


def test_a_cost_needs_three_rows_for_a_model() -> None:
    few, enough = prompt(scored(2)), prompt(scored(3))
    assert cost_models(few, FEATURES, few.observed(), ["macs_m"]) == {}
    assert list(cost_models(enough, FEATURES, enough.observed(), ["macs_m"])) == ["macs_m"]


def test_unknown_and_impossible_costs_are_not_fitted() -> None:
    asked = prompt(scored(6))
    observed = asked.observed()
    observed.costs["macs_m"][:2] = [np.nan, 0.0]
    model = cost_models(asked, FEATURES, observed, ["macs_m"])["macs_m"]
    assert isinstance(model, CostModel)
    assert model.rows == 4
