"""Time of `SearchSpace.cost`, warm, in microseconds: `python -m benchmarks.cost`."""

from __future__ import annotations

import random
import statistics
import time

from supernets.families.registry import get_space, supernet_names

ARCHITECTURES, REPEATS = 1000, 20


def microseconds_per_cost(name: str) -> list[float]:
    space = get_space(name)
    archs = [space.sample(random.Random(seed)) for seed in range(ARCHITECTURES)]
    for a in archs:
        space.cost(a)
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        for a in archs:
            space.cost(a)
        times.append(1e6 * (time.perf_counter() - started) / len(archs))
    return times


if __name__ == "__main__":
    for name in supernet_names():
        times = microseconds_per_cost(name)
        print(f"{name:14} median {statistics.median(times):6.1f}  best {min(times):6.1f} microseconds")
