"""Evolution in generations, as the authors of supernets search them: half mutants, half crossovers, of the best so far.

- `evolution-spos`: Guo et al., ECCV 2020 (their `Search` code; AutoFormer's, Chen et al., ICCV 2021, differs in rates).
- `evolution-ofa`: Cai et al., ICLR 2020 (`EvolutionFinder` of their package).

Notable: both let the best survive unchanged, so the parents of a generation are the best of everything scored before it
began, whatever their age. A generation may take several rounds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import ClassVar

from graph.strategies.sampling import draw_new
from graph.strategies.score_based import ScoreBasedSearch
from supernets.space.architecture import Architecture


class Generations(ScoreBasedSearch):
    population: ClassVar[int]
    """Evaluations of one generation; the first is random."""
    parents: ClassVar[int]
    """Number of the best that have children."""
    rate: ClassVar[float]
    """Probability with which a mutation redraws a gene."""

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        measured = self.history
        generation, done = divmod(len(measured.scored), self.population)
        parents = self._parents(generation)
        mutants = max(0, min(count, self.population // 2 - done)) if parents else 0
        rest = min(count, self.population - done) - mutants
        made = draw_new(self.context, self._mutation(parents, rng), mutants, measured.tried) if mutants else []
        known = measured.tried | set(made)
        made += draw_new(self.context, self._crossover(parents, rng), rest, known) if rest else []
        return made

    def _parents(self, generation: int) -> list[Architecture]:
        return [scored.architecture for scored in self.history.best(self.parents, generation * self.population)]

    def _mutation(self, parents: list[Architecture], rng: random.Random) -> Callable[[], Architecture]:
        return lambda: self.context.space.mutate(rng.choice(parents), rng, self.rate)

    def _crossover(self, parents: list[Architecture], rng: random.Random) -> Callable[[], Architecture]:
        space = self.context.space
        if not parents:
            return lambda: space.sample(rng)
        return lambda: space.crossover(rng.choice(parents), rng.choice(parents), rng)


class SPOSEvolution(Generations):
    name = "evolution-spos"
    population, parents, rate = 50, 10, 0.1


class OFAEvolution(Generations):
    name = "evolution-ofa"
    population, parents, rate = 100, 25, 0.1
