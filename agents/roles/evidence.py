"""The analyst's statistics on all rounds, as data for a language model in the role of the Navigator.

They depend on the finished rounds alone, so the same prompt can be rebuilt at any time.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.roles.briefing import Briefing, RoundBriefing
from common.errors import UserError


def evidence(briefing: Briefing, rounds: Sequence[RoundBriefing]) -> dict[str, object]:
    """The values for the section `evidence` of the Navigator's prompts; empty if too few architectures are scored.

    Raises:
        UserError: the search space has no gene table.
    """
    # numpy is imported only when statistics are requested.
    import numpy as np

    from agents.models.analyst.effects import effect_table, region
    from agents.models.analyst.findings import FitInputs, find_optima
    from agents.models.analyst.gene_table import parse_genes
    from agents.models.analyst.prompt_reader import ParsedPrompt

    table = parse_genes(briefing.space_text)
    if table is None:
        raise UserError("--evidence: expected a search space with a gene table, got one without; omit the option")
    if not rounds:
        return {}
    prompt = ParsedPrompt(
        role="navigator",
        round=len(rounds) + 1,
        wanted=0,
        limits=briefing.limits,
        evaluations=rounds[-1].evaluations,
        budget=rounds[-1].budget,
        table=table,
        rows=(*briefing.reference, *(row for finished in rounds for row in finished.rows)),
        block={},
        proposed=(),
    )
    found = find_optima(FitInputs.of(prompt), np.random.default_rng(len(rounds)))
    if found is None:
        return {}
    return {"effects": effect_table(found), "region": region(found), "optima": len(found.optima)}
