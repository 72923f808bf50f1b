"""A short run as the events that a watcher gets: two rounds of OFA with every kind of verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graph.events import (
    Evaluated,
    Event,
    Ledger,
    Message,
    ProposalsMade,
    RoundEnded,
    RunEnded,
    RunStarted,
    StrategyWritten,
    Verdict,
)

STRATEGY = """# Strategy

## Key patterns
- 7x7 kernels in stage 4: **+0.4 ± 0.2** over 3x3,
  31 against 28 candidates
- `d[0] = 2` saves MACs

| gene | best |
|---|---|
| r | 208 |

```json
{"prefer": {"r": {"208": 2}, "ks[7]": {"7": 3}}, "examples": [{"r": 208}]}
```
"""


def genotype(r: int, d: list[int], k: int = 3) -> dict[str, Any]:
    return {"r": r, "d": d, "ks": [k, 3, 5, 7] * 5, "e": [6, 3, 3, 4] * 5}


GENOTYPES = (
    genotype(208, [2, 3, 4, 4, 3]),
    genotype(224, [4, 4, 4, 4, 4]),
    genotype(200, [2, 3, 4, 4, 3], k=4),
    genotype(208, [2, 3, 4, 4, 3]),
    genotype(176, [3, 3, 3, 3, 3]),
)
STARTED = RunStarted(
    run="runs/r1",
    supernet="ofa",
    strategy="collm",
    evaluations=100,
    done=0,
    facts=(
        ("navigator", "analyst", "no language model: none was named"),
        ("limit", "350 M MACs", "the default of ofa"),
        ("run folder", "runs/r1", "new"),
    ),
    notes=("Cost limits mean the full-size architecture.",),
)
PLANNED = StrategyWritten(1, "analyst", STRATEGY, 0.1)
PROPOSED = ProposalsMade(1, "analyst", GENOTYPES, 1, 0.25)
VERDICTS = (
    Verdict(1, 0, GENOTYPES[0], "a", "legal", "", 345.24, 7.941, 350.0),
    Verdict(1, 1, GENOTYPES[1], "b", "over limit", "by 41.2 M MACs", 391.2, 11.1, 400.0),
    Verdict(1, 2, GENOTYPES[2], None, "illegal", "r: expected one of 160, 176, 192, 208, 224; got 200; ks[0]: got 4"),
    Verdict(1, 3, GENOTYPES[3], "a", "duplicate", "proposed in round 1", 345.24, 7.941, 350.0),
    Verdict(1, 4, GENOTYPES[4], "c", "legal", "", 301.7, 6.5, 310.0),
    Verdict(1, 5, None, None, "illegal", "no object"),
)
FIRST = Evaluated(
    1, 0, "a", GENOTYPES[0], 345.24, 7.941, 74.312, 0.431, 1.0, 74.312, True, 1, 100, 62.0, 3700.0
)  # fmt: skip
SECOND = replace(FIRST, index=4, id="c", genotype=GENOTYPES[4], macs_m=301.7, params_m=6.5, top1=73.1, is_best=False,
                 evaluations=2, elapsed=124.0, remaining=None)  # fmt: skip
LEDGER = Ledger(16, 5, 1, 1, 1, 2, 2, 1200, 34, 0.0, 0.4, 9.8, 1, images=2000)
ENDED = RoundEnded(1, LEDGER, LEDGER, 74.312)
RESULT = {
    "architecture": GENOTYPES[0],
    "protocol": {"id": "0123456789ab", "search_images": 1000},
    "macs_m": 345.24,
    "latency_ms": None,
    "params_m": 7.941,
    "search_top1": 74.312,
    "search_stderr": 0.431,
    "report_top1": 73.9,
    "report_stderr": 0.44,
}
FOUND = RunEnded(
    RESULT, "budget of 100 evaluations used", "", "runs/r1", "stem     [stem k3]\nstage 1  [k5 e3]─[k7 e6]",
    ("On ImageNet: --images DIR",), LEDGER,
)  # fmt: skip
RUN: tuple[Event, ...] = (
    STARTED, PLANNED, PROPOSED, *VERDICTS, FIRST, SECOND, ENDED, Message("tried twice", "warning"), FOUND
)  # fmt: skip
