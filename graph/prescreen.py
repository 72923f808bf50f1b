"""Prescreening: a strategy proposes more than it may; a predictor keeps the most promising, and some at random.

The predictor is the analyst's regression, fitted to the scores of earlier rounds. Notable: those kept at random come
last in a round, so the record shows which they are; their scores show how far the predictor is off where it does not
choose. What a strategy proposes beyond its round is not recorded, and does not count as tried.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

from agents.text.proposals import Proposals
from graph.candidate import LEGAL
from graph.context import RunContext
from graph.labels import FEWEST
from graph.strategies.score_based import ScoreHistory
from graph.strategies.score_predictor import ScorePredictor
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture, InvalidArchitecture

CHANCE = 0.25
"""Share of a round that is kept at random."""


class Prescreen:
    """
    Args:
        factor: how many times as many proposals a strategy is asked for.
    """

    def __init__(self, context: RunContext, factor: float) -> None:
        self._context = context
        self._factor = factor
        self._history = ScoreHistory(context)
        self._column = context.sweep.widest.main_column

    def asked(self, round: int, count: int) -> int:
        """How many proposals a round asks for, to keep `count`; no more than that while there is no predictor."""
        self._history.read(round)
        return math.ceil(self._factor * count) if len(self._history.scored) >= FEWEST else count

    def keep(self, round: int, proposals: Proposals, count: int) -> Proposals:
        """`count` of the proposals, those with the best predictions first; fewer than `count` usable ones are all kept.

        What is illegal, known or over the limit is kept only where nothing better is left, so that it still counts.
        """
        if self.asked(round, count) == count or len(proposals.genotypes) <= count:
            return proposals
        usable, rest = self._sorted_out(proposals)
        if len(usable) < count:
            kept = [proposals.genotypes[i] for i in (*usable, *rest)][:count]
            return replace(proposals, genotypes=kept, rejected=proposals.rejected[: count - len(usable)])
        predict = ScorePredictor.of_scores(self._context.space, self._column, self._history.scored)
        order = [i for _, i in sorted(zip((-predict(list(usable.values()))).tolist(), usable, strict=True))]
        chosen = order[: count - _by_chance(count)]
        rng = random.Random(f"prescreen:{self._context.config.seed}:{round}")
        chosen += rng.sample([i for i in order if i not in chosen], count - len(chosen))
        return replace(proposals, genotypes=[proposals.genotypes[i] for i in chosen], rejected=())

    def told(self, round: int) -> str:
        """How far the predictions for the round before were from its scores, by why a candidate was kept.

        Empty where nothing was kept at random.
        """
        archive, last = self._context.archive, round - 1
        earlier = [e for n in range(1, last) for e in archive.evaluations(n, n)]
        if last < 1 or len(earlier) < FEWEST:
            return ""
        candidates, requested = archive.candidates(last, last), archive.requested(last)
        if len(candidates) != requested or any(candidate.verdict != LEGAL for candidate in candidates):
            return ""  # there was nothing to choose from
        scores = {e.architecture: e for e in archive.evaluations(last, last)}
        scored = [scores.get(c.architecture) if c.architecture else None for c in candidates]
        split = requested - _by_chance(requested)
        if split == requested:
            return ""
        predict = ScorePredictor.of_scores(self._context.space, self._column, earlier)
        parts = [
            f"{len(part)} {how} {self._bias(predict, part):+.2f}"
            for part, how in ((_known(scored[:split]), "chosen by prediction"), (_known(scored[split:]), "at random"))
            if part
        ]
        return f"prescreening: predicted minus measured in round {last}, points: {', '.join(parts)}" if parts else ""

    def _sorted_out(self, proposals: Proposals) -> tuple[dict[int, Architecture], list[int]]:
        """Indices of new architectures within the limits, with these, and the other indices."""
        context, usable, seen = self._context, dict[int, Architecture](), set(self._history.tried)
        for index, genotype in enumerate(proposals.genotypes):
            try:
                a = context.space.parse(genotype)
            except InvalidArchitecture:
                continue
            if a not in seen and context.limits.excess(context.space.cost(a)) is None:
                usable[index] = a
                seen.update((a, *context.twins(a)))
        return usable, [i for i in range(len(proposals.genotypes)) if i not in usable]

    def _bias(self, predict: ScorePredictor, scored: Sequence[Evaluation]) -> float:
        predicted = predict([each.architecture for each in scored])
        return float((predicted - [each.top1 for each in scored]).mean())


def _by_chance(count: int) -> int:
    """How many of a round are kept at random: none of a single one, else one or more."""
    return max(1, round(CHANCE * count)) if count > 1 else 0


def _known(scored: Sequence[Evaluation | None]) -> list[Evaluation]:
    return [each for each in scored if each is not None]
