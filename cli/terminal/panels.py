"""Renderables for the events that make up a panel or a line of their own: start, end, and the lines between rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from cli.terminal.console import (
    WholeWords,
    clean,
    clean_text,
    columns,
    count,
    duration,
    gene_text,
    genotype_text,
    money,
    score_text,
)
from graph.events import Evaluated, Ledger, RoundEnded, RunEnded, RunStarted, Steered
from graph.limits import Limits
from supernets.space.cost import COST_KINDS, Cost, CostKind

EDGE = 2
"""Columns left free at the left of everything that is not a rule."""
LABEL = 10
"""Least columns of the labels, so that the tables of a panel are aligned."""


def title(text: str, style: str = "bold") -> RenderableType:
    return Rule(clean_text(text, style), style="bright_black", align="left")


def opening(event: RunStarted) -> RenderableType:
    """Each setting with its reason."""
    heading = f"{event.supernet}, {event.strategy}, {count(event.evaluations, 'evaluation')}"
    if event.done:
        heading += f", {event.done} of them done before"
    return Group(title(heading), Padding(_Settings(event.settings_shown), (0, 0, 0, EDGE)), *_notes(event.notes))


class _Settings:
    """Labels, values and reasons as a table; below it values with a word too long for it, such as a path, whole."""

    def __init__(self, settings: Sequence[tuple[str, str, str]]) -> None:
        self._settings = settings

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = (options.max_width - LABEL) // 2
        long = [any(len(word) > room for word in value.split()) for _, value, _ in self._settings]
        grid = _grid("dim", "", "dim")
        for (label, value, reason), apart in zip(self._settings, long, strict=True):
            if not apart:
                grid.add_row(clean_text(label), clean_text(value), clean_text(reason))
        yield grid
        for (label, value, reason), apart in zip(self._settings, long, strict=True):
            if apart:
                # Not wrapped at all: a path may have spaces.
                yield Segment(f"{label:{LABEL}}  ", Style(dim=True))
                yield Segment(clean(value))
                yield Segment.line()
                if reason:
                    yield Text(" " * (LABEL + 2)).append(clean(reason), "dim")


def opening_line(event: RunStarted) -> Text:
    done = f", {event.done} done before" if event.done else ""
    budget = count(event.evaluations, "evaluation")
    return clean_text(f"{event.supernet}, {event.strategy}, {budget}{done}, run {event.run}")


def action_line(actor: str, action: str, seconds: float) -> Text:
    return Text().append(clean(actor), "bold cyan").append(f" {action}, {duration(seconds)}", "dim")


def steered_line(event: Steered) -> Text:
    action = "edit the strategy" if event.kind == "edit" else "remark on the strategy"
    return Text().append("You", "bold cyan").append(f" {action}", "dim")


class LedgerLine:
    """The ledger of a round, on one line where it fits, else broken between its parts."""

    def __init__(self, event: RoundEnded) -> None:
        best = "nothing scored yet" if event.best_top1 is None else f"best {event.best_top1:.2f} %"
        ledger = event.ledger
        start = f"round {event.round}: {_counts(ledger)}"
        self.parts = [start, _calls(ledger), *_broken(ledger), _times(ledger), best]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        *lines, last = wrap(self.parts[0], options.max_width, subsequent_indent="  ")
        for part in self.parts[1:]:
            if len(last) + 3 + len(part) <= options.max_width:
                last += f" | {part}"
            else:
                lines.append(last)
                last = f"  {part}"
        yield Text("\n".join([*lines, last]))


def improvement(event: Evaluated, costs: Sequence[CostKind], ascii_only: bool) -> Text:
    """A new best on one line, for quiet output."""
    candidate = event.candidate
    done = f"{event.evaluations:{len(str(event.budget))}d}/{event.budget}"
    score = f"{score_text(event.evaluation.top1, event.evaluation.stderr, ascii_only)} %"
    line = Text(f"{done}  ", no_wrap=True, overflow="crop").append(score, "bold green")
    if candidate.cost:
        line.append(f"  {_costs_in_short(candidate.cost, costs)}  ")
    return line.append(genotype_text(candidate.genotype or {}), "dim")


def _costs_in_short(cost: Cost, kinds: Sequence[CostKind]) -> str:
    """The first kind and those that this run has beside the usual."""
    first, *others = kinds
    shown = [first, *(kind for kind in others if not kind.always_shown)]
    known = ((kind, cost.figure(kind.name)) for kind in shown)
    return ", ".join(f"{value:.{kind.digits}f} {kind.heading}" for kind, value in known if value is not None)


class Closing:
    """The result: picture, cost, both scores, why the run stopped, and what to do next."""

    def __init__(self, event: RunEnded, costs: Sequence[CostKind]) -> None:
        self.event = event
        self.costs = costs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        event = self.event
        yield Text()
        yield title("result" if event.result else "no result", "bold green" if event.result else "bold red")
        if event.drawing:
            if event.result and "winners" in event.result:
                widest = Limits(event.result["winners"][-1]["limits"])
                yield Padding(Text(f"the best of all, {widest}", "dim"), (1, 0, 0, EDGE))
            yield Text()
            yield Padding(Text(clean(event.drawing), no_wrap=True, overflow="ignore"), (0, 0, 0, EDGE))
            yield Text()
        if event.result is None:
            yield Padding(clean_text(event.diagnosis or "No architecture was scored.", "bold"), (0, 0, 1, EDGE))
        if event.result and (several := event.result.get("winners")):
            yield Padding(winners_table(several, "predicted" in event.result, options.ascii_only), (0, 0, 1, EDGE))
            for maxima in event.result["without_winner"]:
                yield Padding(clean_text(nothing_within(Limits(maxima)), "bold"), (0, 0, 1, EDGE))
        yield Padding(self._scores(options.ascii_only), (0, 0, 0, EDGE))
        yield Padding(self._account(), (0, 0, 0, EDGE))
        if event.result and event.diagnosis:
            yield from _notes([event.diagnosis])
        yield from _notes(event.notes)
        run = Text().append(f"{'run':{LABEL}}  ", "dim").append(clean(event.run))
        yield Padding(run, (1, 0, 0, EDGE))

    def _scores(self, ascii_only: bool) -> Table:
        grid, result = _grid("dim", "bold", "dim"), self.event.result
        if result:
            known = [kind for kind in self.costs if result.get(kind.name) is not None and kind.name != "latency_ms"]
            cost = ", ".join(f"{result[kind.name]:.2f} {kind.unit} {kind.label}" for kind in known)
            grid.add_row("cost", cost, "exact, of the network to be deployed")
            if result["latency_ms"] is not None:
                latency = f"{result['latency_ms']:.2f} ms on {clean(result['latency_device'])}"
                grid.add_row("latency", latency, "from a table, not measured here")
            if "predicted" in result:
                grid.add_row("predicted", _score(result, "search", ascii_only), "nothing was measured")
                return grid
            for split, remark in (
                ("search", "images that chose it: the best of many looks better than it is"),
                ("report", "images that the search never saw: the figure to quote"),
            ):
                grid.add_row(split, _score(result, split, ascii_only), remark)
        return grid

    def _account(self) -> Table:
        grid = _grid("dim", "")
        for name, gene in (self.event.result or {}).get("architecture", {}).items():
            grid.add_row(clean_text(name), clean_text(gene_text(gene)))
        grid.add_row("stopped", clean_text(self.event.stopped_because))
        if total := self.event.total:
            grid.add_row("proposals", _counts(total))
            grid.add_row("models", ", ".join([_calls(total), duration(total.model_seconds), *_broken(total)]))
            grid.add_row("scoring", duration(total.scoring_seconds) + _saved(self.event.result, total))
        return grid


def winners_table(winners: Sequence[Mapping[str, Any]], predicted: bool, ascii_only: bool) -> Table:
    """The winner within each limit, as `winners` of a result lists them."""
    limited = list(dict.fromkeys(name for winner in winners for name in winner["limits"]))
    kinds = [COST_KINDS[name] for name in limited]
    rows = [
        (
            str(Limits(winner["limits"])),
            winner["id"],
            *(f"{winner[kind.name]:.{kind.digits}f}" for kind in kinds),
            score_text(winner["search_top1"], winner["search_stderr"], ascii_only),
            *([] if predicted else [_report_text(winner, ascii_only)]),
        )
        for winner in winners
    ]
    scores = ["predicted %"] if predicted else ["search %", "report %"]
    return columns(("best within", "id", *(kind.heading for kind in kinds), *scores), rows)


def nothing_within(limits: Limits) -> str:
    """What is said of limits without a winner."""
    return f"Nothing within {limits} was scored; more evaluations, or a search for this limit alone, may find it."


def _report_text(winner: Mapping[str, Any], ascii_only: bool) -> str:
    if winner["report_top1"] is None:
        return "-"
    return score_text(winner["report_top1"], winner["report_stderr"], ascii_only)


def message(text: str, level: str) -> WholeWords:
    return WholeWords(text, start=("warning: ", "yellow")) if level == "warning" else WholeWords(text, "dim")


def _notes(notes: Sequence[str]) -> list[RenderableType]:
    return [Padding(WholeWords(note), (1 if i == 0 else 0, 0, 0, EDGE)) for i, note in enumerate(notes)]


def _grid(*styles: str) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for i, style in enumerate(styles):
        # Folded, not cut, so that paths and genotypes can be copied.
        grid.add_column(style=style, no_wrap=i == 0, min_width=LABEL if i == 0 else None, overflow="fold")
    return grid


def _score(result: dict[str, Any], split: str, ascii_only: bool) -> str:
    top1 = result.get(f"{split}_top1")
    if top1 is None:
        return "not measured"
    return f"{score_text(top1, result.get(f'{split}_stderr'), ascii_only)} %"


def _saved(result: dict[str, Any] | None, total: Ledger) -> str:
    """Images that a race saved, as a phrase; empty without a race."""
    full = total.evaluated * result["protocol"]["search_images"] if result else 0
    return f", {total.images:,} images instead of {full:,}" if total.images < full else ""


def _counts(ledger: Ledger) -> str:
    rate = f" ({100 * ledger.illegal_rate:.0f} %)" if ledger.illegal else ""
    return (
        f"{ledger.requested} asked, {ledger.parsed} read, {ledger.illegal} illegal{rate}, "
        f"{ledger.duplicate} duplicate, "
        f"{ledger.over_limit} over the limit, {ledger.evaluated} scored"
    )


def _calls(ledger: Ledger) -> str:
    tokens = ledger.prompt_tokens + ledger.completion_tokens
    reused = f" ({ledger.cached_calls} from the cache)" if ledger.cached_calls else ""
    counted = " (estimated)" if ledger.estimated_calls else ""
    return f"{count(ledger.calls, 'call')}{reused}, {count(tokens, 'token')}{counted}, {money(ledger.cost_usd)}"


def _broken(ledger: Ledger) -> list[str]:
    """For each form of answers, how many break the schema that was requested; nothing where none does."""
    return [
        f"{broken} of {count(answers, 'answer')} broke the schema ({form})"
        for form, (answers, broken) in ledger.forms.items()
        if broken
    ]


def _times(ledger: Ledger) -> str:
    return f"models {duration(ledger.model_seconds)}, scoring {duration(ledger.scoring_seconds)}"
