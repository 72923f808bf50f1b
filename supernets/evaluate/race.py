"""Racing: a candidate stops once what it has seen is evidence that it cannot win; it keeps an estimate of its score.

To win is to get more images of the split right than the best candidate of those that have seen all of it. Under the
null hypothesis that a candidate wins, the total of what it still has to get right is known at every image. A gambler
who bets against it multiplies their stake by more than 1 / `error` with probability `error` at most, however often one
looks (Ville's inequality): that is when the candidate stops.

- Bets on draws without replacement: Waudby-Smith and Ramdas, "Confidence sequences for sampling without replacement",
  NeurIPS 2020. Weighted draws, and predictions that take part of the spread away: Shekhar, Xu, Lipton, Liang and
  Ramdas, "Risk-limiting financial audits via weighted sampling without replacement", UAI 2023.
- Predicted is each image's chance to be got right, from the candidates that have seen all images; what is bet on are
  the deviations. Images whose answer is uncertain come first: drawn with probability proportional to the standard
  deviation that is predicted, which Neyman showed to be the best share.

Notable: everything that bets and order depend on is fixed before a candidate is looked at, and what is predicted may be
wrong: then candidates stop later, not more often falsely. The error is that of one candidate and of one random order;
all races of an image set draw with the same random numbers, so their errors are not independent. Knows no network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from supernets.evaluate.evaluator import Evaluation, Evaluator, standard_error
from supernets.evaluate.protocol import SupernetProtocol
from supernets.evaluate.scoring_schedule import Accuracy, Hits, ScoringSchedule
from supernets.images.image_sets import Indices
from supernets.space.architecture import Architecture

Numbers = NDArray[np.float64]

ERROR = 0.01
_DEFICITS = (2, 4, 8)
"""How far behind a candidate is supposed to be, one gambler each: in standard errors of a weighted look at `images`."""
_LARGEST_STAKE = 0.75
"""Most that a gambler puts at risk on one image."""


class Race(ScoringSchedule):
    """The course of candidates that race against `complete`, shape `(candidates, images)`: the hits of those before.

    Args:
        clocks: for each image the time of an exponential clock of rate 1, `(images,)`: all that is random.
        error: probability at most with which a candidate that would win is stopped.
    """

    stops = True

    def __init__(self, complete: NDArray[np.bool_], clocks: Numbers, error: float = ERROR) -> None:
        self._error = error
        self._first = not len(complete)
        self._best = int(complete.sum(1).max(initial=0))
        chance = _chances(complete)
        spread = np.sqrt(chance * (1 - chance))
        # Clocks that run faster ring in the order of weighted draws without replacement.
        self.order: Indices = np.argsort(clocks / spread)
        self._chance, self._spread = chance[self.order], spread[self.order]
        self._spread_left, self._chance_left = _from_here_on(self._spread), _from_here_on(self._chance)
        most = np.maximum.accumulate(((1 - self._chance) / self._spread)[::-1])[::-1]
        self._room = self._spread_left * most
        self._deficits = np.array(_DEFICITS)[:, None] * self._spread_left[0] / np.sqrt(len(chance))

    def should_continue(self, hits: Hits) -> bool:
        if self._first or self._evidence(hits) < 1 / self._error:
            return True
        # Nobody who stops may look better than the best.
        return self._estimate(hits)[0] >= self._best

    def score(self, hits: Hits) -> Accuracy:
        """The standard error of an estimate has two parts: that of the split's images, and that of the unseen ones."""
        images = len(self.order)
        if len(hits) == images:
            in_place = np.empty(images, dtype=np.bool_)
            in_place[self.order] = hits
            top1 = 100 * float(hits.mean())
            return Accuracy(top1, standard_error(top1, images), np.packbits(in_place).tobytes())
        total, error = self._estimate(hits)
        top1 = 100 * float(np.clip(total / images, 0, 1))
        return Accuracy(top1, float(np.hypot(standard_error(top1, images), 100 * error / images)))

    def _draws(self, hits: Hits) -> tuple[Numbers, Numbers]:
        """Before each image: hits so far and predicted ones; and what the image itself adds to tell of the rest."""
        n = len(hits)
        known = np.concatenate(([0.0], np.cumsum(hits)[:-1])) + self._chance_left[:n]
        # Its expectation is the deviation of all images from here on, whatever the spread that was predicted.
        drawn = (hits - self._chance[:n]) / self._spread[:n] * self._spread_left[:n]
        return known, drawn

    def _evidence(self, hits: Hits) -> float:
        """The greatest wealth so far of the gamblers together, who began with 1."""
        known, drawn = self._draws(hits)
        n = len(hits)
        needed = self._best + 1 - known
        room = np.maximum(self._room[:n] - needed, 1e-9)
        stakes = np.minimum(self._deficits / self._spread_left[:n] ** 2, _LARGEST_STAKE / room)
        wealth = np.cumsum(np.log1p(stakes * (needed - drawn)), axis=1)
        with np.errstate(over="ignore"):
            return float(np.exp(wealth).mean(0).max())

    def _estimate(self, hits: Hits) -> tuple[float, float]:
        """Hits on all images, and the standard error of that as far as it is one of choosing which were seen."""
        known, drawn = self._draws(hits)
        totals = known + drawn
        weights = self._spread_left[: len(hits)] ** -2
        total = float(np.average(totals, weights=weights))
        return total, float(np.sqrt(np.sum((weights * (totals - total)) ** 2)) / weights.sum())


def _chances(complete: NDArray[np.bool_]) -> Numbers:
    """For each image the expected chance of a candidate: counts and a beta prior, fitted by its first two moments."""
    candidates, images = complete.shape
    counts = complete.sum(0)
    mean = (counts.sum() + 0.5) / (candidates * images + 1)
    prior = 0.5
    if candidates > 1:
        within = (counts * (candidates - counts)).mean() / (candidates * (candidates - 1))
        prior = max(1e-3, within / max(mean * (1 - mean) - within, 1e-3))
    return np.asarray((counts + prior * mean) / (candidates + prior))


def _from_here_on(values: Numbers) -> Numbers:
    """The sum of each value and of all after it."""
    return np.cumsum(values[::-1])[::-1]


class Racer(Interface):
    """An evaluator that can score along a course."""

    protocol: SupernetProtocol

    def scores(self, archs: Sequence[Architecture], schedule: ScoringSchedule) -> Iterator[Evaluation]: ...
    def report(self, a: Architecture) -> Evaluation: ...


class RaceEvaluator(Evaluator):
    """Scores as `racer` does, but stops candidates that cannot win against `complete`, the packed hits of others."""

    def __init__(self, racer: Racer, complete: Sequence[bytes], error: float = ERROR) -> None:
        self.protocol = protocol = racer.protocol
        self._racer = racer
        images = protocol.search_images
        hits = [np.unpackbits(np.frombuffer(bits, np.uint8), count=images) for bits in complete]
        shaped = np.array(hits, dtype=np.bool_).reshape(-1, images)
        self._race = Race(shaped, clocks(protocol.image_hashes[1], images), error)

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        return self._racer.scores(archs, self._race)

    def report(self, a: Architecture) -> Evaluation:
        return self._racer.report(a)


def clocks(image_set: str, images: int) -> Numbers:
    """The same for all races on an image set, named by its hash."""
    seed = int.from_bytes(hashlib.sha256(image_set.encode()).digest()[:8])
    return np.random.default_rng(seed).exponential(size=images)
