"""The analyst as Navigator: writes a strategy from the results in the prompt.

The first strategies ask for variety near the limit. Once enough architectures are scored, a strategy states what the
optima of the fit have in common. The sentences are in `strategy_text.py`.
"""

from __future__ import annotations

import math

import numpy as np

from agents.models.analyst import strategy_text
from agents.models.analyst.findings import FitInputs, find_optima
from agents.models.analyst.prompt_reader import ParsedPrompt
from agents.models.analyst.strategy_block import write_block

_SMALLEST_ROUND = 8


def navigate(prompt: ParsedPrompt, rng: np.random.Generator) -> str:
    """The strategy as Markdown with a JSON block."""
    inputs = FitInputs.of(prompt)
    features, target = inputs.features, inputs.target
    tested = [prompt.table.mark(x) for x in inputs.observed.x[inputs.observed.tested]]
    count = _count(prompt)
    findings = find_optima(inputs, rng)
    if findings is None:
        even = np.ones(features.columns.shape[0])
        return strategy_text.first_strategy(prompt, target, write_block(features, target, even, None, tested, count))
    fitted = (
        findings.score_model.coefficients(findings.score_model.ridge.mean[:, None]),
        findings.score_model.deviations(),
        findings.exploration_scale,
    )
    return strategy_text.strategy(findings, write_block(features, target, findings.shares, fitted, tested, count))


def _count(prompt: ParsedPrompt) -> int | None:
    """Architectures of the round: half of what is left, so that the last round learns from one before it."""
    if prompt.budget is None:
        return None
    return max(_SMALLEST_ROUND, math.ceil((prompt.budget - prompt.evaluations) / 2))
