"""Builds the messages for a model: the system prompt, the earlier turns that its role remembers, and a new request.

Conversations are rebuilt from the finished rounds every time, so an interrupted search continues them exactly. A
conversation that exceeds the model's context is shortened by a fixed rule: if it contains results, a summary replaces
all rounds but the last; otherwise the oldest turns are omitted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from heapq import nlargest

from agents.calls.transcript import Message
from agents.roles.briefing import Briefing, RoundBriefing, turn_lines
from agents.roles.options import RoleOptions
from agents.roles.summary import RoundsSummarizer
from agents.roles.task_text import task_text
from agents.text.architecture_table import ArchitectureRow, format_rows
from agents.text.guidance import NOTES, parse_guidance, section, without_block
from agents.text.preferences import read_exclusions, read_preferences, strays
from agents.text.prompt_templates import fenced
from agents.text.sanitize import without_reasoning

CHARS_PER_TOKEN = 4
"""Characters per token, a rule that is close enough for all models."""
PROMPT_SHARE = 0.75
"""Share of a context for the prompt; the rest is for the answer and the reasoning before it."""
MAX_ECHO_CHARS = 20_000
"""Characters of an answer that are sent back with its problems."""
MOST_PROBLEMS = 5
"""Problems of preferences that the Navigator is told."""
STRAYED = 0.25
"""Share of proposals with another choice than was asked for, from which on the Navigator is told."""
MOST_STRAYS = 3
"""Genes of which the Navigator is told so."""
BEST_FOR_GENERATOR = 5
"""Best architectures that a Generator sees, if it sees results."""


class Conversation:
    """Builds messages from finished rounds, which never change."""

    def __init__(self, briefing: Briefing, options: RoleOptions) -> None:
        self._briefing = briefing
        self._options = options
        self._render = options.prompts.render
        self._task = task_text(briefing, options.prompts)
        self._summarizer = RoundsSummarizer(briefing.space_text)
        """Of all rounds but the last, for conversations that are too long."""
        self._everything = RoundsSummarizer(briefing.space_text)
        self._requests_by_round: dict[int, str] = {}

    def for_guidance(self, rounds: Sequence[RoundBriefing]) -> list[Message]:
        """The messages that ask for the strategy of the round after `rounds`."""
        now, system = self._now(rounds), self._system("navigator")
        return [system, *self._past("navigator", rounds, [system, now]), now]

    def for_proposals(self, number: int, guidance: str, count: int, rounds: Sequence[RoundBriefing]) -> list[Message]:
        """The messages that ask for `count` architectures according to `guidance`, in round `number` after `rounds`."""
        now = [user(self._proposals_request(number, guidance, count, self._known(number, guidance, rounds)))]
        if self._options.single:
            now = [self._now(rounds), assistant(guidance), *now]
        system = self._system("generator")
        return [system, *self._past("generator", rounds, [system, *now]), *now]

    def overflow(self, rounds: Sequence[RoundBriefing]) -> int | None:
        """Tokens of the unabridged conversation for the next strategy if it has to be summarised; else None."""
        if self._options.context_tokens is None or len(rounds) < 2:
            return None
        now = [self._system("navigator"), self._now(rounds)]
        turns = self._turns("navigator", rounds)
        return tokens([*turns, *now]) if turns and not self._fits([*turns, *now]) else None

    def _now(self, rounds: Sequence[RoundBriefing]) -> Message:
        """The request for the strategy after `rounds`."""
        return user("\n\n".join([self._guidance_request(rounds), *self._extras(rounds)]))

    def _past(self, role: str, rounds: Sequence[RoundBriefing], now: list[Message]) -> list[Message]:
        """The earlier turns that the role remembers, shortened to fit beside the messages `now`."""
        turns = self._turns(role, rounds)
        if not turns or self._fits([*turns, *now]):
            return turns
        if "navigator" not in self._options.remembers(role):
            return self._past(role, rounds[1:], now)
        return self._turn(role, rounds[-1], self._summary_request(rounds)) if len(rounds) > 1 else turns

    def _turns(self, role: str, rounds: Sequence[RoundBriefing]) -> list[Message]:
        return [
            message
            for i, finished in enumerate(rounds)
            for message in self._turn(role, finished, self._guidance_request(rounds[:i]))
        ]

    def _turn(self, role: str, finished: RoundBriefing, request: str) -> list[Message]:
        """The messages of a round that a role remembers; `request` is the one that asked for its strategy."""
        remembered = self._options.remembers(role)
        turn: list[Message] = []
        if "navigator" in remembered:
            # What the block asked for shows in the results.
            strategy = assistant(without_block(finished.guidance))
            turn += [user("\n\n".join([request, *self._remarks(finished)])), strategy]
        if "generator" in remembered:
            answer = json.dumps({"architectures": list(finished.proposed)}, separators=(",", ":"))
            request = self._proposals_request(finished.number, finished.guidance, finished.requested)
            turn += [user(request), assistant(answer)]
        return turn

    def _fits(self, messages: Sequence[Message]) -> bool:
        context = self._options.context_tokens
        return context is None or tokens(messages) <= PROMPT_SHARE * context

    def _system(self, role: str) -> Message:
        options, told = self._options, self._task
        if options.single:
            values = {"results": told.results, "strategy": told.strategy, "answer": told.answer}
            return system(self._render("single", "system", **told.common, **values))
        memory_section = "remembers" if options.generator_memory else "forgets"
        if role == "navigator":
            seen = "sees_results" if options.generator_results else memory_section
            values = {"results": told.results, "strategy": told.strategy}
            partner = self._render("navigator", f"partner_{seen}")
            return system(self._render("navigator", "system", **told.common, **values, partner=partner))
        memory = self._render("generator", memory_section)
        return system(self._render("generator", "system", **told.common, answer=told.answer, memory=memory))

    def _table(self, rows: Sequence[ArchitectureRow]) -> str:
        return format_rows(rows, self._briefing.form, self._briefing.costs)

    def _guidance_request(self, rounds: Sequence[RoundBriefing]) -> str:
        """What is new before a strategy: the results of the last of `rounds`."""
        number = rounds[-1].number if rounds else 0
        if number not in self._requests_by_round:
            self._requests_by_round[number] = self._later(rounds[-1]) if rounds else self._first()
        return self._requests_by_round[number]

    def _first(self) -> str:
        briefing = self._briefing
        return self._render(
            "navigator",
            "first",
            round=1,
            evaluations=evaluation_lines(0, briefing.budget, briefing.per_round, turn_lines(briefing, 1)),
            near=", near the limit" if briefing.limits_of(1) else "",
        )

    def _later(self, finished: RoundBriefing) -> str:
        briefing, turn = self._briefing, turn_lines(self._briefing, finished.number + 1)
        rows = sorted(finished.rows, key=lambda row: -(row.top1 or 0.0))
        return self._render(
            "navigator",
            "later",
            round=finished.number + 1,
            previous=finished.number,
            evaluations=evaluation_lines(finished.evaluations, finished.budget, briefing.per_round, turn),
            errors=_errors(finished),
            results=self._table(rows) if rows else "No new legal architecture was proposed.",
            remarks=self._problems(finished),
        )

    def _problems(self, finished: RoundBriefing) -> str:
        """Sentences on what became of proposals that have no row, and of the block for programs."""
        sentences = [f"Of the other proposals {finished.remarks}."] if finished.remarks else []
        told = parse_guidance(finished.guidance)
        genes = self._briefing.genes.genes
        problems = read_preferences(told.block.get("prefer", {}), genes)[1]
        problems += read_exclusions(told.block.get("exclude", []), genes)[1]
        problems = [told.problem] * bool(told.problem) + problems[:MOST_PROBLEMS]
        if problems:
            sentences.append(f"Not understood in your json block: {'; '.join(problems)}.")
        return " ".join(sentences)

    def _summary_request(self, rounds: Sequence[RoundBriefing]) -> str:
        """A summary of all earlier rounds, which replaces the request for the last round's strategy."""
        *earlier, last = rounds
        summary = self._summarizer.summarize(earlier)
        return self._render(
            "navigator",
            "summary",
            last=earlier[-1].number,
            round=last.number,
            scored=summary.scored,
            best=self._table(summary.best),
            worst=self._table(summary.worst),
        )

    def _extras(self, rounds: Sequence[RoundBriefing]) -> list[str]:
        """Parts of the new request that earlier requests did not have, and that later ones will not repeat."""
        if not rounds:
            return []
        render, extras = self._render, []
        if not self._options.remembers("navigator"):
            extras.append(render("navigator", "forgets"))
        extras += [self._so_far(rounds), self._strays(rounds[-1])]
        if self._options.evidence:
            from agents.roles.evidence import evidence

            if found := evidence(self._briefing, rounds):
                region = render("navigator", "region", lines=found.region) if found.region else ""
                extras.append(render("navigator", "evidence", effects=found.effects, region=region))
        left = _rounds_left(rounds[-1].evaluations, rounds[-1].budget, self._briefing.per_round)
        stage = render("navigator", "refine" if left == 1 else "explore")
        extras.append(render("navigator", "task", round=rounds[-1].number + 1, stage=stage))
        return list(filter(None, extras))

    def _so_far(self, rounds: Sequence[RoundBriefing]) -> str:
        """What all rounds show together; empty without scores."""
        number = rounds[-1].number + 1
        summary = self._everything.summarize(rounds, lambda row: self._briefing.keeps(row, number))
        if not summary.scored:
            return ""
        pairs = self._render("navigator", "pairs", lines=summary.pairs) if summary.pairs else ""
        # The results of the last round stand above.
        earlier = [row for row in summary.best if row not in rounds[-1].rows]
        best = self._render("navigator", "best", rows=self._table(earlier)) + "\n" if earlier else ""
        so_far = self._render("navigator", "so_far", best=best, choices=summary.choices)
        changes = [
            self._render("navigator", "changes", best=summary.best[0].id, column=column, lines=lines)
            for column, lines in rounds[-1].changes.items()
        ]
        return "\n\n".join(filter(None, (so_far, pairs, *changes)))

    def _strays(self, finished: RoundBriefing) -> str:
        """The genes whose choices were proposed in other shares than the strategy asked for; empty without any."""
        genes = self._briefing.genes.genes
        prefer = read_preferences(parse_guidance(finished.guidance).block.get("prefer", {}), genes)[0]
        found = [text for share, text in strays(prefer, genes, finished.proposed) if share >= STRAYED]
        return self._render("navigator", "strays", lines="; ".join(found[:MOST_STRAYS])) if found else ""

    def _remarks(self, finished: RoundBriefing) -> list[str]:
        if not finished.human_remarks:
            return []
        return [self._render("navigator", "remarks", remarks="\n\n".join(map(fenced, finished.human_remarks)))]

    def _proposals_request(self, number: int, guidance: str, count: int, known: str = "") -> str:
        if self._options.single:
            return self._render("single", "request", round=number, count=count)
        return self._render("generator", "request", round=number, count=count, strategy=fenced(guidance), known=known)

    def _known(self, number: int, guidance: str, rounds: Sequence[RoundBriefing]) -> str:
        """What the Generator is told besides the strategy: the round's own limits, notes of an earlier strategy, and
        results if it sees them.
        """
        turn = turn_lines(self._briefing, number)
        parts = [self._render("generator", "turn", limits=turn)] if turn else []
        if not section(guidance, NOTES):
            notes = next((found for told in reversed(rounds) if (found := section(told.guidance, NOTES))), "")
            parts += [self._render("generator", "notes", notes=fenced(notes))] if notes else []
        if self._options.generator_results and rounds:
            rows = (row for told in rounds for row in told.rows)
            scored = [row for row in rows if row.top1 is not None and self._briefing.keeps(row, number)]
            best = nlargest(BEST_FOR_GENERATOR, scored, key=lambda row: row.top1 or 0.0)
            parts += [self._render("generator", "best", rows=self._table(best))] if best else []
        return "\n\n".join(parts)


def tokens(messages: Sequence[Message]) -> int:
    """Approximate number of tokens of the messages."""
    return sum(len(message["content"]) for message in messages) // CHARS_PER_TOKEN


def follow_up(answer: str, request: str) -> list[Message]:
    """The messages that send a model's answer back to it, without its reasoning, with a further request."""
    return [assistant(without_reasoning(answer)[:MAX_ECHO_CHARS] or "(nothing)"), user(request)]


def system(content: str) -> Message:
    """A system message."""
    return {"role": "system", "content": content}


def user(content: str) -> Message:
    """A message of the program."""
    return {"role": "user", "content": content}


def assistant(content: str) -> Message:
    """A message of the model."""
    return {"role": "assistant", "content": content}


def evaluation_lines(used: int, budget: int | None, per_round: int, turn: str = "") -> str:
    """The evaluations and rounds that are used and left, as lines that programs can read.

    Args:
        turn: lines on the round's own limits, which follow.
    """
    below = f"\n{turn}" if turn else ""
    if budget is None:
        return f"- evaluations: {used} used{below}"
    left = _rounds_left(used, budget, per_round)
    coming = "this one is the last" if left == 1 else f"about {left} left with this one"
    return f"- evaluations: {used} of {budget} used\n- rounds: {coming}{below}"


def _rounds_left(used: int, budget: int | None, per_round: int) -> int | None:
    """Rounds that the budget allows if each is used up, with the coming one; None without a budget."""
    return None if budget is None else max(1, math.ceil((budget - used) / per_round))


def _errors(finished: RoundBriefing) -> str:
    lines = []
    if finished.score_error is not None:
        lines.append(f"- error of a score: {finished.score_error:.2f}")
    if finished.difference_error is not None:
        lines.append(f"- error of a difference of two, measured on these images: {finished.difference_error:.2f}")
    return "\n".join(lines)
