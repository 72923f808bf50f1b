"""What the analyst's statistics say of all rounds, for a Navigator who weighs them against its own knowledge.

The fit is the analyst's, and so is its answer to the same question; here it is given away as data. It is a function of
the finished rounds alone, so the same prompt is built again whenever it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.roles.briefing import Briefing, RoundBriefing
from common.errors import UserError


def evidence(briefing: Briefing, rounds: Sequence[RoundBriefing]) -> dict[str, object]:
    """What the section `evidence` of the Navigator's prompts is filled with; empty while too little is scored.

    Raises:
        UserError: the search space has no table of genes to fit.
    """
    # numpy is needed only where statistics are asked for.
    import numpy as np

    from agents.models.analyst.effects import effect_table, region
    from agents.models.analyst.findings import FitInputs, find_optima
    from agents.models.analyst.gene_table import parse_genes
    from agents.models.analyst.prompt_reader import ParsedPrompt

    table = parse_genes(briefing.space_text)
    if table is None:
        raise UserError("--evidence needs a search space with a table of genes, found none; leave the option out")
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
