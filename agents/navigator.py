"""The Navigator: reads what was measured, writes the strategy of the next round.

It remembers, but holds no memory: its conversation is rebuilt from the finished rounds each time, so a resumed search
continues it exactly. This module does not know the search space; the words are in `prompts/navigator.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from agents.briefing import Briefing, Round
from agents.caller import Caller
from agents.cleaning import excerpt, without_reasoning
from agents.faults import ModelError
from agents.strategy import HEADINGS, Strategy, missing_headings, parse_strategy
from agents.tables import Row, format_rows
from agents.templates import cost_advice, limit_lines, render, target_line
from agents.transcript import Message

_ANSWERS = 3
"""Answers asked for one strategy before giving up."""
_WRAPPED = re.compile(r"```(?:markdown|md)[ \t]*\n(.*)\n```", re.DOTALL | re.IGNORECASE)


class Navigator:
    def __init__(self, caller: Caller, briefing: Briefing) -> None:
        self.caller = caller
        self.briefing = briefing

    def write(self, rounds: Sequence[Round]) -> Strategy:
        """The strategy of round `len(rounds) + 1`, given all rounds before it.

        An answer that lacks headings is asked again. A last answer that has at least one of them is taken, with what
        is missing in `problem`.

        Raises:
            ModelError: the model does not answer, or sent nothing that could be used.
        """
        number, messages = len(rounds) + 1, self.messages(rounds)
        asked, text, missing = messages, "", list(HEADINGS)
        for attempt in range(1, _ANSWERS + 1):
            text = _strategy_text(self.caller.ask(asked, number, attempt).text)
            missing = missing_headings(text)
            if not missing:
                return parse_strategy(text)
            again = render("navigator", "again", attempt=attempt + 1, problem=_problem(text, missing))
            asked = [*messages[:-1], _user(f"{messages[-1]['content']}\n\n{again}")]
        if len(missing) == len(HEADINGS):
            raise ModelError(
                f"the navigator's model {self.caller.name} sent {_ANSWERS} answers, none of them a strategy: "
                f"{_problem(text, missing)}; the last began: {excerpt(text) or '(nothing)'}. "
                "What to do: try another model."
            )
        strategy = parse_strategy(text)
        return replace(strategy, problem="; ".join(filter(None, (_problem(text, missing), strategy.problem))))

    def messages(self, rounds: Sequence[Round]) -> list[Message]:
        """The conversation so far: system, task, strategy 1, results 1, strategy 2, ..."""
        messages = [{"role": "system", "content": self._system()}, _user(self._first())]
        for finished in rounds:
            messages.append({"role": "assistant", "content": finished.strategy})
            messages.append(_user(self._later(finished)))
        return messages

    def _system(self) -> str:
        briefing = self.briefing
        return render(
            "navigator",
            "system",
            limits=limit_lines(briefing),
            target=target_line(briefing),
            cost_advice=cost_advice(briefing),
            measure=briefing.measure.rstrip("."),
            space=briefing.space_text,
            per_round=briefing.per_round,
        )

    def _first(self) -> str:
        return render(
            "navigator",
            "first",
            round=1,
            limits=limit_lines(self.briefing),
            evaluations=_evaluations(0, self.briefing.budget),
            reference=format_rows(self.briefing.reference),
        )

    def _later(self, finished: Round) -> str:
        return render(
            "navigator",
            "later",
            round=finished.number + 1,
            previous=finished.number,
            limits=limit_lines(self.briefing),
            evaluations=_evaluations(finished.evaluations, finished.budget),
            results=format_rows(finished.rows) if finished.rows else "No new legal architecture was proposed.",
            remarks=f"- not in the table: {finished.remarks or 'nothing'}",
            best=_best(finished.best),
        )


def _user(content: str) -> Message:
    return {"role": "user", "content": content}


def _evaluations(used: int, budget: int | None) -> str:
    return f"- evaluations: {used} used" if budget is None else f"- evaluations: {used} of {budget} used"


def _best(best: Row | None) -> str:
    if best is None:
        return "- best so far: none within the limit"
    # One line and not a table, so that a program that reads all tables does not count this architecture twice.
    genotype = json.dumps(best.genotype, separators=(",", ":"))
    error = "" if best.stderr is None else f" +- {best.stderr:.2f}"
    return f"- best so far: top1 {best.top1 or 0:.2f}{error}, macs_m {best.macs_m:.1f}: {genotype}"


def _strategy_text(answer: str) -> str:
    text = without_reasoning(answer)
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped.group(1).strip() if wrapped else text


def _problem(text: str, missing: Sequence[str]) -> str:
    if not text:
        return "it holds no text besides the model's reasoning"
    return "it lacks the heading" + ("s " if len(missing) > 1 else " ") + ", ".join(f"`## {name}`" for name in missing)
