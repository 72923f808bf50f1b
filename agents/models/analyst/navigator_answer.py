"""The analyst as Navigator: writes a strategy from the results in the prompt.

The first strategies ask for variety near the limit. Once enough architectures are scored, a strategy states what the
optima of the fit have in common. The sentences are in `strategy_text.py`.
"""

from __future__ import annotations

import numpy as np

from agents.models.analyst import strategy_text
from agents.models.analyst.findings import FitInputs, find_optima
from agents.models.analyst.prompt_reader import ParsedPrompt
from agents.models.analyst.strategy_block import write_block

_EXAMPLES = 4
"""Optima that are proposed as they are."""


def navigate(prompt: ParsedPrompt, rng: np.random.Generator) -> str:
    """The strategy as Markdown with a JSON block."""
    inputs = FitInputs.of(prompt)
    features, target = inputs.features, inputs.target
    tested = [prompt.table.mark(x) for x in inputs.observed.x[inputs.observed.tested]]
    findings = find_optima(inputs, rng)
    if findings is None:
        even = np.ones(features.columns.shape[0])
        return strategy_text.first_strategy(prompt, target, write_block(features, target, even, [], None, tested))
    examples = [prompt.table.decode(x) for x in findings.optima[:_EXAMPLES]]
    fitted = (
        findings.score_model.coefficients(findings.score_model.ridge.mean[:, None]),
        findings.score_model.deviations(),
        findings.exploration_scale,
    )
    return strategy_text.strategy(findings, write_block(features, target, findings.shares, examples, fitted, tested))
