"""The ledger: what a round or a whole run requested, received and spent, counted from the archive.

`parsed` counts proposals that could be read as genotypes. `illegal` counts those that the space does not contain, also
if a later answer corrected them, and the pieces that could not be read. Scoring seconds are those of the search split.
"""

from __future__ import annotations

from graph.archive.archive import Archive
from graph.candidate import DUPLICATE, ILLEGAL, OVER_LIMIT
from graph.events import Ledger

_COUNTS = """
SELECT TOTAL(readable), TOTAL(NOT readable), TOTAL(verdict = ?), TOTAL(verdict = ?), TOTAL(verdict = ?) FROM proposals
WHERE round BETWEEN ? AND ?
"""
_CALLS = """
SELECT COUNT(*), TOTAL(prompt_tokens), TOTAL(completion_tokens), COUNT(cost_usd), TOTAL(cost_usd), TOTAL(seconds),
       TOTAL(estimated), TOTAL(cached)
FROM calls WHERE round BETWEEN ? AND ?
"""
_FORMS = """
SELECT form, COUNT(*), TOTAL(NOT fits) FROM calls WHERE fits IS NOT NULL AND NOT cached AND round BETWEEN ? AND ?
GROUP BY form
"""
_SCORES = (
    "SELECT COUNT(*), TOTAL(seconds), TOTAL(images) FROM evaluations WHERE split = 'search' AND round BETWEEN ? AND ?"
)
_ROUNDS = "SELECT TOTAL(requested), TOTAL(repaired) FROM rounds WHERE round BETWEEN ? AND ?"


def ledger(archive: Archive, first: int, last: int) -> Ledger:
    """The sum over the rounds from `first` to `last`."""
    execute = archive.connection.execute
    rounds = (first, last)
    counts = execute(_COUNTS, (ILLEGAL, DUPLICATE, OVER_LIMIT, *rounds)).fetchone()
    parsed, unreadable, illegal, duplicate, over_limit = counts
    calls, prompt, completion, priced, cost, model_seconds, estimated, cached = execute(_CALLS, rounds).fetchone()
    evaluated, scoring_seconds, images = execute(_SCORES, rounds).fetchone()
    requested, repaired = execute(_ROUNDS, rounds).fetchone()
    return Ledger(
        requested=int(requested),
        parsed=int(parsed + repaired),
        illegal=int(illegal + repaired),
        duplicate=int(duplicate),
        over_limit=int(over_limit),
        evaluated=evaluated,
        calls=calls,
        prompt_tokens=int(prompt),
        completion_tokens=int(completion),
        cost_usd=cost if priced == calls else None,
        model_seconds=model_seconds,
        scoring_seconds=scoring_seconds,
        unreadable=int(unreadable),
        estimated_calls=int(estimated),
        cached_calls=int(cached),
        images=int(images),
        forms={form: (answers, int(broken)) for form, answers, broken in execute(_FORMS, rounds)},
    )


def run_ledger(archive: Archive) -> Ledger:
    """The sum over a whole run, with the calls of a round that was not begun."""
    return ledger(archive, 1, archive.last_round + 1)
