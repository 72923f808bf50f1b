"""What the archive keeps of one proposal, and what a strategy hands over, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LEGAL, ILLEGAL, DUPLICATE, OVER_LIMIT = "legal", "illegal", "duplicate", "over limit"


@dataclass(frozen=True)
class Unreadable:
    """A piece of an answer that is no genotype at all."""

    text: str
    problem: str


@dataclass(frozen=True)
class Proposed:
    """One round's proposals, before any check, in the order in which they were made."""

    genotypes: tuple[dict[str, Any], ...]
    unreadable: tuple[Unreadable, ...] = ()
    answers: int = 0
    """Answers of a language model that these came from."""
    repaired: int = 0
    """Illegal ones that a correction took the place of: part of an honest count."""
    error: str = ""
    """What was wrong with the last answer, if anything was."""


@dataclass(frozen=True)
class Proposal:
    """A row of the archive: a proposal, the Coordinator's word on it, and its score once there is one."""

    round: int
    index: int
    sent: str
    """The genotype as proposed, JSON; or the text that could not be read."""
    readable: bool
    verdict: str | None = None
    reason: str = ""
    architecture: str | None = None
    """Id of the canonical architecture."""
    genotype: dict[str, Any] | None = None
    """Genes of the canonical architecture."""
    macs_m: float | None = None
    params_m: float | None = None
    paper_macs_m: float | None = None
    latency_ms: float | None = None
    """On the device that the run names."""
    top1: float | None = None
    stderr: float | None = None
    images: int | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Proposals are ordered by it."""
        return self.round, self.index

    @property
    def costs(self) -> dict[str, float | None]:
        return {
            "macs_m": self.macs_m,
            "params_m": self.params_m,
            "paper_macs_m": self.paper_macs_m,
            "latency_ms": self.latency_ms,
        }


@dataclass(frozen=True)
class Score:
    """One evaluation as it is kept."""

    top1: float
    stderr: float
    images: int
    """On which it was measured: fewer than its split has where a race stopped it."""
    seconds: float
    hits: bytes | None = None
    """As `Evaluation.hits`."""
