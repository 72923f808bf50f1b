"""Builds the messages for a model: the system prompt, the earlier turns that its role remembers, and a new request.

Conversations are rebuilt from the finished rounds every time, so an interrupted search continues them exactly. A
conversation that exceeds the model's context is shortened by a fixed rule: if it contains results, a summary replaces
all rounds but the last; otherwise the oldest turns are omitted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from agents.calls.transcript import Message
from agents.roles.briefing import Briefing, RoundBriefing, cost_advice, limit_lines, target_line
from agents.roles.options import RoleOptions
from agents.roles.summary import RoundsSummarizer
from agents.text.architecture_table import ArchitectureRow, format_rows
from agents.text.prompt_templates import fenced
from agents.text.sanitize import without_reasoning

CHARS_PER_TOKEN = 4
"""Characters per token, a rule that is close enough for all models."""
PROMPT_SHARE = 0.75
"""Share of a context for the prompt; the rest is for the answer and the reasoning before it."""
MAX_ECHO_CHARS = 20_000
"""Characters of an answer that are sent back with its problems."""


class Conversation:
    """Builds messages from finished rounds, which never change."""

    def __init__(self, briefing: Briefing, options: RoleOptions) -> None:
        self._briefing = briefing
        self._options = options
        self._render = options.prompts.render
        self._summarizer = RoundsSummarizer(briefing.space_text)
        self._requests_by_round: dict[int, str] = {}

    def for_guidance(self, rounds: Sequence[RoundBriefing]) -> list[Message]:
        """The messages that ask for the strategy of the round after `rounds`."""
        now = [user("\n\n".join([self._guidance_request(rounds), *self._extras(rounds)]))]
        system = self._system("navigator")
        return [system, *self._past("navigator", rounds, [system, *now]), *now]

    def for_proposals(self, number: int, guidance: str, count: int, rounds: Sequence[RoundBriefing]) -> list[Message]:
        """The messages that ask for `count` architectures according to `guidance`, in round `number` after `rounds`."""
        now = [user(self._proposals_request(number, guidance, count))]
        if self._options.single:
            now = [user(self._guidance_request(rounds)), assistant(guidance), *now]
        system = self._system("generator")
        return [system, *self._past("generator", rounds, [system, *now]), *now]

    def overflow(self, rounds: Sequence[RoundBriefing]) -> int | None:
        """Tokens of the unabridged conversation for the next strategy if it has to be summarised; else None."""
        if self._options.context_tokens is None or len(rounds) < 2:
            return None
        now = [self._system("navigator"), user(self._guidance_request(rounds))]
        turns = self._turns("navigator", rounds)
        return tokens([*turns, *now]) if turns and not self._fits([*turns, *now]) else None

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
            turn += [user("\n\n".join([request, *self._remarks(finished)])), assistant(finished.guidance)]
        if "generator" in remembered:
            answer = json.dumps({"architectures": list(finished.proposed)}, separators=(",", ":"))
            request = self._proposals_request(finished.number, finished.guidance, finished.requested)
            turn += [user(request), assistant(answer)]
        return turn

    def _fits(self, messages: Sequence[Message]) -> bool:
        context = self._options.context_tokens
        return context is None or tokens(messages) <= PROMPT_SHARE * context

    def _system(self, role: str) -> Message:
        briefing, options = self._briefing, self._options
        values = {"limits": limit_lines(briefing), "target": target_line(briefing), "space": briefing.space_text}
        values["cost_advice"] = cost_advice(briefing)
        if options.single or role == "navigator":
            values |= {"measure": briefing.measure.rstrip("."), "per_round": str(briefing.per_round)}
        if options.single:
            return system(self._render("single", "system", **values))
        memory_section = "remembers" if options.generator_memory else "forgets"
        if role == "navigator":
            partner = self._render("navigator", f"partner_{memory_section}")
            return system(self._render("navigator", "system", **values, partner=partner))
        memory, reference = self._render("generator", memory_section), self._table(briefing.reference)
        return system(self._render("generator", "system", **values, memory=memory, reference=reference))

    def _table(self, rows: Sequence[ArchitectureRow]) -> str:
        return format_rows(rows, self._briefing.costs)

    def _guidance_request(self, rounds: Sequence[RoundBriefing]) -> str:
        """The request for a strategy after `rounds`, with the results of the last of them."""
        number = rounds[-1].number if rounds else 0
        if number not in self._requests_by_round:
            self._requests_by_round[number] = self._later(rounds[-1]) if rounds else self._first()
        return self._requests_by_round[number]

    def _first(self) -> str:
        return self._render(
            "navigator",
            "first",
            round=1,
            limits=limit_lines(self._briefing),
            evaluations=_evaluations(0, self._briefing.budget),
            reference=self._table(self._briefing.reference),
        )

    def _later(self, finished: RoundBriefing) -> str:
        return self._render(
            "navigator",
            "later",
            round=finished.number + 1,
            previous=finished.number,
            limits=limit_lines(self._briefing),
            evaluations=_evaluations(finished.evaluations, finished.budget),
            results=self._table(finished.rows) if finished.rows else "No new legal architecture was proposed.",
            remarks=f"- not in the table: {finished.remarks or 'nothing'}",
            best=_best(finished.best),
        )

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
            choices=summary.choices,
        )

    def _extras(self, rounds: Sequence[RoundBriefing]) -> list[str]:
        """Parts that the role options add to the new request."""
        extras = []
        if rounds and not self._options.remembers("navigator"):
            extras.append(self._render("navigator", "forgets"))
        if self._options.evidence:
            from agents.roles.evidence import evidence

            if found := evidence(self._briefing, rounds):
                extras.append(self._render("navigator", "evidence", **found))
        return extras

    def _remarks(self, finished: RoundBriefing) -> list[str]:
        if not finished.human_remarks:
            return []
        return [self._render("navigator", "remarks", remarks="\n\n".join(map(fenced, finished.human_remarks)))]

    def _proposals_request(self, number: int, guidance: str, count: int) -> str:
        if self._options.single:
            return self._render("single", "request", round=number, count=count)
        return self._render("generator", "request", round=number, count=count, strategy=fenced(guidance))


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


def _evaluations(used: int, budget: int | None) -> str:
    return f"- evaluations: {used} used" if budget is None else f"- evaluations: {used} of {budget} used"


def _best(best: ArchitectureRow | None) -> str:
    if best is None:
        return "- best so far: none within the limit"
    # A line instead of a table, so that programs that read all tables do not count this architecture twice.
    genotype = json.dumps(best.genotype, separators=(",", ":"))
    error = "" if best.stderr is None else f" +- {best.stderr:.2f}"
    return f"- best so far: top1 {best.top1 or 0:.2f}{error}, macs_m {best.costs['macs_m']:.1f}: {genotype}"
