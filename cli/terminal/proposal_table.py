"""The candidates of a round as rows: what was proposed, what it costs, its verdict and its score.

Notable: a row is printed once, when nothing about it or about any row above it can change any more; so a terminal, a
pipe and a file get the same lines in the same order. How much of a genotype is shown depends on the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cli.terminal.console import clean, count, fit, gene_text, score_text
from graph.candidate import DUPLICATE, ILLEGAL, LEGAL, OVER_LIMIT
from graph.events import Evaluated, Verdict
from supernets.space.cost import CostKind

NUMBER, SCORE = 3, 12
"""Columns of the number, and of top-1 with its error."""
LEAST_COST = 6
"""Least columns of a cost."""
GAP = 2
MIN_VERDICT = 21
MAX_LINES = 3
"""Lines that one verdict may take; the archive has the rest."""
STYLES = {ILLEGAL: "red", DUPLICATE: "yellow", OVER_LIMIT: "yellow"}

CandidateEvent = Verdict | Evaluated
"""The last event about a candidate."""


@dataclass(kw_only=True)
class RoundTable:
    """The candidates of one round that are not printed yet, in order."""

    columns: Columns
    waiting: list[CandidateEvent] = field(default_factory=list)
    legal: int = 0
    scored: int = 0

    def add(self, event: CandidateEvent) -> None:
        """A score takes the place of the verdict on its candidate."""
        if isinstance(event, Evaluated):
            self.scored += 1
            self.waiting = [row for row in self.waiting if row.candidate.place != event.candidate.place]
        else:
            self.legal += event.candidate.verdict == LEGAL
        self.waiting = sorted([*self.waiting, event], key=lambda row: row.candidate.index)

    def settled(self) -> list[CandidateEvent]:
        """Rows that can be printed now; they leave the table."""
        ready = next((i for i, row in enumerate(self.waiting) if _is_open(row)), len(self.waiting))
        rows, self.waiting = self.waiting[:ready], self.waiting[ready:]
        return rows

    def cut(self) -> list[CandidateEvent]:
        """All rows, those that waited for a score without one."""
        rows, self.waiting = self.waiting, []
        return [replace(r, candidate=replace(r.candidate, reason="not scored")) if _is_open(r) else r for r in rows]

    @property
    def phase(self) -> str:
        return f"scored {self.scored} of {max(self.legal, self.scored)}"


def _is_open(row: CandidateEvent) -> bool:
    """Whether a score may still come."""
    return isinstance(row, Verdict) and row.candidate.verdict == LEGAL


@dataclass(frozen=True)
class Columns:
    """Which genes there are and how wide each is: (name, width), and which costs; the same for a whole round."""

    genes: tuple[tuple[str, int], ...]
    costs: tuple[CostKind, ...]

    @classmethod
    def of(cls, genotypes: Sequence[dict[str, Any]], costs: Sequence[CostKind]) -> Columns:
        """Columns for the genes that most genotypes have, wide enough for most values.

        Proposals are not checked yet: one with a list of a thousand entries must not push the others off the page.
        """
        genes = []
        for name in dict.fromkeys(name for genotype in genotypes for name in genotype):
            lengths = sorted(len(gene_text(genotype[name])) for genotype in genotypes if name in genotype)
            if 2 * len(lengths) > len(genotypes):
                genes.append((name, max(len(clean(name)), lengths[3 * len(lengths) // 4])))
        return cls(tuple(genes), tuple(costs))

    def fitting(self, width: int) -> list[tuple[str, int]]:
        """The genes that leave the verdict its room; if all are too wide, the first is cut."""
        room = width - NUMBER - sum(GAP + cost_width(kind) for kind in self.costs) - SCORE - 2 * GAP - MIN_VERDICT
        shown: list[tuple[str, int]] = []
        for name, wanted in self.genes:
            needed = GAP + wanted
            if needed <= room:
                shown.append((name, wanted))
                room -= needed
        return shown or [(name, max(4, room - GAP)) for name, _ in self.genes[:1]]


class Header:
    """The names of the columns."""

    def __init__(self, columns: Columns, predicted: bool = False) -> None:
        self.columns = columns
        self.score = "predicted %" if predicted else "top-1 %"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = self.columns.fitting(options.max_width)
        cells = ["#".rjust(NUMBER), *(fit(clean(name), width) for name, width in shown)]
        cells += [kind.heading.rjust(cost_width(kind)) for kind in self.columns.costs]
        cells += [self.score.ljust(_score_width(options.ascii_only)), "verdict"]
        line = (" " * GAP).join(cells)
        if hidden := [name for name, _ in self.columns.genes if name not in dict(shown)]:
            named = f"(wider: {', '.join(map(clean, hidden))})"
            room = options.max_width - cell_len(line) - GAP
            line += " " * GAP + (named if cell_len(named) <= room else f"(+{len(hidden)} wider)")
        yield Text(line, style="dim", no_wrap=True, overflow="crop")


class CandidateRow:
    """One candidate as a line, or a few when the verdict is long."""

    def __init__(self, columns: Columns, event: CandidateEvent) -> None:
        self.columns = columns
        self.event = event

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        candidate, gap = self.event.candidate, " " * GAP
        genotype = candidate.genotype or {}
        line = Text().append(f"{candidate.index + 1:{NUMBER}d}", "dim")
        for name, width in self.columns.fitting(options.max_width):
            line.append(gap + _cell(genotype.get(name, ""), width), self._style)
        if candidate.cost:
            line.append_text(self._figures(options.ascii_only))
        # A candidate without a cost has no figures: its reason, the longest of all, takes their place.
        line.append(gap)
        start = line.cell_len
        room = max(16, options.max_width - start)
        wrapped = list(self._verdict().wrap(console, room))
        if len(wrapped) > MAX_LINES:
            wrapped = wrapped[:MAX_LINES]
            wrapped[-1].truncate(room - 3)
            wrapped[-1].append(" ..")
        for i, part in enumerate(wrapped):
            part.rstrip()
            yield line.append_text(part) if i == 0 else Text(" " * start).append_text(part)

    @property
    def _style(self) -> str:
        return "" if self.event.candidate.verdict == LEGAL else "dim"

    def _figures(self, ascii_only: bool) -> Text:
        text = Text()
        for kind in self.columns.costs:
            text.append(" " * GAP + _cost_cell(self.event, kind), self._style)
        score, style = "", ""
        if isinstance(self.event, Evaluated):
            found = self.event.evaluation
            score = score_text(found.top1, found.stderr, ascii_only, estimated=self.event.stopped)
            style = "bold green" if self.event.is_best else ""
        return text.append(" " * GAP + score.ljust(_score_width(ascii_only)), style)

    def _verdict(self) -> Text:
        candidate = self.event.candidate
        if isinstance(self.event, Evaluated):
            if self.event.stopped:
                return Text(f"stopped at {count(self.event.evaluation.images, 'image')}", "dim")
            return Text("new best", style="bold green") if self.event.is_best else Text("legal", style="dim")
        verdict = candidate.verdict or ""
        text = Text().append(clean(verdict), STYLES.get(verdict, "dim"))
        if candidate.reason:
            # "over limit by 8 M", "duplicate of ...", "legal, not scored", else "illegal: ks[3]: ..."
            joint = " " if candidate.reason.startswith(("by ", "of ")) else ", " if verdict == LEGAL else ": "
            text.append(joint + clean(candidate.reason).replace("\n", " "), "dim")
        return text


def cost_width(kind: CostKind) -> int:
    return max(LEAST_COST, len(kind.heading))


def _cost_cell(event: CandidateEvent, kind: CostKind) -> str:
    cost, width = event.candidate.cost, cost_width(kind)
    value = cost.figure(kind.name) if cost else None
    if value is None:
        return " " * width
    text = f"{value:.{kind.digits}f}"
    return (text if len(text) <= width else f"{value:.0f}").rjust(width)


def _cell(value: Any, width: int) -> str:
    """A gene in `width` columns; what groups its digits goes before any of them does, and words lose their ends."""
    text = gene_text(value)
    if cell_len(text) > width:
        text = gene_text(value, grouped=False)
    if cell_len(text) > width and isinstance(value, list) and all(isinstance(word, str) for word in value):
        letters = (width + 1) // len(value) - 1
        text = " ".join(word[:letters] for word in map(clean, value)) if letters > 1 else text
    return fit(text, width)


def _score_width(ascii_only: bool) -> int:
    """`+-` takes a column more than its one letter."""
    return SCORE + ascii_only
