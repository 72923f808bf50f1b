"""Fits times of layers to measured times of whole networks, to make the latency table of a device.

Notable: a network's time is the sum of its layers' times, and a layer's time is a linear function of its MACs, its
output size and a constant, plus an individual term at each input size. Individual terms are regularised, so that a few
hundred networks are enough. The regularisation, and the weight of outliers, are chosen on a part of the networks;
errors are reported for networks that neither the choice nor the fit has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from supernets.families.ofa.cost import BlockCosts
from supernets.families.ofa.latency_table import Table
from supernets.families.ofa.layout import EXPANSIONS, KERNELS, RESOLUTIONS
from supernets.families.ofa.space import OFASpace
from supernets.space.architecture import Architecture
from supernets.space.cost import Operator

Matrix = NDArray[np.float64]
FOLDS, SWEEPS = 5, 5
_SHARED = 7
"""Number of columns that all layers share; they are hardly regularised."""


@dataclass(frozen=True)
class FitSettings:
    """Settings of a fit."""

    shrinkage: float
    """Regularisation of individual terms."""
    trim: float
    """Multiple of the median error above which a network has a lower weight."""


SETTINGS = tuple(FitSettings(*values) for values in product((0.01, 0.1), (0.5, 1.5, np.inf)))


@dataclass(frozen=True, kw_only=True)
class LayerFit:
    """The table of a device, and the errors of the fit on held-out networks in percent."""

    table: Table
    held_out: Matrix
    """Milliseconds of each network, predicted by a fit without it."""
    spearman: float
    median_error: float
    ninth_decile: float

    @property
    def errors(self) -> str:
        """The errors in words for the user."""
        return (
            f"errors on held-out networks have a median of {self.median_error:.1f} % (one in ten is above "
            f"{self.ninth_decile:.1f} %), and a Spearman correlation of {self.spearman:.3f}."
        )


def fit_layers(space: OFASpace, networks: Sequence[Architecture], times: Matrix) -> LayerFit:
    """The layer table of a device, from whole networks.

    Args:
        times: milliseconds of each network, shape (networks,).
    """
    from scipy.stats import spearmanr  # takes a second, and few measure a device

    columns = np.array([_network_columns(space, a) for a in networks])
    folds = np.random.default_rng(0).permutation(len(networks)) % FOLDS
    held_out = np.zeros(len(networks))
    for fold in range(FOLDS):
        out = folds == fold
        held_out[out] = columns[out] @ _chosen_fit(columns[~out], times[~out])
    errors = 100 * np.abs(held_out / times - 1)
    return LayerFit(
        table=_table(space, _chosen_fit(columns, times)),
        held_out=held_out,
        spearman=float(spearmanr(held_out, times).statistic),
        median_error=float(np.median(errors)),
        ninth_decile=float(np.quantile(errors, 0.9)),
    )


def _chosen_fit(columns: Matrix, times: Matrix) -> Matrix:
    """A fit with the settings that have the smallest error on one network in five when fitted to the others."""
    out = np.random.default_rng(1).permutation(len(times)) % FOLDS == 0

    def error(settings: FitSettings) -> float:
        fitted = columns[out] @ _fit(columns[~out], times[~out], settings)
        return float(np.median(np.abs(fitted / times[out] - 1)))

    return _fit(columns, times, min(SETTINGS, key=error))


def _fit(columns: Matrix, times: Matrix, settings: FitSettings) -> Matrix:
    """Least squares of relative errors with individual ridge penalties; outliers have lower weights."""
    fitted: Matrix = np.zeros(columns.shape[1])
    trust = np.ones(len(times))
    for _ in range(SWEEPS):
        weighted = columns * (trust / times)[:, None]
        gram = weighted.T @ weighted
        penalty = settings.shrinkage * (np.diag(gram) + 1e-9 * gram.max())
        penalty[:_SHARED] *= 1e-4
        fitted[:] = np.linalg.solve(gram + np.diag(penalty), weighted.T @ trust)
        errors = np.abs(columns @ fitted / times - 1)
        trust = np.sqrt(np.minimum(1, settings.trim * float(np.median(errors)) / np.maximum(errors, 1e-9)))
    return fitted


# Columns: those of a network are the sum of its layers' columns.


def _network_columns(space: OFASpace, a: Architecture) -> Matrix:
    cells = [(i, KERNELS.index(a["ks"][i]), EXPANSIONS.index(a["e"][i])) for i in space.active_blocks(a)]
    others, blocks = _layer_columns(space, a["r"])
    columns: Matrix = others + sum(blocks[cell] for cell in cells)
    return columns


@cache
def _layer_columns(space: OFASpace, r: int) -> tuple[Matrix, Matrix]:
    """Columns of all fixed layers, (columns,), and of each block choice, (blocks, kernels, expansions, columns)."""
    costs, area = BlockCosts(space.layout, None), (r / max(RESOLUTIONS)) ** 2
    choices = list(product(range(space.layout.blocks), KERNELS, EXPANSIONS))
    shape = (space.layout.blocks, len(KERNELS), len(EXPANSIONS))
    counts = np.array([_counts(costs.block(r, choice)) for choice in choices])
    ones, own = np.ones((len(choices), 1)), np.eye(len(choices))
    blocks = np.hstack([np.zeros((len(choices), 3)), ones, area * ones, counts, own, area * own])
    others = np.zeros(blocks.shape[1])
    others[:3] = 1, r / max(RESOLUTIONS), area
    others[5:7] = _counts([*costs.stem(r), *costs.head(r)])
    return others, blocks.reshape(*shape, -1)


def _counts(operators: list[Operator]) -> tuple[float, float]:
    """Millions of MACs and of output values."""
    return sum(op.macs for op in operators) / 1e6, sum(op.channels * op.side**2 for op in operators) / 1e6


def _table(space: OFASpace, fitted: Matrix) -> Table:
    table = np.zeros((len(RESOLUTIONS), space.layout.blocks + 1, len(KERNELS), len(EXPANSIONS)))
    for at, r in enumerate(RESOLUTIONS):
        others, blocks = _layer_columns(space, r)
        table[at, :-1], table[at, -1, 0, 0] = blocks @ fitted, others @ fitted
    return table
