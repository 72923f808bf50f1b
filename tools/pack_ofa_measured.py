"""Make the bundled measurements: `python -m tools.pack_ofa_measured measured_w1.0.jsonl measured.npz`.

Each line of the file has the genes and the top-1 of a network. It prints the five-fold errors of the predictor, with
their spread over five random partitions, and the covariances chosen, each on the other folds alone.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

from supernets.families.ofa import accuracy_predictor as predictor
from supernets.families.ofa.accuracy_predictor import Covariance, Matrix, Predictor, measured_networks
from supernets.families.ofa.space import OFASpace
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture

FOLDS, PARTITIONS = 5, 5
COVARIANCES = [
    Covariance(linear=linear, smooth=1.0, coarse=coarse, spread=spread)
    for linear, coarse, spread in product((0.25, 1), (0, 1), (8, 12, 20))
]


def pack(source: Path, target: Path) -> None:
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    assert all(row["r"] == predictor.SIDE for row in rows)
    genes = {gene: np.array([row[gene] for row in rows], dtype=np.uint8) for gene in ("d", "ks", "e")}
    np.savez_compressed(target, top1=np.round([1000 * row["top1"] for row in rows]).astype(np.int32), **genes)  # type: ignore[arg-type]


def errors() -> None:
    space = get_space("ofa-w1.0")
    assert isinstance(space, OFASpace)
    networks, top1 = measured_networks(space)
    rows = np.array([_errors(space, networks, top1, seed) for seed in range(PARTITIONS)])
    for name, column in zip(("MAE", "Kendall tau", "tau, top 5 %", "within 2 standard errors"), rows.T, strict=True):
        print(f"{name}: {column.mean():.4f} ± {column.std(ddof=1):.4f}")
    print("on all:", _best_kernel(space, networks, top1))


def _errors(space: OFASpace, networks: list[Architecture], top1: Matrix, seed: int) -> tuple[float, ...]:
    folds = np.random.default_rng(seed).permutation(len(networks)) % FOLDS
    found, error = np.zeros(len(top1)), np.zeros(len(top1))
    for fold in range(FOLDS):
        known, held_out = _parted(networks, folds == fold)
        kernel = _best_kernel(space, known, top1[folds != fold])
        predictor = Predictor(space=space, networks=known, top1=top1[folds != fold], kernel=kernel)
        found[folds == fold], error[folds == fold] = predictor.predict(held_out)
    best = top1 >= np.quantile(top1, 0.95)
    misses = np.abs(found - top1)
    taus = [float(kendalltau(found[some], top1[some]).statistic) for some in (slice(None), best)]
    return float(misses.mean()), *taus, float(np.mean(misses < 2 * error))


def _best_kernel(space: OFASpace, networks: list[Architecture], top1: Matrix) -> Covariance:
    """That with the least mean error on one network in five."""
    out = np.random.default_rng(1).permutation(len(networks)) % FOLDS == 0
    known, held_out = _parted(networks, out)

    def error(kernel: Covariance) -> float:
        found, _ = Predictor(space=space, networks=known, top1=top1[~out], kernel=kernel).predict(held_out)
        return float(np.abs(found - top1[out]).mean())

    return min(COVARIANCES, key=error)


def _parted(networks: list[Architecture], out: NDArray[np.bool_]) -> tuple[list[Architecture], list[Architecture]]:
    """Those that are not `out`, and those that are."""
    known = [a for a, is_out in zip(networks, out, strict=True) if not is_out]
    return known, [a for a, is_out in zip(networks, out, strict=True) if is_out]


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:3]))
    errors()
