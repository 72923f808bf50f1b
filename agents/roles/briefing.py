"""What the agents are told: the task once, and each finished round.

Plain values, filled by whoever runs the search. This module knows no space, no model and no prompt text; the words
around these values are in `prompts/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.text.architecture_table import ArchitectureRow


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """The task of a whole search, the same for Navigator and Generator."""

    space_text: str
    """The search space in words, with its table of dimensions."""
    limits: tuple[tuple[str, float], ...]
    """Upper limits: a cost column and its largest allowed value."""
    target: float | None
    """Top-1 to reach, percent; None: as high as possible."""
    measure: str
    """One sentence: what top-1 is measured on, with its typical standard error."""
    schema: Callable[[int, int], dict[str, Any]]
    """`schema(low, high)`: JSON schema of `{"architectures": [...]}` with `low` to `high` genotypes."""
    costs: tuple[str, ...]
    """Cost columns of every table."""
    reference: tuple[ArchitectureRow, ...]
    """Costs without scores, for scale: the smallest, the largest and some random architectures."""
    per_round: int = 16
    """Proposals asked of the Generator in a round."""
    budget: int | None = None
    """Evaluations of the whole search, for the first round's prompt; later rounds carry their own."""


@dataclass(frozen=True, kw_only=True)
class RoundBriefing:
    """What the Navigator is told of a finished round."""

    number: int
    """Counted from 1."""
    strategy: str
    """The Markdown that the Navigator wrote for it."""
    rows: tuple[ArchitectureRow, ...]
    """What was proposed, legal and new: verdict `evaluated` or `over limit`."""
    remarks: str
    """The rest in words, e.g. `3 illegal, 2 duplicates`; may be empty."""
    best: ArchitectureRow | None
    """Best within the limits so far."""
    evaluations: int
    """Spent so far."""
    budget: int
    human_remarks: tuple[str, ...] = ()
    """What the person who watches remarked on drafts of its strategy."""
    requested: int = 0
    """Architectures asked of the Generator."""
    proposed: tuple[dict[str, Any], ...] = ()
    """What the Generator answered, as far as it was legal."""


def limit_lines(briefing: Briefing) -> str:
    if not briefing.limits:
        return "- limit: none"
    return "\n".join(f"- limit: {column} <= {value:.10g}" for column, value in briefing.limits)


def target_line(briefing: Briefing) -> str:
    return f"- target: {briefing.target:.10g}" if briefing.target is not None else "- target: none, as high as possible"


def cost_advice(briefing: Briefing) -> str:
    """What cost has to do with the goal."""
    if not briefing.limits:
        return "No limit is set: cost decides nothing here, and counts only as far as it goes with accuracy."
    return (
        "An architecture over the limit is worthless here, however accurate, and is not scored; one far below it "
        "leaves accuracy on the table. Aim at 92 to 100 percent of the limit, and ask what gives most accuracy for "
        "each unit of cost: shapes of equal cost can differ by points."
    )
