"""What the agents are told: the task once, and each finished round.

Plain values, filled by whoever runs the search. This module knows no space, no model and no prompt text; the words
around these values are in `prompts/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.text.architecture_table import Row


@dataclass(frozen=True)
class Briefing:
    """The task of a whole search, the same for Navigator and Generator."""

    space_text: str
    """The search space in words, with its table of dimensions."""
    limits: tuple[tuple[str, float], ...]
    """Upper limits: a cost column of `agents.text.architecture_table` and its largest allowed value."""
    target: float | None
    """Top-1 to reach, percent; None: as high as possible."""
    measure: str
    """One sentence: what top-1 is measured on, with its typical standard error."""
    schema: Callable[[int, int], dict[str, Any]]
    """`schema(low, high)`: JSON schema of `{"architectures": [...]}` with `low` to `high` genotypes."""
    reference: tuple[Row, ...]
    """Costs without scores, for scale: the smallest, the largest and some random architectures."""
    per_round: int = 16
    """Proposals asked of the Generator in a round."""
    budget: int | None = None
    """Evaluations of the whole search, for the first round's prompt; later rounds carry their own."""


@dataclass(frozen=True)
class Round:
    """What the Navigator is told of a finished round."""

    number: int
    """Counted from 1."""
    strategy: str
    """The Markdown that the Navigator wrote for it."""
    rows: tuple[Row, ...]
    """What was proposed, legal and new: verdict `evaluated` or `over limit`."""
    remarks: str
    """The rest in words, e.g. `3 illegal, 2 duplicates`; may be empty."""
    best: Row | None
    """Best within the limits so far."""
    evaluations: int
    """Spent so far."""
    budget: int
    said: tuple[str, ...] = ()
    """What the person who watches remarked on drafts of its strategy."""
    requested: int = 0
    """Architectures asked of the Generator."""
    proposed: tuple[dict[str, Any], ...] = ()
    """What the Generator answered, as far as it was legal."""
