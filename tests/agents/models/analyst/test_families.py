"""The analyst on the descriptions of all families, as their spaces write them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from agents.calls.caller import Caller
from agents.calls.transcript import MemoryTranscript
from agents.models.analyst.analyst import AnalystChatModel
from agents.models.analyst.gene_table import parse_genes
from agents.roles.briefing import Briefing, RoundBriefing
from agents.roles.generator import Generator
from agents.roles.navigator import Navigator
from agents.text.architecture_table import ArchitectureRow
from supernets.families.autoformer.family import FAMILIES as AUTOFORMER
from supernets.families.registry import get_space, supernet_names
from supernets.families.spos.family import FAMILIES as SPOS
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

SPOS_SPACE, AUTOFORMER_SPACE = SPOS["spos"].space(), AUTOFORMER["autoformer"].space()
SPOS_LIMIT, AUTOFORMER_LIMIT = ("macs_m", 330.0), ("params_m", 6.0)


@pytest.mark.parametrize("name", supernet_names())
def test_every_dimension_is_read_and_architectures_survive(name: str) -> None:
    space = get_space(name)
    table = parse_genes(space.describe())
    assert table is not None
    assert {gene.label: (gene.choices, gene.numeric) for gene in table.genes} == {
        d.label: (d.choices, d.ordered and not isinstance(d.choices[0], str)) for d in space.dimensions
    }
    rng = random.Random(0)
    for a in [space.smallest(), space.largest(), *(space.sample(rng) for _ in range(50))]:
        x = table.encode(space.genotype(a))
        assert x is not None
        assert space.parse(table.decode(x)) == a
        acting = {gene.label for gene, acts in zip(table.genes, table.acting(x[None])[0], strict=True) if acts}
        assert acting == space.active(a)


def agents(space: SearchSpace, *limits: tuple[str, float]) -> tuple[Navigator, Generator]:
    rng = random.Random(0)
    known = [space.smallest(), space.largest(), *(space.sample(rng) for _ in range(20))]
    reference = tuple(row(space, a) for a in known)
    briefing = Briefing(
        space_text=space.describe(),
        limits=limits,
        target=None,
        measure="on images",
        error_meaning="",
        schema=space.json_schema,
        costs={"macs_m": 1, "params_m": 2},
        reference=reference,
        budget=100,
    )
    navigator, generator = (
        Caller(model=AnalystChatModel(seed=0), name="analyst", role=role, transcript=MemoryTranscript())
        for role in ("navigator", "generator")
    )
    return Navigator(caller=navigator, briefing=briefing), Generator(caller=generator, briefing=briefing)


def row(space: SearchSpace, a: Architecture, top1: float | None = None) -> ArchitectureRow:
    cost, verdict = space.cost(a), "cost only" if top1 is None else "evaluated"
    return ArchitectureRow(genotype=space.genotype(a), costs=cost.figures(), verdict=verdict, top1=top1, stderr=0.3)


def scored(
    space: SearchSpace, limit: tuple[str, float], truth: Callable[[Architecture], float], count: int
) -> RoundBriefing:
    """A round of architectures within the limit, with a noise of 0.3 points."""
    rng, rows = random.Random(1), list[ArchitectureRow]()
    while len(rows) < count:
        a = space.sample(rng)
        if getattr(space.cost(a), limit[0]) <= limit[1]:
            rows.append(row(space, a, truth(a) + rng.gauss(0, 0.3)))
    return RoundBriefing(
        number=1,
        guidance="## Summary\nVariety.",
        rows=tuple(rows),
        remarks="",
        evaluations=count,
        budget=100,
        score_error=0.3,
    )


def propose(space: SearchSpace, generator: Generator, strategy: str) -> list[Architecture]:
    def check(genotype: Any) -> list[str]:
        space.parse(genotype)
        return []

    candidates = generator.propose(2, strategy, 16, check).genotypes
    return [space.parse(genotype) for genotype in candidates]


@pytest.mark.parametrize(("space", "limit"), [(SPOS_SPACE, SPOS_LIMIT), (AUTOFORMER_SPACE, AUTOFORMER_LIMIT)])
def test_first_proposals_are_varied_and_near_the_limit(space: SearchSpace, limit: tuple[str, float]) -> None:
    navigator, generator = agents(space, limit)
    proposed = propose(space, generator, navigator.write_guidance([]).text)
    shares = [getattr(space.cost(a), limit[0]) / limit[1] for a in proposed]
    assert len({a.id for a in proposed}) == 16
    assert sum(0.9 < share < 1.04 for share in shares) >= 13


def test_unordered_choices_are_told_apart_by_name() -> None:
    def truth(a: Architecture) -> float:
        return float(70 + 0.4 * sum(choice == 1 for choice in a["blocks"][9:16]))

    navigator, generator = agents(SPOS_SPACE, SPOS_LIMIT)
    strategy = navigator.write_guidance([scored(SPOS_SPACE, SPOS_LIMIT, truth, 60)]).text
    patterns = strategy.split("## Key patterns")[1].split("## Directions")[0]
    claim = next(line for line in patterns.splitlines() if "blocks[9] to blocks[15]" in line)
    assert "1 did better than " in claim
    assert " over " not in patterns
    assert "total" not in patterns
    planted = [sum(choice == 1 for choice in a["blocks"][9:16]) for a in propose(SPOS_SPACE, generator, strategy)]
    assert sum(planted) / len(planted) > 5


def test_a_limit_on_parameters_is_kept_and_told_with_digits_that_matter() -> None:
    def truth(a: Architecture) -> float:
        return float(70 + 0.3 * sum(heads == 4 for heads in a["num_heads"][: a["depth"]]))

    navigator, generator = agents(AUTOFORMER_SPACE, AUTOFORMER_LIMIT)
    strategy = navigator.write_guidance([scored(AUTOFORMER_SPACE, AUTOFORMER_LIMIT, truth, 60)]).text
    constraints = strategy.split("## Constraints")[1].split("## Recommended")[0]
    assert "params_m at most 6." in constraints
    assert "to 5.9" in constraints
    proposed = propose(AUTOFORMER_SPACE, generator, strategy)
    assert sum(0.95 < AUTOFORMER_SPACE.cost(a).params_m / 6 <= 1 for a in proposed) >= 15
    directions = strategy.split("## Directions")[1].split("## Constraints")[0]
    assert "favour 4 (" in next(line for line in directions.splitlines() if "num_heads[0] to " in line)


def test_weights_of_a_language_model_are_read_however_it_spells_numbers() -> None:
    strategy = '## Summary\nWide.\n```json\n{"prefer": {"mlp_ratio[0]": {"4": 1, "3.50": 0}}}\n```'
    _, generator = agents(AUTOFORMER_SPACE, AUTOFORMER_LIMIT)
    assert {a["mlp_ratio"][0] for a in propose(AUTOFORMER_SPACE, generator, strategy)} == {4.0}
