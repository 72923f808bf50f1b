"""HS-NAS: a genetic search whose scorer follows a schedule, predicted scores first, measured ones later.

After Jawahar et al., "LLM Performance Predictors are good initializers for Architecture Search", Findings of ACL 2024.
The predictor is the analyst's regression, fitted to a language model's labels as theirs is (`--labels`), or to what the
run has measured. Notable: only measurements cost evaluations. Everything is computed from the record before each round,
so predicted generations are run again when a search is resumed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.context import RunContext
from graph.labels import FEWEST, Labels
from graph.schedule import USUAL, Schedule
from graph.strategies.sampling import draw_new, within_limits
from graph.strategies.score_based import ScoreBasedSearch
from graph.strategies.score_predictor import ScorePredictor
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PARENTS, MUTANTS, CROSSOVERS = 25, 50, 50
"""Of a predicted iteration, as in the paper; a measured one has as many children as the budget allows."""
RATE = 0.3
"""Probability with which a mutation redraws a gene."""
FIRST_SHARE, FEWEST_FIRST = 0.2, 10
"""Share of the budget for random networks at the start, and how many they are at least; at most a whole population.
With labels there are none."""


class HSNAS(ScoreBasedSearch):
    name = "hs-nas"
    first = "navigator"
    guide = "HS-NAS"

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self._schedule = Schedule.parse(context.config.schedule or USUAL)
        budget = context.config.evaluations
        most = PARENTS + MUTANTS + CROSSOVERS
        self._starts = min(budget, most, max(FEWEST_FIRST, math.ceil(FIRST_SHARE * budget)))
        self._column = context.sweep.widest.main_column
        self._distilled: ScorePredictor | None = None
        if context.config.labels:
            self._starts = 0
            labels = Labels.read(Path(context.config.labels), context.space)
            self._distilled = ScorePredictor.of_labels(context.space, self._column, labels)
            self._labels = f"{len(labels.scores)} labels of {labels.model}"

    def write_guidance(self, round: int) -> str:
        self.history.read(round)
        measured = len(self.history.scored)
        if measured < self._starts:
            return f"Random networks are measured first: {measured} of {self._starts} are."
        iteration, _ = self._place()
        count = self._schedule.measured
        told = f"Iteration {iteration + 1} of {count} that are measured"
        generations = self._schedule.predicted_before(iteration)
        if not generations:
            return f"{told}: children of the best {min(PARENTS, measured)} measured ones."
        fitted = self._labels if self._distilled else f"{measured} scores"
        return (
            f"{told}: the best of {generations} generations by a predictor fitted to {fitted}, which cost no "
            f"evaluation.{self._bias(round)}"
        )

    def _predictor(self, scored: Sequence[Evaluation]) -> ScorePredictor | None:
        """The predictor as it was with these scores; None if they are too few to fit one."""
        if self._distilled:
            return self._distilled
        return ScorePredictor.of_scores(self.context.space, self._column, scored) if len(scored) >= FEWEST else None

    def _bias(self, round: int) -> str:
        """How far predictions were from the scores of the round before; empty where there were none."""
        last = self.context.archive.evaluations(round - 1, round - 1)
        earlier = self.history.scored[: len(self.history.scored) - len(last)]
        predict = self._predictor(earlier)
        if not last or not predict or len(earlier) < self._starts:
            return ""
        bias = float((predict([each.architecture for each in last]) - [each.top1 for each in last]).mean())
        return (
            f" The {len(last)} networks measured last were predicted {bias:+.2f} points from their scores on average."
        )

    def wanted(self, guidance: str, most: int) -> int:
        left = self._starts - len(self.history.scored)
        return max(1, min(most, left if left > 0 else self._place()[1]))

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        measured, space = self.history, self.context.space
        if len(measured.scored) < self._starts:
            return draw_new(self.context, lambda: space.sample(rng), count, measured.tried)
        parents = [each.architecture for each in self._within(measured.best(PARENTS))]
        generations, predict = self._schedule.predicted_before(self._place()[0]), self._predictor(measured.scored)
        if generations and predict:
            first = parents or draw_new(self.context, lambda: space.sample(rng), PARENTS)
            return self._predicted(predict, first, generations, count, rng)
        if not parents:
            return draw_new(self.context, lambda: space.sample(rng), count, measured.tried)
        return self._children(parents, count - count // 2, count // 2, rng, measured.tried)

    def _within(self, scored: Sequence[Evaluation]) -> list[Evaluation]:
        return [each for each in scored if self.history.keeps_limits(each)]

    def _place(self) -> tuple[int, int]:
        """The measured iteration that comes next, from 0, and how many measurements it still has."""
        done, rest = len(self.history.scored) - self._starts, self.context.config.evaluations - self._starts
        iterations = self._schedule.measured
        ends = [math.ceil(rest * (i + 1) / iterations) for i in range(iterations)]
        iteration = next((i for i, end in enumerate(ends) if done < end), iterations - 1)
        return iteration, max(1, ends[iteration] - done)

    def _children(
        self, parents: Sequence[Architecture], mutants: int, crossovers: int, rng: random.Random,
        known: set[Architecture],
    ) -> list[Architecture]:  # fmt: skip
        """New children within the limits; both parents of a crossover differ where there are two."""
        context, space = self.context, self.context.space
        made = (
            draw_new(context, lambda: space.mutate(rng.choice(parents), rng, RATE), mutants, known) if mutants else []
        )
        if crossovers:
            pair = min(2, len(parents))

            def cross() -> Architecture:
                chosen = rng.sample(parents, pair)
                return space.crossover(chosen[0], chosen[-1], rng)

            made += draw_new(context, cross, crossovers, known | set(made))
        return made

    def _predicted(
        self, predict: ScorePredictor, parents: list[Architecture], generations: int, count: int, rng: random.Random
    ) -> list[Architecture]:
        """The best new architectures after generations of predicted scores, best first."""
        seen: dict[Architecture, float] = dict(zip(parents, predict(parents).tolist(), strict=True))
        for _ in range(generations):
            best = sorted(seen, key=lambda a: -seen[a])[:PARENTS]
            children = self._children(best, MUTANTS, CROSSOVERS, rng, set(seen))
            children = [a for a in children if within_limits(self.context, a)]
            if children:
                seen |= zip(children, predict(children).tolist(), strict=True)
        tried = self.history.tried
        found: list[Architecture] = []
        for a in sorted(seen, key=lambda a: -seen[a]):
            if a not in tried and not any(twin in tried or twin in found for twin in self.context.twins(a)):
                found.append(a)
            if len(found) == count:
                break
        return found
