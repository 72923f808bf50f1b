"""The analyst's statistics on all rounds, as data for a language model in the role of the Navigator.

They depend on the finished rounds alone, so the same prompt can be rebuilt at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.roles.briefing import Briefing, RoundBriefing


@dataclass(frozen=True)
class Evidence:
    """The text of the statistics."""

    effects: str
    """A line for each gene whose choices have known effects."""
    region: str
    """A line for each gene of which the fit excludes choices; may be empty."""


def evidence(briefing: Briefing, rounds: Sequence[RoundBriefing]) -> Evidence | None:
    """The statistics of all rounds; None if too few architectures are scored."""
    # numpy is imported only when statistics are requested.
    import numpy as np

    from agents.models.analyst.cost_table_reader import read_table
    from agents.models.analyst.effects import cost_slope, gene_effects, gene_region
    from agents.models.analyst.findings import FitInputs, find_optima
    from agents.models.analyst.gene_table import GeneTable
    from agents.models.analyst.prompt_reader import ParsedPrompt

    table = GeneTable(briefing.genes.genes, briefing.genes.meanings)
    if not rounds:
        return None
    prompt = ParsedPrompt(
        role="navigator",
        round=len(rounds) + 1,
        wanted=0,
        limits=briefing.limits_of(len(rounds) + 1),
        evaluations=rounds[-1].evaluations,
        budget=rounds[-1].budget,
        table=table,
        rows=(*briefing.reference, *(row for finished in rounds for row in finished.rows)),
        cost_tables={
            column: cost
            for column, text in briefing.cost_tables.items()
            if (cost := read_table(text, table)) is not None
        },
        score_error=rounds[-1].score_error,
        block={},
        proposed=(),
    )
    found = find_optima(FitInputs.of(prompt), np.random.default_rng(len(rounds)))
    if found is None:
        return None
    effects = [cost_slope(found), gene_effects(found)]
    return Evidence("\n".join(filter(None, effects)), gene_region(found))
