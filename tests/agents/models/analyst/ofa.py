"""Real parts for the analyst's tests: the OFA space, a briefing about it, and a search without a Coordinator."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from agents.calls.caller import Caller
from agents.calls.transcript import MemoryTranscript
from agents.models.analyst.analyst import AnalystChatModel
from agents.models.analyst.gene_table import GeneTable, Indices, parse_genes
from agents.roles.briefing import Briefing, RoundBriefing
from agents.roles.generator import Generator
from agents.roles.navigator import Navigator
from agents.text.architecture_table import ArchitectureRow
from common.errors import UserError
from supernets.families.ofa.layout import mobilenet_v3
from supernets.families.ofa.space import OFASpace
from supernets.space.architecture import Architecture

SPACE = OFASpace(name="ofa-w1.0", title="OFA", layout=mobilenet_v3(1.0), paper_multiplier=1.0)
LIMIT = 215.0
ALL_HEADINGS = ("Summary", "Key patterns", "Directions", "Constraints", "Recommended ranges", "Examples")
Truth = Callable[[Architecture], float]


def space_text() -> str:
    """The table of genes in the form that the contract of `agents` fixes."""
    lines = [
        "| genes | choices | meaning |",
        "|---|---|---|",
        "| r | 160, 176, 192, 208, 224 | side of the input image in pixels |",
        "| d[0] d[1] d[2] d[3] d[4] | 2, 3, 4 | number of blocks that act in stages 1 to 5 |",
    ]
    for gene, choices, meaning in (("ks", "3, 5, 7", "side of the kernel"), ("e", "3, 4, 6", "expansion ratio")):
        for s in range(5):
            gates = ("", "", f":d[{s}]>=3", f":d[{s}]>=4")
            labels = " ".join(f"{gene}[{4 * s + j}]{gate}" for j, gate in enumerate(gates))
            lines.append(f"| {labels} | {choices} | {meaning} of blocks 1 to 4 of stage {s + 1} |")
    return "A genotype has the keys r, d, ks, e.\n\n" + "\n".join(lines) + "\n\nOnly the first d blocks of a stage act."


def gene_table() -> GeneTable:
    table = parse_genes(space_text())
    assert table is not None
    return table


def encoded(architectures: Sequence[Architecture]) -> Indices:
    table = gene_table()
    rows = [table.encode(SPACE.genotype(a)) for a in architectures]
    return np.array([row for row in rows if row is not None])


def row(a: Architecture, verdict: str = "cost only", top1: float | None = None) -> ArchitectureRow:
    cost = SPACE.cost(a)
    stderr = None if top1 is None else 0.35
    return ArchitectureRow(genotype=SPACE.genotype(a), costs=cost.figures(), verdict=verdict, top1=top1, stderr=stderr)


def samples(count: int, seed: int) -> list[Architecture]:
    rng = random.Random(seed)
    return [SPACE.sample(rng) for _ in range(count)]


def briefing(**changes: Any) -> Briefing:
    values: dict[str, Any] = {
        "space_text": space_text(),
        "limits": (("macs_m", LIMIT),),
        "target": None,
        "measure": "on 4,000 images",
        "error_meaning": "The error of a score is that of counting on 4,000 images.",
        "schema": SPACE.json_schema,
        "costs": {"macs_m": 1, "params_m": 2},
        "reference": tuple(row(a) for a in [SPACE.smallest(), SPACE.largest(), *samples(20, 0)]),
        "budget": 100,
    }
    return Briefing(**{**values, **changes})


def navigator(seed: int = 0, **changes: Any) -> Navigator:
    return Navigator(
        caller=Caller(
            model=AnalystChatModel(seed=seed), name="analyst", role="navigator", transcript=MemoryTranscript()
        ),
        briefing=briefing(**changes),
    )


def generator(seed: int = 0, **changes: Any) -> Generator:
    return Generator(
        caller=Caller(
            model=AnalystChatModel(seed=seed), name="analyst", role="generator", transcript=MemoryTranscript()
        ),
        briefing=briefing(**changes),
    )


def check(genotype: object) -> list[str]:
    try:
        SPACE.parse(genotype)  # type: ignore[arg-type]
    except UserError as error:
        return [str(error)]
    return []


def finished(truth: Truth, architectures: list[Architecture], strategy: str, number: int = 1) -> RoundBriefing:
    """A round in which everything within the limit was scored with noise 0.35."""
    rng = random.Random(number)
    rows = tuple(
        row(a, "evaluated", truth(a) + rng.gauss(0, 0.35)) if SPACE.cost(a).macs_m <= LIMIT else row(a, "over limit")
        for a in architectures
    )
    scored = [r for r in rows if r.top1 is not None]
    return RoundBriefing(
        number=number, guidance=strategy, rows=rows, remarks="", evaluations=len(scored), budget=100, score_error=0.35
    )


def search(truth: Truth, seed: int, rounds: int) -> list[tuple[Architecture, float]]:
    """The analyst in both roles: what was scored, with its noisy score."""
    told: list[RoundBriefing] = []
    seen: set[str] = set()
    for number in range(1, rounds + 1):
        strategy = navigator(seed).write_guidance(told).text
        proposals = generator(seed).propose(number, strategy, 16, check)
        new = {a.id: a for a in map(SPACE.parse, proposals.genotypes) if a.id not in seen}
        seen |= set(new)
        told.append(finished(truth, list(new.values()), strategy, number))
    return [(SPACE.parse(r.genotype), r.top1) for told_round in told for r in told_round.rows if r.top1 is not None]
