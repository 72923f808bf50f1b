"""What a search costs besides models and scoring: `python -m benchmarks.orchestration`.

Random search with an evaluator that answers at once, so that everything left is checking, recording and the state
machine. Prints milliseconds for each candidate, in quarters of the run: flat means that a growing archive is no burden.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from graph import RunFolder, Search
from graph.events import Evaluated, Event
from supernets import get_space
from tests.graph.fakes import FormulaEvaluator, random_config

EVALUATIONS = 2000


def main() -> None:
    moments: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Evaluated):
            moments.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as root:
        config = random_config(evaluations=EVALUATIONS, per_round=16)
        folder = RunFolder.create(Path(root), config)
        started = time.perf_counter()
        Search(config, get_space("ofa"), FormulaEvaluator(), {}, folder, note).run()
    moments = [started, *moments]
    quarter = EVALUATIONS // 4
    for i in range(4):
        first, last = i * quarter, (i + 1) * quarter
        print(f"candidates {first} to {last}: {1e3 * (moments[last] - moments[first]) / quarter:.2f} ms each")


if __name__ == "__main__":
    main()
