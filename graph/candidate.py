"""A candidate: one proposal of a search, with its verdict and its cost.

Archive, events, learners and the trace carry this value and its `Evaluation` as they are; none copies their fields.
"""

from __future__ import annotations

import json
from dataclasses import KW_ONLY, dataclass
from typing import Any

from supernets.space.architecture import Architecture
from supernets.space.cost import Cost

LEGAL, ILLEGAL, DUPLICATE, OVER_LIMIT = "legal", "illegal", "duplicate", "over limit"


@dataclass(frozen=True)
class Candidate:
    """A proposal; the Coordinator adds verdict, architecture and cost."""

    round: int
    index: int
    """Place within the round, from 0."""
    text: str
    """The genotype as proposed, JSON; or a piece of an answer that could not be read."""
    _: KW_ONLY
    readable: bool = True
    """Whether `text` is a genotype."""
    verdict: str | None = None
    """`legal`, `illegal`, `duplicate` or `over limit`; None before it is judged."""
    reason: str = ""
    """Why it is not legal."""
    architecture: Architecture | None = None
    """None for what is illegal or not judged."""
    cost: Cost | None = None
    """Known where `architecture` is."""

    @property
    def place(self) -> tuple[int, int]:
        """Order of candidates within a run."""
        return self.round, self.index

    @property
    def genotype(self) -> dict[str, Any] | None:
        """Genes of the architecture, else the genotype as proposed; None if neither can be read."""
        if self.architecture:
            return self.architecture.to_dict()
        try:
            return dict(json.loads(self.text)) if self.readable else None
        except (ValueError, TypeError):  # redaction took a piece out of it
            return None
