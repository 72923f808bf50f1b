"""The proposals of a round as rows: what was proposed, what it costs, what the Coordinator said, what it scored.

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
from graph.events import Evaluated, Verdict

NUMBER, MACS, PARAMS, SCORE = 3, 6, 8, 12
"""Columns of the number, M MACs, M parameters and top-1 with its error."""
GAP = 2
MIN_VERDICT = 21
MAX_LINES = 3
"""Lines that one verdict may take; the archive has the rest."""
STYLES = {"illegal": "red", "duplicate": "yellow", "over limit": "yellow"}


@dataclass(frozen=True)
class Proposal:
    """One proposal as far as it is known."""

    index: int
    genotype: dict[str, Any] | None
    verdict: str
    reason: str = ""
    macs_m: float | None = None
    params_m: float | None = None
    top1: float | None = None
    stderr: float | None = None
    is_best: bool = False
    stopped_at: int | None = None
    """Images after which it had lost a race."""

    @property
    def open(self) -> bool:
        """Whether a score may still come."""
        return self.verdict == "legal" and self.top1 is None


@dataclass
class Round:
    """The proposals of one round that are not printed yet, in order."""

    columns: Columns
    waiting: list[Proposal] = field(default_factory=list)
    legal: int = 0
    scored: int = 0

    def judge(self, event: Verdict) -> None:
        self.legal += event.verdict == "legal"
        self._add(Proposal(event.index, event.genotype, event.verdict, event.reason, event.macs_m, event.params_m))

    def score(self, event: Evaluated) -> None:
        self.scored += 1
        known = next((row for row in self.waiting if row.index == event.index and row.open), None)
        row = known or Proposal(event.index, event.genotype, "legal", "", event.macs_m, event.params_m)
        if known:
            self.waiting.remove(known)
        self._add(
            replace(
                row,
                top1=event.top1,
                stderr=event.stderr,
                is_best=event.is_best,
                stopped_at=event.images if event.stopped else None,
            )
        )

    def settled(self) -> list[Proposal]:
        """Rows that can be printed now; they leave the round."""
        ready = next((i for i, row in enumerate(self.waiting) if row.open), len(self.waiting))
        rows, self.waiting = self.waiting[:ready], self.waiting[ready:]
        return rows

    def cut(self) -> list[Proposal]:
        """All rows, those that waited for a score without one."""
        rows, self.waiting = self.waiting, []
        return [replace(row, reason="not scored") if row.open else row for row in rows]

    @property
    def phase(self) -> str:
        return f"scored {self.scored} of {max(self.legal, self.scored)}"

    def _add(self, row: Proposal) -> None:
        self.waiting = sorted([*self.waiting, row], key=lambda row: row.index)


@dataclass(frozen=True)
class Columns:
    """Which genes there are and how wide each is: (name, width), the same for a whole round."""

    genes: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, genotypes: Sequence[dict[str, Any]]) -> Columns:
        """Columns for the genes that most genotypes have, wide enough for most values.

        Proposals are not checked yet: one with a list of a thousand entries must not push the others off the page.
        """
        genes = []
        for name in dict.fromkeys(name for genotype in genotypes for name in genotype):
            lengths = sorted(len(gene_text(genotype[name])) for genotype in genotypes if name in genotype)
            if 2 * len(lengths) > len(genotypes):
                genes.append((name, max(len(clean(name)), lengths[3 * len(lengths) // 4])))
        return cls(tuple(genes))

    def fitting(self, width: int) -> list[tuple[str, int]]:
        """The genes that leave the verdict its room; if all are too wide, the first is cut."""
        room = width - NUMBER - MACS - PARAMS - SCORE - 4 * GAP - MIN_VERDICT
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
        cells += [
            "M MACs".rjust(MACS),
            "M params".rjust(PARAMS),
            self.score.ljust(_score_width(options.ascii_only)),
            "verdict",
        ]
        line = (" " * GAP).join(cells)
        if hidden := [name for name, _ in self.columns.genes if name not in dict(shown)]:
            named = f"(wider: {', '.join(map(clean, hidden))})"
            room = options.max_width - cell_len(line) - GAP
            line += " " * GAP + (named if cell_len(named) <= room else f"(+{len(hidden)} wider)")
        yield Text(line, style="dim", no_wrap=True, overflow="crop")


class Row:
    """One proposal as a line, or a few when the verdict is long."""

    def __init__(self, columns: Columns, proposal: Proposal) -> None:
        self.columns = columns
        self.proposal = proposal

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        p, gap = self.proposal, " " * GAP
        line = Text().append(f"{p.index + 1:{NUMBER}d}", "dim")
        for name, width in self.columns.fitting(options.max_width):
            value = (p.genotype or {}).get(name, "")
            line.append(gap + _cell(value, width), "" if p.verdict == "legal" else "dim")
        if p.macs_m is not None or p.top1 is not None:
            line.append_text(self._figures(options.ascii_only))
        # A proposal without a cost has no figures: its reason, the longest of all, takes their place.
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

    def _figures(self, ascii_only: bool) -> Text:
        p, gap = self.proposal, " " * GAP
        macs = "" if p.macs_m is None else f"{p.macs_m:.{1 if p.macs_m < 9999.95 else 0}f}"
        params = "" if p.params_m is None else f"{p.params_m:.2f}"
        score = "" if p.top1 is None else score_text(p.top1, p.stderr, ascii_only, estimated=p.stopped_at is not None)
        text = Text().append(gap + macs.rjust(MACS) + gap + params.rjust(PARAMS), "" if p.verdict == "legal" else "dim")
        return text.append(gap + score.ljust(_score_width(ascii_only)), "bold green" if p.is_best else "")

    def _verdict(self) -> Text:
        p = self.proposal
        if p.stopped_at is not None:
            return Text(f"stopped at {count(p.stopped_at, 'image')}", "dim")
        if p.top1 is not None:
            return Text("new best" if p.is_best else "legal", style="bold green" if p.is_best else "dim")
        text = Text().append(clean(p.verdict), STYLES.get(p.verdict, "dim"))
        if p.reason:
            # "over limit by 8 M", "duplicate of ...", "legal, not scored", else "illegal: ks[3]: ..."
            joint = " " if p.reason.startswith(("by ", "of ")) else ", " if p.verdict == "legal" else ": "
            text.append(joint + clean(p.reason).replace("\n", " "), "dim")
        return text


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
