"""HS-NAS: a genetic search whose scorer follows a schedule, predicted scores first, measured ones later.

After Jawahar et al., "LLM Performance Predictors are good initializers for Architecture Search", Findings of ACL 2024.
Theirs is a language model's predictor; here the analyst's regression is fitted to what the run has measured. Notable:
only measurements cost evaluations. Everything is computed from the record before each round, so predicted generations
are run again when a search is resumed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from common.errors import UserError
from graph.context import RunContext
from graph.strategies.sampling import draw_new, within_limits
from graph.strategies.score_based import ScoreBasedSearch
from graph.strategies.score_predictor import FEWEST, ScorePredictor
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PAPER = "predictor:15,measured:15"
"""The schedule of the paper, whose iterations measure 125 networks each."""
USUAL = ",".join(["predictor:15,measured:1"] * 5)
"""The schedule where none is named: for budgets of some tens or hundreds, in which each measurement should count."""
PARENTS, MUTANTS, CROSSOVERS = 25, 50, 50
"""Of a predicted iteration, as in the paper; a measured one has as many children as the budget allows."""
RATE = 0.3
"""Probability with which a mutation redraws a gene."""
FIRST_SHARE, FEWEST_FIRST = 0.2, 10
"""Share of the budget for random networks at the start, and how many they are at least; at most a whole population."""

Scorer = Literal["predictor", "measured"]


@dataclass(frozen=True)
class Schedule:
    """Scorers and the numbers of iterations that each scores, in turn."""

    phases: tuple[tuple[Scorer, int], ...]

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """The schedule in a text such as `predictor:15,measured:15`.

        Raises:
            UserError: the text is no schedule, or one whose last networks would not be measured.
        """
        expected = "schedule: expected scorers and iterations such as predictor:15,measured:15"
        phases: list[tuple[Scorer, int]] = []
        for part in text.split(","):
            scorer, _, iterations = part.strip().partition(":")
            if scorer not in ("predictor", "measured"):
                raise UserError(f"{expected}, got the scorer {scorer!r}")
            if not iterations.isascii() or not iterations.isdigit() or not 1 <= int(iterations) <= 1000:
                raise UserError(f"{expected}, each 1 to 1000, got {iterations!r} after {scorer}")
            phases.append((cast(Scorer, scorer), int(iterations)))
        if phases[-1][0] != "measured":
            raise UserError("schedule: expected measured at the end, got predictor: a predicted score is no result")
        return cls(tuple(phases))

    @property
    def measured(self) -> int:
        """Number of measured iterations."""
        return sum(iterations for scorer, iterations in self.phases if scorer == "measured")

    def predicted_before(self, iteration: int) -> int:
        """Number of predicted iterations between a measured one, counted from 0, and the measured one before it."""
        first, predicted = 0, 0
        for scorer, iterations in self.phases:
            if scorer == "predictor":
                predicted += iterations
                continue
            if first <= iteration < first + iterations:
                return predicted if iteration == first else 0
            first, predicted = first + iterations, 0
        raise ValueError(f"no iteration {iteration} in {self}")


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
        return (
            f"{told}: the best of {generations} generations by a predictor fitted to {measured} scores, which cost no "
            f"evaluation.{self._bias(round)}"
        )

    def _bias(self, round: int) -> str:
        """How far predictions were from the scores of the round before; empty where there were none."""
        last = self.context.archive.evaluations(round - 1, round - 1)
        earlier = self.history.scored[: len(self.history.scored) - len(last)]
        if not last or len(earlier) < max(FEWEST, self._starts):
            return ""
        predicted = ScorePredictor(self.context, earlier)([each.architecture for each in last])
        bias = float((predicted - [each.top1 for each in last]).mean())
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
        if not parents:
            return draw_new(self.context, lambda: space.sample(rng), count, measured.tried)
        generations = self._schedule.predicted_before(self._place()[0])
        if generations and len(measured.scored) >= FEWEST:
            found = self._predicted(parents, generations, count, rng)
            if found:
                return found
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
        self, parents: list[Architecture], generations: int, count: int, rng: random.Random
    ) -> list[Architecture]:
        """The best new architectures after generations of predicted scores, best first."""
        predict = ScorePredictor(self.context, self.history.scored)
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
