"""Fits the scores in a prompt and searches the optima of draws from the posterior (Thompson sampling).

The spread of the draws shrinks as the budget is spent, so the search narrows. This module writes no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.models.analyst.cost_fit import fit_cost
from agents.models.analyst.cost_window import CostEstimate, CostTarget, cost_target
from agents.models.analyst.features import Features
from agents.models.analyst.gene_table import Indices, Matrix
from agents.models.analyst.posterior_search import best_of_each, search
from agents.models.analyst.prompt_reader import ObservedRows, ParsedPrompt
from agents.models.analyst.score_model import ScoreModel

_FEWEST_SCORES = 6
_FEWEST_COSTS = 3
_OPTIMA = 32
_STARTS = 24
_TYPICAL_NOISE = 0.3
"""Assumed standard error of a score in percentage points, if the table gives none."""


@dataclass(frozen=True, kw_only=True)
class FitInputs:
    """The data of a prompt, prepared for fitting."""

    prompt: ParsedPrompt
    features: Features
    target: CostTarget
    observed: ObservedRows
    scored: NDArray[np.bool_]
    """Which of the observed architectures have a score."""

    @classmethod
    def of(cls, prompt: ParsedPrompt) -> FitInputs:
        """The inputs for `prompt`, with cost models fitted."""
        features, observed = Features(prompt.table), prompt.observed()
        target = cost_target(cost_models(prompt, features, observed, _columns(prompt)), prompt.limits)
        return cls(
            prompt=prompt, features=features, target=target, observed=observed, scored=np.isfinite(observed.top1)
        )


@dataclass(frozen=True, kw_only=True)
class Findings(FitInputs):
    """The fitted score model and its optima."""

    score_model: ScoreModel
    exploration_scale: float
    """Factor on the posterior's spread in draws."""
    optima: Indices
    """Distinct optima of draws from the posterior that were not proposed before, shape (n, genes)."""
    shares: Matrix
    """Share of the optima with each choice, over one-hot cells."""


def cost_models(
    prompt: ParsedPrompt, features: Features, observed: ObservedRows, columns: list[str]
) -> Mapping[str, CostEstimate]:
    """The cost table of each of `columns` that has one; for others a fit, if enough rows show the cost."""
    models: dict[str, CostEstimate] = {}
    for column in columns:
        if column in prompt.cost_tables:
            models[column] = prompt.cost_tables[column]
            continue
        costs = observed.cost(column)
        known = np.isfinite(costs) & (costs > 0)
        if known.sum() >= _FEWEST_COSTS:
            models[column] = fit_cost(features, observed.x[known], costs[known])
    return models


def _columns(prompt: ParsedPrompt) -> list[str]:
    return [column for column, _ in prompt.limits] or ["macs_m"]


def find_optima(inputs: FitInputs, rng: np.random.Generator) -> Findings | None:
    """The fit and its optima; None if too few architectures are scored."""
    prompt, features, target = inputs.prompt, inputs.features, inputs.target
    observed, scored = inputs.observed, inputs.scored
    if scored.sum() < _FEWEST_SCORES:
        return None
    x = observed.x[scored]
    known = observed.cost(target.main)[scored]
    log_costs = np.where(
        np.isfinite(known), np.log(np.where(known > 0, known, 1.0)), target.log_cost(prompt.table.hot(x))
    )
    errors = observed.stderr[scored]
    noise = float(np.nanmedian(errors)) if np.isfinite(errors).any() else _TYPICAL_NOISE
    score_model = ScoreModel(features=features, x=x, log_costs=log_costs, scores=observed.top1[scored], noise=noise)
    exploration_scale = _exploration_scale(int(scored.sum()), prompt)
    coefficients = score_model.coefficients(score_model.ridge.draws(rng, _OPTIMA, exploration_scale))
    best = np.argsort(-score_model.predict(x, log_costs)[0])[:_STARTS]
    pool, values = search(rng, features, target, coefficients, np.vstack([x[best], prompt.table.random(rng, _STARTS)]))
    tested = {prompt.table.mark(one) for one in observed.x[observed.tested]}
    optima = np.array(best_of_each(features, pool, values, tested), dtype=np.int64).reshape(-1, len(prompt.table.genes))
    # Half a count is spread over the choices, because a few dozen draws do not prove a choice to be bad.
    hot = prompt.table.hot(optima).sum(axis=0).reshape(len(prompt.table.genes), -1)
    even = 1 / prompt.table.sizes[:, None]
    shares = ((hot + 0.5 * even) / (hot.sum(axis=1, keepdims=True) + 0.5)).reshape(-1)
    return Findings(
        prompt=prompt,
        features=features,
        target=target,
        observed=observed,
        scored=scored,
        score_model=score_model,
        exploration_scale=exploration_scale,
        optima=optima,
        shares=shares,
    )


def _exploration_scale(scores: int, prompt: ParsedPrompt) -> float:
    """The factor on the posterior's spread: 0.8 at the start, 0.3 when the budget is spent."""
    # A round is chosen whole, so what counts is the share that is spent when it ends.
    after = scores * prompt.round / max(prompt.round - 1, 1)
    spent = after / prompt.budget if prompt.budget else scores / (scores + 100)
    return 0.8 - 0.5 * min(spent, 1.0)
