"""Make the bundled measurements: `python -m supernets.ofa.pack_measured measured_w1.0.jsonl measured.npz`.

The file has a network a line, with its genes and its top-1. Five-fold errors of the predictor are printed, with their
spread over five ways to part the networks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from scipy.stats import kendalltau

from supernets.ofa import predictor
from supernets.ofa.predictor import Matrix, Predictor, measured
from supernets.ofa.space import OFASpace
from supernets.registry import get_space
from supernets.space import Architecture

FOLDS, PARTINGS = 5, 5


def pack(source: Path, target: Path) -> None:
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    assert all(row["r"] == predictor.SIDE for row in rows)
    genes = {gene: np.array([row[gene] for row in rows], dtype=np.uint8) for gene in ("d", "ks", "e")}
    np.savez_compressed(target, top1=np.round([1000 * row["top1"] for row in rows]).astype(np.int32), **genes)  # type: ignore[arg-type]


def errors() -> None:
    space = get_space("ofa-w1.0")
    assert isinstance(space, OFASpace)
    networks, top1 = measured(space)
    rows = np.array([_errors(space, networks, top1, seed) for seed in range(PARTINGS)])
    for name, column in zip(("MAE", "Kendall tau", "tau, top 5 %", "within 2 standard errors"), rows.T, strict=True):
        print(f"{name}: {column.mean():.4f} ± {column.std(ddof=1):.4f}")


def _errors(space: OFASpace, networks: list[Architecture], top1: Matrix, seed: int) -> tuple[float, ...]:
    folds = np.random.default_rng(seed).permutation(len(networks)) % FOLDS
    found, error = np.zeros(len(top1)), np.zeros(len(top1))
    for fold in range(FOLDS):
        known = [a for a, at in zip(networks, folds, strict=True) if at != fold]
        held_out = [a for a, at in zip(networks, folds, strict=True) if at == fold]
        found[folds == fold], error[folds == fold] = Predictor(space, known, top1[folds != fold]).predict(held_out)
    best = top1 >= np.quantile(top1, 0.95)
    misses = np.abs(found - top1)
    taus = [float(kendalltau(found[some], top1[some]).statistic) for some in (slice(None), best)]
    return float(misses.mean()), *taus, float(np.mean(misses < 2 * error))


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:3]))
    errors()
