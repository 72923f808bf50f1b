"""What happens in a run, as values: the Coordinator and its strategies emit them, trace and JSON output show them.

Notable: an event carries everything a reader needs, so that a sink needs neither the archive nor a supernet. Events are
for watching; the archive is the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from graph.candidate import Candidate
from supernets.evaluate.evaluator import Evaluation


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
    costs: tuple[str, ...] = ("macs_m", "params_m")
    """Names of the kinds of cost that are shown with each candidate."""


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
    """The Coordinator's verdict on one candidate."""

    candidate: Candidate


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """One score, as it arrives, and how far the run is."""

    candidate: Candidate
    evaluation: Evaluation
    is_best: bool
    stopped: bool = False
    """Whether a race was lost before all images were seen; the score is an estimate then."""
    best_top1: float
    """Best score of the run so far, this one included."""
    evaluations: int
    budget: int
    """Evaluations of the whole run."""
    elapsed: float
    """Seconds that the run has taken."""
    remaining: float | None
    """Estimated seconds to the end; None before anything is known."""


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
