"""Is a pocket supernet worth searching? `python -m benchmarks.pocket SUPERNET [WEIGHTS]`.

Prints the figures of `docs/pocket.md`: largest and smallest sub-network, spread, and the rank correlation (Spearman) of
search and report scores.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from common.files import cache_folder
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.families.registry import get_family, supernet_family
from supernets.load import load_splits, load_supernet

SUBNETS, SEED = 200, 0


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Rank correlation; equal values share the mean of their ranks."""
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Sequence[float]) -> np.ndarray:
    array = np.asarray(values)
    return np.array([(array < value).sum() + ((array == value).sum() - 1) / 2 for value in array])


def measure(name: str, weights: Path | None) -> None:
    loaded = load_supernet(supernet_family(name), weights)
    evaluator = SupernetEvaluator(
        loaded.net,
        load_splits(loaded, None, cache_folder()),
        preprocessing=loaded.preprocessing,
        calibration=loaded.calibration,
    )
    space, rng = loaded.net.space, random.Random(SEED)
    for label, a in (("largest", space.largest()), ("smallest", space.smallest())):
        scored = evaluator.report(a)
        macs_m = space.cost(a).macs_m
        print(f"{label}: {scored.top1:.2f} ± {scored.stderr:.2f} % on report, {macs_m:.0f} M MACs", flush=True)
    archs = [space.sample(rng) for _ in range(SUBNETS)]
    searched = list(evaluator.evaluate(archs))
    search = [e.top1 for e in searched]
    report = [evaluator.report(a).top1 for a in archs]
    low, middle, high = np.percentile(report, [5, 50, 95])
    print(f"{SUBNETS} random sub-networks on report: 5th {low:.2f}, median {middle:.2f}, 95th percentile {high:.2f} %")
    print(f"spread between them: {high - low:.2f} points")
    print(f"rank correlation of search and report: {spearman(search, report):.3f}")
    costs = [space.cost(a).macs_m for a in archs]
    print(f"rank correlation of MACs and report: {spearman(costs, report):.3f}")
    column, limit = next(iter(get_family(name).default_limits.items()))
    near = [s for a, s in zip(archs, report, strict=True) if 0.9 * limit <= getattr(space.cost(a), column) <= limit]
    print(f"{len(near)} of them between 90 and 100 % of {limit:g} ({column}): {min(near):.2f} to {max(near):.2f} %")
    print(f"seconds an evaluation: {np.median([e.seconds for e in searched]):.2f} (median)")


if __name__ == "__main__":
    measure(sys.argv[1] if len(sys.argv) > 1 else "ofa", Path(sys.argv[2]) if len(sys.argv) > 2 else None)
