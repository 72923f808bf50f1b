"""What happens in a run, as values: the Coordinator and its strategies emit them, trace and JSON output show them.

Notable: an event carries everything a reader needs, in JSON types, so that a sink needs neither the archive nor a
supernet. Events are for watching; the archive is the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class RunStarted:
    """Opening lines. `facts` are (label, value, reason) in the order to show; `notes` are sentences under them."""

    run: str
    supernet: str
    strategy: str
    evaluations: int
    done: int
    """Evaluations already in the archive: more than 0 when a run is resumed."""
    facts: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...] = ()
    predicted: bool = False
    """Whether scores are a model's guess, with nothing measured."""


@dataclass(frozen=True)
class StrategyWritten:
    """The Navigator's strategy of a round, as Markdown."""

    round: int
    speaker: str
    text: str
    seconds: float


@dataclass(frozen=True)
class Writing:
    """A piece of what a model is writing in a role, as it comes; for those who watch, and part of no record."""

    role: str
    text: str


@dataclass(frozen=True)
class Steered:
    """What a person said to the strategy of a round: `kind` is `edit` (`text` takes its place) or `remark`."""

    round: int
    kind: str
    text: str


@dataclass(frozen=True)
class ProposalsMade:
    """What the Generator (or a classical strategy) proposed, before any check."""

    round: int
    speaker: str
    genotypes: tuple[dict[str, Any], ...]
    """Only those that could be read as architectures of the space's form."""
    unreadable: int
    seconds: float


@dataclass(frozen=True)
class Verdict:
    """The Coordinator's word on one proposal.

    `verdict` is one of `legal`, `illegal`, `duplicate`, `over limit`; `reason` says why it is not legal.
    """

    round: int
    index: int
    genotype: dict[str, Any] | None
    id: str | None
    verdict: str
    reason: str = ""
    macs_m: float | None = None
    params_m: float | None = None
    paper_macs_m: float | None = None
    latency_ms: float | None = None


@dataclass(frozen=True)
class Evaluated:
    """One score, as it arrives."""

    round: int
    index: int
    id: str
    genotype: dict[str, Any]
    macs_m: float
    params_m: float
    top1: float
    stderr: float
    seconds: float
    best_top1: float
    is_best: bool
    evaluations: int
    budget: int
    elapsed: float
    remaining: float | None
    """Seconds left at the present rate, None before anything is known."""
    latency_ms: float | None = None
    images: int = 0
    """On which it was measured."""
    stopped: bool = False
    """Whether a race was lost before all images were seen; `top1` is an estimate then."""


@dataclass(frozen=True)
class Ledger:
    """Counts of one round, or of a whole run when added up."""

    requested: int = 0
    parsed: int = 0
    illegal: int = 0
    duplicate: int = 0
    over_limit: int = 0
    evaluated: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    """None as soon as one call's price is unknown."""
    model_seconds: float = 0.0
    scoring_seconds: float = 0.0
    unreadable: int = 0
    """Pieces of answers that were no genotypes: counted as illegal, not as parsed."""
    estimated_calls: int = 0
    """Calls whose tokens the server did not tell, and were counted here."""
    cached_calls: int = 0
    """Calls that an earlier run had answered."""
    images: int = 0
    """Of all scores together; a race takes fewer than candidates times images."""

    @property
    def illegal_rate(self) -> float:
        """Share of everything sent that was illegal, 0 to 1; 0 when nothing was sent."""
        return self.illegal / max(1, self.parsed + self.unreadable)

    def __add__(self, other: Ledger) -> Ledger:
        sums = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        known = self.cost_usd is not None and other.cost_usd is not None
        return Ledger(**sums, cost_usd=(self.cost_usd or 0) + (other.cost_usd or 0) if known else None)


_COUNTS = tuple(each.name for each in fields(Ledger) if each.name != "cost_usd")


@dataclass(frozen=True)
class RoundEnded:
    round: int
    ledger: Ledger
    total: Ledger
    best_top1: float | None


@dataclass(frozen=True)
class RunEnded:
    """The result; `result` is what `result.json` holds, or None when nothing legal was found."""

    result: dict[str, Any] | None
    stopped_because: str
    diagnosis: str
    run: str
    drawing: str = ""
    """The best architecture as a picture in text, one line a stage."""
    notes: tuple[str, ...] = field(default=())
    total: Ledger | None = None
    """Of all rounds, also of one that the budget broke off."""


@dataclass(frozen=True)
class Message:
    """Anything else a watcher should read: `level` is `info` or `warning`."""

    text: str
    level: str = "info"


Event = (
    RunStarted
    | StrategyWritten
    | Writing
    | Steered
    | ProposalsMade
    | Verdict
    | Evaluated
    | RoundEnded
    | RunEnded
    | Message
)
Sink = Callable[[Event], None]
