"""Racing: stops a candidate once its results on the images so far are evidence that it cannot win.

A candidate wins if it classifies more images of the split correctly than the best complete candidate, which was
scored on all images. Under the null hypothesis that a candidate wins, the number of correct results that it still
needs is known at every image. A gambler who bets against it multiplies their stake by more than 1 / `error` with a
probability of at most `error`, however often one looks (Ville's inequality): at that point the candidate stops.

- Bets on draws without replacement: Waudby-Smith and Ramdas, "Confidence sequences for sampling without replacement",
  NeurIPS 2020. Weighted draws, and predictions that reduce the spread: Shekhar, Xu, Lipton, Liang and Ramdas,
  "Risk-limiting financial audits via weighted sampling without replacement", UAI 2023.
- The complete candidates give a predicted chance that each image is classified correctly; the bets are on deviations
  from it. Images with uncertain results come first: they are drawn with probability proportional to the predicted
  standard deviation, which Neyman showed to be the best choice.

Notable: the bets and the order are fixed before a candidate is scored. Wrong predictions make candidates stop later,
but not wrongly more often. The error is that of one candidate in one random order; all races of an image set use the
same random numbers, so their errors are not independent. A stopped candidate keeps an estimate of its score.
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
"""Deficits that the gamblers assume, in standard errors of a weighted sample of as many draws as images."""
_LARGEST_STAKE = 0.75
"""Maximum share of their wealth that a gambler risks on one image."""


class Race(ScoringSchedule):
    """The schedule of candidates that race against complete ones.

    Args:
        complete: hits of the complete candidates, `(candidates, images)`.
        clocks: the time of an exponential clock of rate 1 for each image, `(images,)`: the only random numbers.
        error: maximum probability of stopping a candidate that would win.
    """

    stops = True

    def __init__(self, complete: NDArray[np.bool_], clocks: Numbers, error: float = ERROR) -> None:
        self._error = error
        self._first = not len(complete)
        self._best = int(complete.sum(1).max(initial=0))
        chance = _chances(complete)
        spread = np.sqrt(chance * (1 - chance))
        # Exponential clocks with these rates ring in the order of weighted draws without replacement.
        self.order: Indices = np.argsort(clocks / spread)
        self._chance, self._spread = chance[self.order], spread[self.order]
        self._spread_left, self._chance_left = _suffix_sums(self._spread), _suffix_sums(self._chance)
        most = np.maximum.accumulate(((1 - self._chance) / self._spread)[::-1])[::-1]
        self._room = self._spread_left * most
        self._deficits = np.array(_DEFICITS)[:, None] * self._spread_left[0] / np.sqrt(len(chance))

    def should_continue(self, hits: Hits) -> bool:
        if self._first or self._evidence(hits) < 1 / self._error:
            return True
        # A stopped candidate must not have a better estimate than the best complete one.
        return self._estimate(hits)[0] >= self._best

    def score(self, hits: Hits) -> Accuracy:
        """The accuracy; the error of an estimate combines that of the split's images and that of the unseen images."""
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
        """For each image: hits before it plus predicted hits, and its estimate of the deviation from there on."""
        n = len(hits)
        known = np.concatenate(([0.0], np.cumsum(hits)[:-1])) + self._chance_left[:n]
        # Its expectation is the deviation of all images from here on, for any predicted spread.
        drawn = (hits - self._chance[:n]) / self._spread[:n] * self._spread_left[:n]
        return known, drawn

    def _evidence(self, hits: Hits) -> float:
        """The maximum so far of the gamblers' mean wealth; each starts with 1."""
        known, drawn = self._draws(hits)
        n = len(hits)
        needed = self._best + 1 - known
        room = np.maximum(self._room[:n] - needed, 1e-9)
        stakes = np.minimum(self._deficits / self._spread_left[:n] ** 2, _LARGEST_STAKE / room)
        wealth = np.cumsum(np.log1p(stakes * (needed - drawn)), axis=1)
        with np.errstate(over="ignore"):
            return float(np.exp(wealth).mean(0).max())

    def _estimate(self, hits: Hits) -> tuple[float, float]:
        """Estimated hits on all images, and its standard error from the random choice of the images seen."""
        known, drawn = self._draws(hits)
        totals = known + drawn
        weights = self._spread_left[: len(hits)] ** -2
        total = float(np.average(totals, weights=weights))
        return total, float(np.sqrt(np.sum((weights * (totals - total)) ** 2)) / weights.sum())


def _chances(complete: NDArray[np.bool_]) -> Numbers:
    """The expected chance of a hit on each image: counts with a beta prior, fitted by its first two moments."""
    candidates, images = complete.shape
    counts = complete.sum(0)
    mean = (counts.sum() + 0.5) / (candidates * images + 1)
    prior = 0.5
    if candidates > 1:
        within = (counts * (candidates - counts)).mean() / (candidates * (candidates - 1))
        prior = max(1e-3, within / max(mean * (1 - mean) - within, 1e-3))
    return np.asarray((counts + prior * mean) / (candidates + prior))


def _suffix_sums(values: Numbers) -> Numbers:
    """The sum of each value and all values after it."""
    return np.cumsum(values[::-1])[::-1]


class Racer(Interface):
    """An evaluator that can follow a scoring schedule."""

    protocol: SupernetProtocol

    def scores(self, archs: Sequence[Architecture], schedule: ScoringSchedule) -> Iterator[Evaluation]: ...
    def report(self, a: Architecture) -> Evaluation: ...


class RaceEvaluator(Evaluator):
    """Scores with `racer`, but stops candidates that cannot win against `complete`, the packed hits of others."""

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
    """The clocks of all races on the image set with this hash."""
    seed = int.from_bytes(hashlib.sha256(image_set.encode()).digest()[:8])
    return np.random.default_rng(seed).exponential(size=images)
