"""`python -m benchmarks.scaling measure [PART...]`, or `draw`: see `docs/scaling.md`.

Parts are archive, search, scoring, duplicates and rounds; without any, all of them: half an hour on two cores, of which
the first three want to have them alone. What a part measured is kept in `measured.json` beside this file, with the
machine and the date; `draw` simulates from there, writes the pictures and prints the figures.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

# As the program does; read when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

PREDICTED = "ofa-w1.0-predicted"
WRITERS = (1, 2, 4, 8, 16, 32, 64)
PACES = (100, 400, 1600, 3200)
"""Scores a second that 64 writers together try to write into one file."""


def archive() -> Any:
    from benchmarks.scaling.archive import Load, measure

    rows = {name: [measure(Load(n, shared)) for n in WRITERS] for name, shared in (("own", False), ("shared", True))}
    paced = [{"tried": pace, **measure(Load(max(WRITERS), True, pace))} for pace in PACES]
    return {**rows, "paced": paced}


def search() -> Any:
    from benchmarks.scaling.measure import measure_search

    return measure_search()


def scoring() -> Any:
    from benchmarks.scaling.measure import measure_scoring

    return measure_scoring()


def duplicates() -> Any:
    from benchmarks.scaling import searches

    return [searches.duplicates(supernet, 100) for supernet in ("nasbench201", PREDICTED)]


def rounds() -> Any:
    from benchmarks.scaling import searches

    return [searches.rounds(PREDICTED, 1024, per_round, seeds=5) for per_round in (16, 64, 256, 512)]


PARTS: dict[str, Callable[[], Any]] = {part.__name__: part for part in (archive, search, scoring, duplicates, rounds)}


def main(command: str, *parts: str) -> None:
    from benchmarks.scaling.record import note

    if command == "draw":
        from benchmarks.scaling.picture import draw

        draw()
        return
    for part in parts or PARTS:
        print(part, note(part, PARTS[part]()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
