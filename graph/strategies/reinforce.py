"""REINFORCE with one softmax a gene, as NAS-Bench-201's authors ran it (Dong and Yang, ICLR 2020, their released code).

Notable: the policy is not stored; it is computed from the scores so far, one after the other, so an interrupted run
reaches the same policy. A known architecture is drawn again instead of scored again as in their code.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graph.context import RunContext
from graph.strategies.sampling import draw_new
from graph.strategies.score_based import ScoreBasedSearch
from supernets.space.architecture import Architecture, value_of
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

RATE, MOMENTUM = 0.01, 0.9
"""Learning rate of Adam, and momentum of the moving average of rewards that is the baseline."""
_BETAS, _EPSILON = (0.9, 0.999), 1e-8


class Reinforce(ScoreBasedSearch):
    name = "reinforce"
    batch = 1

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        self._policy = Policy(context.space)

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        measured, policy = self.history, self._policy
        for scored in measured.scored[policy.steps :]:
            policy.learn(scored.architecture, scored.top1)
        return draw_new(self.context, lambda: policy.sample(rng), count, measured.tried)


class Policy:
    """Independent categorical distributions over the choices of each gene, moved by the policy gradient with Adam."""

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._choices = [len(dimension.choices) for dimension in space.dimensions]
        width = max(self._choices)
        self._logits = np.where(np.arange(width) < np.array(self._choices)[:, None], 0.0, -np.inf)
        self._moments = np.zeros((2, *self._logits.shape))
        self._baseline = 0.0
        self.steps = 0

    def sample(self, rng: random.Random) -> Architecture:
        drawn = {
            dimension.label: rng.choices(dimension.choices, row[: len(dimension.choices)])[0]
            for dimension, row in zip(self._space.dimensions, self._probabilities().tolist(), strict=True)
        }
        return self._space.from_choices(drawn)

    def learn(self, a: Architecture, top1: float) -> None:
        """One step towards `a` or away from it: its score against the moving average of scores."""
        self.steps += 1
        self._baseline = MOMENTUM * self._baseline + (1 - MOMENTUM) * top1
        gradient = -(top1 - self._baseline) * (self._one_hot(a) - self._probabilities() * self._acting(a))
        for moment, value, beta in zip(self._moments, (gradient, gradient**2), _BETAS, strict=True):
            moment += (1 - beta) * (value - moment)
        mean, square = (m / (1 - beta**self.steps) for m, beta in zip(self._moments, _BETAS, strict=True))
        self._logits -= RATE * mean / (np.sqrt(square) + _EPSILON)

    def _probabilities(self) -> NDArray[np.float64]:
        weights = np.exp(self._logits - self._logits.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def _acting(self, a: Architecture) -> NDArray[np.float64]:
        active = self._space.active(a)
        return np.array([[float(dimension.label in active)] for dimension in self._space.dimensions])

    def _one_hot(self, a: Architecture) -> NDArray[np.float64]:
        hot = np.zeros(self._logits.shape)
        for row, dimension, acts in zip(hot, self._space.dimensions, self._acting(a), strict=True):
            row[dimension.choices.index(value_of(a, dimension))] = acts[0]
        return hot
