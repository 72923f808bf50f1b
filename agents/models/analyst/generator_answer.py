"""The analyst as Generator: samples architectures according to a strategy.

The strategy of an analyst carries fitted numbers, and each proposal is the optimum of one draw from them. The strategy
of a language model carries at most weights and examples, and proposals are sampled by these. Both aim at the window
below the limit, with costs from the prompt's cost tables, else from the strategy, else from the rows of the prompt. If
a prompt shows scores instead of a strategy, as in OPRO, the analyst first writes a strategy of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.models.analyst.cost_window import cost_target
from agents.models.analyst.features import Features
from agents.models.analyst.findings import cost_models
from agents.models.analyst.gene_table import Indices, Matrix
from agents.models.analyst.navigator_answer import navigate
from agents.models.analyst.posterior_search import best_of_each, search
from agents.models.analyst.prompt_reader import ParsedPrompt
from agents.models.analyst.score_model import Coefficients
from agents.models.analyst.strategy_block import StrategyBlock, read_block
from agents.models.analyst.weighted_sampling import Sampler
from agents.text.guidance import parse_guidance

_MOST = 100
"""Maximum number of proposals in one answer."""
_STARTS_PER_DRAW = 6


def generate(prompt: ParsedPrompt, rng: np.random.Generator) -> list[dict[str, object]]:
    """At most `prompt.wanted` distinct genotypes."""
    features = Features(prompt.table)
    block = read_block(features, prompt.block or _own_block(prompt, rng))
    missing = [column for column, _ in prompt.limits if column not in block.costs or column in prompt.cost_tables]
    models = {**block.costs, **cost_models(prompt, features, prompt.observed(), missing)}
    target = cost_target(models, prompt.limits, block.window)
    count = min(prompt.wanted, _MOST)
    examples, proposed = _encode(features, block.examples), _encode(features, prompt.proposed)
    # The examples are proposed already.
    avoid = {*block.tested, *(prompt.table.mark(x) for x in (*proposed, *examples))}
    if block.mean is None:
        # A choice of an example counts as a weight of one, unless the strategy excludes it.
        weights = np.where(block.prefer > 0, block.prefer + prompt.table.hot(examples).sum(axis=0), 0.0)
        chosen = Sampler(features, target, weights, block.exclude).near(rng, count, avoid)
    else:
        coefficients = _drawn_coefficients(rng, block, count)
        pool, values = search(
            rng, features, target, coefficients, np.vstack([_starts(rng, features, coefficients), examples])
        )
        chosen = best_of_each(features, pool, values, avoid)
    return [prompt.table.decode(x) for x in chosen]


def _own_block(prompt: ParsedPrompt, rng: np.random.Generator) -> dict[str, Any]:
    """The block of the analyst's own strategy, if the prompt shows scores; else empty."""
    scored = np.isfinite(prompt.observed().top1).any()
    return parse_guidance(navigate(prompt, rng)).block if scored else {}


def _drawn_coefficients(rng: np.random.Generator, block: StrategyBlock, count: int) -> Coefficients:
    assert block.mean is not None
    assert block.deviation is not None

    def draw(mean: Matrix, deviation: Matrix) -> Matrix:
        noise = rng.normal(size=(*mean.shape[:-1], count))
        return np.asarray(mean + block.exploration_scale * deviation * noise)

    mean, deviation = block.mean, block.deviation
    return Coefficients(
        draw(mean.cells, deviation.cells),
        draw(mean.pairs, deviation.pairs),
        draw(mean.log_cost, deviation.log_cost),
    )


def _starts(rng: np.random.Generator, features: Features, coefficients: Coefficients) -> Indices:
    """Architectures sampled gene by gene in favour of the good choices of each draw, regardless of cost."""
    table = features.table
    cells = coefficients.cells.reshape(len(table.genes), table.width, -1).transpose(2, 0, 1)
    scale = float(cells.std()) or 1.0
    noisy = np.repeat(cells, _STARTS_PER_DRAW, axis=0)
    noisy = noisy + scale * rng.gumbel(size=noisy.shape)
    noisy[:, np.arange(table.width) >= table.sizes[:, None]] = -np.inf
    return table.canonical(noisy.argmax(axis=2))


def _encode(features: Features, genotypes: tuple[dict[str, object], ...]) -> Indices:
    encoded = [x for genotype in genotypes if (x := features.table.encode(genotype)) is not None]
    return np.array(encoded, dtype=np.int64).reshape(len(encoded), len(features.table.genes))
