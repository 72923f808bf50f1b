"""Optuna's TPE and Gaussian-process samplers with their default settings, as controls that a user may know.

Notable: the study is built again for each round, from the scores of the rounds before it, so an interrupted run
continues as if it had not been interrupted. Optuna sees every gene as a parameter: steps of a quantity as an integer,
names as categories.
"""

from __future__ import annotations

import importlib.util
import itertools
import random
import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from common.errors import UserError
from graph.context import RunContext
from graph.strategies.sampling import draw_new
from graph.strategies.score_based import ScoreBasedSearch
from supernets.space.architecture import Architecture, value_of

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler


class OptunaSearch(ScoreBasedSearch):
    """Asks a sampler of Optuna for one architecture a round.

    A proposal that is over the limit or known is asked for again, without a score; after `asks` of these, a random
    architecture takes its place.

    Raises:
        UserError: Optuna is not installed.
    """

    batch = 1
    asks: ClassVar[int]
    """Most proposals that a round asks for."""

    def __init__(self, context: RunContext, models: Mapping[str, Sequence[BaseChatModel]]) -> None:
        super().__init__(context, models)
        if importlib.util.find_spec("optuna") is None:
            raise UserError(
                f"--strategy {self.name} needs the package optuna: pip install 'collm-nas[optuna]' (in a clone: "
                "pip install -e '.[optuna]')"
            )
        self._distributions = self._all_distributions()

    @abstractmethod
    def sampler(self, seed: int) -> BaseSampler:
        """A new sampler of Optuna."""

    def draw(self, count: int, rng: random.Random) -> list[Architecture]:
        space, asked = self.context.space, itertools.count()
        with warnings.catch_warnings():
            # Samplers that may still change warn about it.
            warnings.simplefilter("ignore")
            study = self._study(rng.getrandbits(32))

            def ask() -> Architecture:
                return self._ask(study) if next(asked) < self.asks else space.sample(rng)

            return draw_new(self.context, ask, count, self.history.tried)

    def _study(self, seed: int) -> Study:
        """A study whose trials are the scored architectures."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(direction="maximize", sampler=self.sampler(seed))
        for scored in self.history.scored:
            trial = optuna.trial.create_trial(
                params=self._params(scored.architecture), distributions=self._distributions, value=scored.top1
            )
            study.add_trial(trial)
        return study

    def _ask(self, study: Study) -> Architecture:
        params = study.ask(self._distributions).params
        dimensions = self.context.space.dimensions
        return self.context.space.from_choices({d.label: d.choices[params[d.label]] for d in dimensions})

    def _params(self, a: Architecture) -> dict[str, int]:
        """The index of each gene's choice."""
        return {d.label: d.choices.index(value_of(a, d)) for d in self.context.space.dimensions}

    def _all_distributions(self) -> dict[str, BaseDistribution]:
        from optuna.distributions import CategoricalDistribution, IntDistribution

        def distribution(choices: int, ordered: bool) -> BaseDistribution:
            return IntDistribution(0, choices - 1) if ordered else CategoricalDistribution(range(choices))

        return {d.label: distribution(len(d.choices), d.ordered) for d in self.context.space.dimensions}


class OptunaTPE(OptunaSearch):
    """The tree-structured Parzen estimator, Optuna's default."""

    name = "optuna-tpe"
    asks = 50

    def sampler(self, seed: int) -> BaseSampler:
        from optuna.samplers import TPESampler

        return TPESampler(seed=seed)


class OptunaGP(OptunaSearch):
    """A Gaussian process with expected improvement; a proposal takes a second or more."""

    name = "optuna-gp"
    asks = 5

    def sampler(self, seed: int) -> BaseSampler:
        from optuna.samplers import GPSampler

        return GPSampler(seed=seed)
