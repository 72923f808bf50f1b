"""A short run as the events that a watcher gets: two rounds of OFA with every kind of verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from graph.candidate import Candidate
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
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from supernets.space.cost import Cost

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


def network(genes: dict[str, Any]) -> Architecture:
    return Architecture("toy", tuple((name, tuple(g) if isinstance(g, list) else g) for name, g in genes.items()))


def judged(
    index: int,
    genes: dict[str, Any],
    verdict: str = "legal",
    reason: str = "",
    macs_m: float = 300,
    params_m: float = 6,
) -> Candidate:
    cost = Cost(macs=round(1e6 * macs_m), params=round(1e6 * params_m))
    return Candidate(
        1,
        index,
        json.dumps(genes),
        readable=True,
        verdict=verdict,
        reason=reason,
        architecture=network(genes),
        cost=cost,
    )


def illegal(index: int, genes: dict[str, Any], reason: str) -> Candidate:
    return Candidate(1, index, json.dumps(genes), verdict="illegal", reason=reason)


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
    settings_shown=(
        ("navigator", "analyst", "no language model: none was named"),
        ("limit", "350 M MACs", "the default of ofa"),
        ("run folder", "runs/r1", "new"),
    ),
    notes=("Cost limits mean the full-size architecture.",),
)
PLANNED = StrategyWritten(round=1, model_name="analyst", text=STRATEGY, seconds=0.1)
PROPOSED = ProposalsMade(round=1, model_name="analyst", genotypes=GENOTYPES, unreadable=1, seconds=0.25)
VERDICTS = (
    Verdict(judged(0, GENOTYPES[0], "legal", "", 345.24, 7.941)),
    Verdict(judged(1, GENOTYPES[1], "over limit", "by 41.2 M MACs", 391.2, 11.1)),
    Verdict(illegal(2, GENOTYPES[2], "r: expected one of 160, 176, 192, 208, 224; got 200; ks[0]: got 4")),
    Verdict(judged(3, GENOTYPES[3], "duplicate", "proposed in round 1", 345.24, 7.941)),
    Verdict(judged(4, GENOTYPES[4], "legal", "", 301.7, 6.5)),
    Verdict(Candidate(1, 5, "a network", readable=False, verdict="illegal", reason="no object")),
)
FIRST = Evaluated(
    candidate=VERDICTS[0].candidate, evaluation=Evaluation(network(GENOTYPES[0]), 74.312, 0.431, 1000, 1.0, "p"),
    is_best=True, best_top1=74.312, evaluations=1, budget=100, elapsed=62.0, remaining=3700.0,
)  # fmt: skip
SECOND = replace(
    FIRST, candidate=VERDICTS[4].candidate, evaluation=Evaluation(network(GENOTYPES[4]), 73.1, 0.431, 1000, 1.0, "p"),
    is_best=False, evaluations=2, elapsed=124.0, remaining=None,
)  # fmt: skip
LEDGER = Ledger(
    requested=16,
    parsed=5,
    illegal=1,
    duplicate=1,
    over_limit=1,
    evaluated=2,
    calls=2,
    prompt_tokens=1200,
    completion_tokens=34,
    cost_usd=0.0,
    model_seconds=0.4,
    scoring_seconds=9.8,
    unreadable=1,
    images=2000,
)
ENDED = RoundEnded(round=1, ledger=LEDGER, total=LEDGER, best_top1=74.312)
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
    result=RESULT, stopped_because="budget of 100 evaluations used", diagnosis="", run="runs/r1",
    drawing="stem     [stem k3]\nstage 1  [k5 e3]─[k7 e6]", notes=("On ImageNet: --images DIR",), total=LEDGER,
)  # fmt: skip
RUN: tuple[Event, ...] = (
    STARTED, PLANNED, PROPOSED, *VERDICTS, FIRST, SECOND, ENDED, Message("tried twice", "warning"), FOUND
)  # fmt: skip
