"""The text of the analyst's strategies; every number in it is in the prompt or in the fit.

Effects are differences in top-1 at equal cost, in percentage points ± one standard deviation of the posterior. This
module only counts and formats. Its sentences are part of later prompts, so a changed word changes the random numbers
of later answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import comb

import numpy as np

from agents.models.analyst.cost_fit import CostModel
from agents.models.analyst.cost_window import CostTarget
from agents.models.analyst.effects import described, line_shares, names, region
from agents.models.analyst.findings import Findings
from agents.models.analyst.prompt_reader import ParsedPrompt
from agents.models.analyst.score_model import Effect
from agents.text.genes import Gene

_WHO = "Written by the analyst, a statistical fit of the results in this prompt; no language model is involved."
_CLEAR, _LEANING = 2.0, 1.2
_MOST_SENTENCES = 10
_FAVOURED, _DROPPED = 1.5, 0.3
"""Bounds on a choice's share of the optima, relative to an even share: favoured from, and dropped below."""


@dataclass(frozen=True)
class _EffectSentence:
    sentence: str
    effect: Effect


def first_strategy(prompt: ParsedPrompt, target: CostTarget, block: str) -> str:
    """The strategy that asks for variety, while too few architectures are scored for a fit."""
    named = list(prompt.table.families)
    families = named[0] if len(named) == 1 else f"each of {', '.join(named)}"
    where = "architectures near the limit" if target.limits else "architectures"
    balance = (
        "Balance what one dimension costs by another, so that each lands near the limit."
        if target.limits
        else "Cost is no reason for or against a choice."
    )
    return f"""## Summary
{_WHO} Too little is scored for a fit, so this round asks for variety: {where} that spend their cost in \
different ways.

## Key patterns
None is known yet. To be told apart: what {families} gives in top-1 at equal cost, whether it matters in which \
line of the table a choice is made, and whether choices help each other.

## Directions
- Draw every gene from all its choices, and no choice everywhere.
- Let all genes of one line or one name lean the same way within an architecture, and another way in the next.
- {balance}

## Constraints
{_constraints(target)}

## Recommended ranges
All choices of all genes.

## Examples
None: variety is what is asked for.

```json
{block}
```"""


def strategy(f: Findings, block: str) -> str:
    """The strategy that states the fit, with the text of its JSON block."""
    return f"""## Summary
{_summary(f)}

## Key patterns
{_patterns(f)}

## Directions
{_directions(f)}

## Constraints
{_constraints(f.target)}

## Recommended ranges
{region(f)}

## Examples
{_examples(f)}

```json
{block}
```"""


def _summary(f: Findings) -> str:
    scores = f.observed.top1[f.scored]
    spent = f"{f.prompt.evaluations} of {f.prompt.budget}" if f.prompt.budget else str(f.prompt.evaluations)
    fitted = f.score_model.ridge.predict(f.score_model.design)[0]
    return (
        f"{_WHO} {len(scores)} architectures are scored ({spent} evaluations), from {scores.min():.2f} to "
        f"{scores.max():.2f} %, standard deviation {scores.std():.2f}. The fit explains a standard deviation of "
        f"{fitted.std():.2f} points and leaves {f.score_model.ridge.noise:.2f} as noise. Draw with boldness "
        f"{f.exploration_scale:.2f}: that share of the fit's own uncertainty is explored, less as the budget is spent."
    )


def _patterns(f: Findings) -> str:
    """The most certain effects of lines of the table, single genes, the cost and pairs of totals."""
    cost = f.score_model.cost_effect(1.1)
    known = f.target.main in f.target.models
    lines = [f"- 10 % more {f.target.main}, all else in this list held: {_points(cost)}."] if known else []
    table = f.features.table
    shared = [genes for genes in table.rows if len(genes) > 1]
    stepped = [genes for genes in shared + [[g] for g in range(len(table.genes))] if table.sizes[genes[0]] > 1]
    effects = [_step(f, genes) for genes in stepped] + _pairs(f)
    looked = sum(_looks(table.genes[genes[0]]) for genes in stepped) + len(f.features.pair_names)
    ranked = sorted((x for x in effects if x.effect.clear >= _LEANING), key=lambda x: -x.effect.clear)
    lines += [f"- {x.sentence}" for x in ranked[:_MOST_SENTENCES]]
    if not ranked:
        lines.append(f"- No effect of a choice exceeds {_LEANING:g} standard deviations yet; none should be relied on.")
    lines.append(f"- {looked} effects were looked at, the surest are listed; what is called unsure may be chance.")
    return "\n".join(lines)


def _looks(gene: Gene) -> int:
    """The number of effects from which `_step` selects one: for names, that of all pairs."""
    return 1 if gene.numeric else comb(len(gene.choices), 2)


def _step(f: Findings, genes: list[int]) -> _EffectSentence:
    """The effect of the largest choice against the smallest; for names, of the best against the worst."""
    table = f.features.table
    first = table.genes[genes[0]]
    order = list(range(len(first.choices)))
    if first.numeric:
        order.sort(key=lambda c: float(first.choices[c]))
    else:
        cells = f.score_model.coefficients(f.score_model.ridge.mean[:, None]).cells[:, 0].reshape(len(table.genes), -1)
        order.sort(key=lambda c: float(cells[genes, c].sum()))
    low, high = order[0], order[-1]
    effect = f.score_model.step(genes, high, low)
    if effect.points < 0 and first.numeric:
        low, high, effect = high, low, Effect(-effect.points, effect.error)
    hot = table.hot(f.score_model.x).reshape(len(f.score_model.x), len(table.genes), -1)[:, genes].sum(axis=(0, 1))
    unit = "architectures" if len(genes) == 1 else "uses"
    where = names(table, genes) if len(genes) == 1 else f"all of {names(table, genes)}"
    one, other, meaning = first.choices[high], first.choices[low], table.meanings[first.row]
    if first.numeric:
        claim = f"{one} over {other} in {where} ({meaning}): {_points(effect)}"
    else:
        claim = f"{where} ({meaning}): {one} did better than {other} by {_points(effect)}"
    return _EffectSentence(f"{claim}, given cost ({hot[high]:.0f} against {hot[low]:.0f} {unit}).", effect)


def _pairs(f: Findings) -> list[_EffectSentence]:
    found = []
    for pair, name in enumerate(f.features.pair_names):
        effect = f.score_model.pair_effect(pair)
        one, other = name.split("*")
        if one == other:
            trend = "returns grow" if effect.points > 0 else "returns fall"
            sentence = f"{one}: {trend} as more of it is large ({_points(effect)} per squared deviation of its total)."
        else:
            trend = "large goes with large" if effect.points > 0 else "large goes with small"
            sentence = f"{one} and {other}: {trend} ({_points(effect)} per product of deviations of their totals)."
        found.append(_EffectSentence(sentence, effect))
    return found


def _points(effect: Effect) -> str:
    sure = "" if effect.clear >= _CLEAR else ", unsure"
    return f"{effect.points:+.2f} ± {effect.error:.2f} points{sure}"


def _directions(f: Findings) -> str:
    """The choices that the optima have in common, one line for each line of the gene table."""
    within = " within the limit" if f.target.limits else ""
    lines = [f"Shares are of {len(f.optima)} architectures that draws from the fit hold for the best{within}."]
    for genes, shares in line_shares(f.features.table, f.shares):
        table = f.features.table
        choices, even = table.genes[genes[0]].choices, 1 / len(table.genes[genes[0]].choices)
        kinds: dict[str, list[str]] = {"favour": [], "keep testing": [], "drop": []}
        for choice, share in zip(choices, shares, strict=False):
            kind = "favour" if share >= _FAVOURED * even else "drop" if share < _DROPPED * even else "keep testing"
            kinds[kind].append(f"{choice} ({100 * share:.0f} %)")
        words = "; ".join(f"{kind} {', '.join(found)}" for kind, found in kinds.items() if found)
        lines.append(f"- {described(table, genes)}: {words}.")
    return "\n".join(lines)


def _examples(f: Findings) -> str:
    lines = []
    for x in f.optima[:2]:
        hot = f.features.table.hot(x[None])
        log_cost = f.target.log_cost(hot)
        mean, error = f.score_model.predict(x[None], log_cost)
        cost = f", {f.target.main} about {_amount(np.exp(log_cost[0]))}" if f.target.main in f.target.models else ""
        genotype = json.dumps(f.features.table.decode(x), separators=(",", ":"))
        lines.append(f"- {genotype}: expected {mean[0]:.2f} ± {error[0]:.2f} %{cost}; not scored yet.")
    return "\n".join(lines) or "None: every optimum of the fit is scored already."


def _constraints(target: CostTarget) -> str:
    lines = []
    for column, limit in target.limits:
        if column not in target.models:
            lines.append(f"- {column} at most {limit:g}; no row tells it, so it cannot be estimated here.")
            continue
        low, high = target.window(column)
        model = target.models[column]
        source = f"fit ({model.rows} rows)" if isinstance(model, CostModel) else "table"
        lines.append(
            f"- {column} at most {limit:g}. The cost {source} is good to ± {100 * model.error:.1f} %, "
            f"so aim at an estimate of {_amount(low * limit)} to {_amount(high * limit)}"
            + ("." if len(target.limits) == 1 else "; it is enough to come that near to one of the limits.")
        )
    return "\n".join(lines) or "No limit is set."


def _amount(cost: float) -> str:
    """A cost with three digits or more, because a window is a few per cent wide."""
    return f"{cost:.0f}" if cost >= 100 else f"{cost:.3g}"
