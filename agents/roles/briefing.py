"""The information that prompts give to agents: the task, and the results of each finished round.

These are plain values that the search fills in; the prompt text around them is in `prompts/`. This module knows neither
search spaces nor models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agents.text.architecture_table import ArchitectureRow
from agents.text.compact_form import CompactForm
from agents.text.genes import GeneList, read_genes
from common.errors import UserError

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
    """Upper limits of the whole search, as pairs of a cost column and its maximum."""
    target: float | None
    """Top-1 to reach in percent; None for as high as possible."""
    measure: str
    """On which images top-1 is measured, to follow "measured"."""
    error_meaning: str
    """Sentence that says what the standard error of a score is."""
    schema: Callable[[int, int], dict[str, Any]]
    """Function from two numbers to the JSON schema of `{"architectures": [...]}` with so many genotypes."""
    costs: Mapping[str, int]
    """Cost columns of all tables in prompts, with their decimals."""
    cost_tables: Mapping[str, str] = field(default_factory=dict)
    """Limited cost column to the text of what each choice adds to it, for costs that add up."""
    reference: tuple[ArchitectureRow, ...] = ()
    """Rows that show a limited cost that no table has exactly: the smallest, the largest and random architectures."""
    turns: tuple[tuple[tuple[str, float], ...], ...] = ()
    """The limits that rounds take in turn, from round 1 on, the widest first; empty if all rounds have `limits`."""
    races: bool = False
    """Whether a score may be stopped before all images are seen."""
    per_round: int = 16
    """Number of proposals requested from the Generator in a round."""
    budget: int | None = None
    """Evaluations of the whole search, for the first round's prompt; later rounds have their own value."""

    def limits_of(self, round: int) -> tuple[tuple[str, float], ...]:
        """The limits that the architectures of a round, counted from 1, should keep."""
        return self.turns[(round - 1) % len(self.turns)] if self.turns else self.limits

    def keeps(self, row: ArchitectureRow, round: int) -> bool:
        """Whether the costs in a row keep the limits of a round."""
        costs = ((row.costs.get(column), limit) for column, limit in self.limits_of(round))
        return all(cost is None or cost <= limit for cost, limit in costs)

    @property
    def narrowest(self) -> tuple[tuple[str, float], ...]:
        """The limits of the round that has the most or the lowest."""
        return self.turns[-1] if self.turns else self.limits

    @property
    def aims(self) -> tuple[str, ...]:
        """Limited costs of which coming close to the limit is worth while, and can be computed."""
        return tuple(column for column in self.cost_tables if column not in _EXPLAINED)

    @cached_property
    def genes(self) -> GeneList:
        """The genes that the description of the space lists.

        Raises:
            UserError: it has no table of genes.
        """
        if (found := read_genes(self.space_text)) is None:
            raise UserError(
                "agents need the genes of a search space: expected a Markdown table `| genes | choices | meaning |` in "
                "its description (supernets/space/description.py writes one), found none"
            )
        return found

    @cached_property
    def form(self) -> CompactForm:
        """The form in which tables show architectures."""
        return CompactForm(self.genes.genes)


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
    """Summary of the other proposals, such as `3 were illegal and 2 known before`; may be empty."""
    evaluations: int
    """Evaluations spent so far."""
    budget: int
    """Evaluations of the whole search."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """Limited cost column that no table has to what single changes of the best architecture add to it."""
    score_error: float | None = None
    """Median standard error of the scores so far, in percentage points; None without scores."""
    difference_error: float | None = None
    """Standard error of a difference of two scores on the same images, as measured in this round; None if unknown."""
    human_remarks: tuple[str, ...] = ()
    """Remarks of a reviewer on drafts of the strategy."""
    requested: int = 0
    """Number of architectures requested from the Generator."""
    proposed: tuple[dict[str, Any], ...] = ()
    """Legal genotypes of the Generator's answer."""


def limit_lines(briefing: Briefing) -> str:
    """The limits of the whole search and the target as lines that programs can read; empty without any."""
    lines = _lines(briefing.limits)
    if briefing.target is not None:
        lines.append(f"- target: top1 >= {briefing.target:.10g}")
    return "\n".join(lines)


def turn_lines(briefing: Briefing, round: int) -> str:
    """The limits of a round as such lines, which count instead of the search's; empty if none has its own."""
    return "\n".join(_lines(briefing.limits_of(round)) or ["- limit: none"]) if briefing.turns else ""


def _lines(limits: tuple[tuple[str, float], ...]) -> list[str]:
    return [f"- limit: {column} <= {value:.10g}" for column, value in limits]


def explanations(briefing: Briefing) -> list[str]:
    """Paragraphs about limited costs that need one."""
    return [_EXPLAINED[column] for column, _ in briefing.narrowest if column in _EXPLAINED]
