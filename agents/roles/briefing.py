"""The information that prompts give to agents: the task, and the results of each finished round.

These are plain values that the search fills in; the prompt text around them is in `prompts/`. This module knows neither
search spaces nor models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.text.architecture_table import ArchitectureRow

_EXPLAINED = {
    "memory_mb": (
        "`memory_mb` is peak activation memory: the most megabytes of tensors that are alive at the same time when the "
        "network runs on one image in 8-bit integers, operator by operator. The block that needs most decides it "
        "alone, usually an early one with a large input, so few values occur, and there is nothing to gain from coming "
        "close to its limit: find what that block may be, then spend the other costs elsewhere."
    )
}
"""Limited cost column to the paragraph that explains it to agents."""


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """The task of a whole search, the same for Navigator and Generator."""

    space_text: str
    """Description of the search space, with its gene table."""
    limits: tuple[tuple[str, float], ...]
    """Upper limits, as pairs of a cost column and its maximum."""
    target: float | None
    """Top-1 to reach in percent; None for as high as possible."""
    measure: str
    """Sentence that says on which images top-1 is measured, with its typical standard error."""
    schema: Callable[[int, int], dict[str, Any]]
    """Function from two numbers to the JSON schema of `{"architectures": [...]}` with so many genotypes."""
    costs: tuple[str, ...]
    """Cost columns of all tables in prompts."""
    reference: tuple[ArchitectureRow, ...]
    """Rows that show the scale of costs: the smallest, the largest and some random architectures."""
    per_round: int = 16
    """Number of proposals requested from the Generator in a round."""
    budget: int | None = None
    """Evaluations of the whole search, for the first round's prompt; later rounds have their own value."""


@dataclass(frozen=True, kw_only=True)
class RoundBriefing:
    """A finished round, as prompts describe it."""

    number: int
    """Number of the round, counted from 1."""
    guidance: str
    """Markdown of the Navigator's strategy."""
    rows: tuple[ArchitectureRow, ...]
    """Legal new proposals, with the verdict `evaluated` or `over limit`."""
    remarks: str
    """Summary of the other proposals, such as `3 illegal, 2 duplicates`; may be empty."""
    best: ArchitectureRow | None
    """Best architecture within the limits so far."""
    evaluations: int
    """Evaluations spent so far."""
    budget: int
    """Evaluations of the whole search."""
    human_remarks: tuple[str, ...] = ()
    """Remarks of a reviewer on drafts of the strategy."""
    requested: int = 0
    """Number of architectures requested from the Generator."""
    proposed: tuple[dict[str, Any], ...] = ()
    """Legal genotypes of the Generator's answer."""


def limit_lines(briefing: Briefing) -> str:
    """The limits as lines that programs can read."""
    if not briefing.limits:
        return "- limit: none"
    return "\n".join(f"- limit: {column} <= {value:.10g}" for column, value in briefing.limits)


def target_line(briefing: Briefing) -> str:
    """The target as a line that programs can read."""
    return f"- target: {briefing.target:.10g}" if briefing.target is not None else "- target: none, as high as possible"


def cost_advice(briefing: Briefing) -> str:
    """The sentences that explain how cost matters for the goal."""
    if not briefing.limits:
        return "No limit is set: cost decides nothing here, and counts only as far as it goes with accuracy."
    advice = (
        "An architecture over the limit is worthless here, however accurate, and is not scored; one far below it "
        "leaves accuracy on the table. Aim at 92 to 100 percent of the limit, and ask what gives most accuracy for "
        "each unit of cost: shapes of equal cost can differ by points."
    )
    return "\n\n".join([advice, *(_EXPLAINED[column] for column, _ in briefing.limits if column in _EXPLAINED)])
