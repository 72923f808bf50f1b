"""What happens in a run, as values: the Coordinator and its strategies emit them, trace and JSON output show them.

Notable: an event carries everything a reader needs, so that a sink needs neither the archive nor a supernet. Events are
for watching; the archive is the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from graph.candidate import Candidate
from supernets.evaluate.evaluator import Evaluation

NAVIGATOR = "Navigator"


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """The start of a run, and how it is set up."""

    run: str
    supernet: str
    strategy: str
    evaluations: int
    done: int
    """Evaluations already in the archive: more than 0 when a run is resumed."""
    settings_shown: tuple[tuple[str, str, str], ...]
    """Label, value and reason of each setting, in the order to show."""
    notes: tuple[str, ...] = ()
    """Sentences under the settings."""
    predicted: bool = False
    """Whether scores are a model's guess, with nothing measured."""
    costs: tuple[str, ...] = ("macs_m", "params_m")
    """Names of the kinds of cost that are shown with each candidate."""


@dataclass(frozen=True, kw_only=True)
class StrategyWritten:
    """The guidance for a round, of the Navigator or of the strategy itself."""

    round: int
    model_name: str
    text: str
    """Markdown."""
    seconds: float
    limits: str = ""
    """The limits of the round in words, if each has its own."""
    guide: str = NAVIGATOR
    """Who wrote it."""


@dataclass(frozen=True)
class Writing:
    """A piece of a model's answer while it is written; shown and not recorded."""

    role: str
    text: str


@dataclass(frozen=True)
class Scoring:
    """The images that the architectures being scored have seen, of all they will see; shown and not recorded."""

    images: int
    total: int


@dataclass(frozen=True)
class Steered:
    """A reviewer's feedback on the guidance of a round: `kind` is `edit` (`text` replaces it) or `remark`."""

    round: int
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ProposalsMade:
    """What the Generator (or a classical strategy) proposed, before any check."""

    round: int
    model_name: str
    genotypes: tuple[dict[str, Any], ...]
    """Every genotype that could be read, legal or not."""
    unreadable: int
    """Number of pieces that could not be read."""
    seconds: float
    limits: str = ""
    """The limits of the round in words, if each has its own."""


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
    """Whether it is the best so far, within one of the limits if there are several."""
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


@dataclass(frozen=True, kw_only=True)
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
    """Pieces of answers that were no genotypes; they count as illegal and not as parsed."""
    estimated_calls: int = 0
    """Calls whose tokens the server did not report; they were counted here."""
    cached_calls: int = 0
    """Calls answered from the cache of earlier runs."""
    images: int = 0
    """Images of all scores together; a race takes fewer than candidates times images."""
    forms: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Form of answers (`JSON schema`, `tool call`, `prompt alone`) to the number of answers and of those that break the
    requested schema."""

    @property
    def illegal_rate(self) -> float:
        """Share of everything sent that was illegal, 0 to 1; 0 when nothing was sent."""
        return self.illegal / max(1, self.parsed + self.unreadable)

    def __add__(self, other: Ledger) -> Ledger:
        sums = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        known = self.cost_usd is not None and other.cost_usd is not None
        cost_usd = (self.cost_usd or 0) + (other.cost_usd or 0) if known else None
        forms = dict(self.forms)
        for form, (answers, broken) in other.forms.items():
            more_answers, more_broken = forms.get(form, (0, 0))
            forms[form] = (answers + more_answers, broken + more_broken)
        return Ledger(**sums, cost_usd=cost_usd, forms=forms)


_COUNTS = tuple(each.name for each in fields(Ledger) if each.name not in ("cost_usd", "forms"))


@dataclass(frozen=True, kw_only=True)
class RoundEnded:
    round: int
    ledger: Ledger
    total: Ledger
    best_top1: float | None


@dataclass(frozen=True, kw_only=True)
class RunEnded:
    """The end of a run."""

    result: dict[str, Any] | None
    """The content of `result.json`; None when nothing legal was found."""
    stopped_because: str
    diagnosis: str
    """Why nothing new was found; empty when the search went well."""
    run: str
    drawing: str = ""
    """Text diagram of the best architecture."""
    notes: tuple[str, ...] = ()
    """Sentences on what to try next."""
    total: Ledger | None = None
    """Sum over all rounds, including one that the budget interrupted."""


@dataclass(frozen=True)
class Message:
    """A sentence for whoever watches: `level` is `info` or `warning`."""

    text: str
    level: str = "info"


Event = (
    RunStarted
    | StrategyWritten
    | Writing
    | Scoring
    | Steered
    | ProposalsMade
    | Verdict
    | Evaluated
    | RoundEnded
    | RunEnded
    | Message
)
Sink = Callable[[Event], None]
