"""What a model is sent: the system prompt, the earlier turns that its role remembers, and the request of now.

Notable: nothing is kept but what can be built again. Conversations are rebuilt from the finished rounds each time, so a
search that was interrupted continues them word for word. One that outgrows the model's context is cut by a fixed rule:
where results are told, all rounds but the last become a summary; where they are not, the oldest turns are left out.
Does not know what is asked of a model's answer.
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

LETTERS_PER_TOKEN = 4
"""The rule by which tokens are counted: no model's own, and near enough for all."""
PROMPT_SHARE = 0.75
"""Of a context; the rest is for the answer and the thoughts before it."""


class Conversation:
    """Messages for one role. Rounds that are handed in are finished: they never change."""

    def __init__(self, briefing: Briefing, options: RoleOptions) -> None:
        self._briefing = briefing
        self._options = options
        self._render = options.prompts.render
        self._summary = RoundsSummarizer(briefing.space_text)
        self._requests: dict[int, str] = {}

    def for_guidance(self, rounds: Sequence[RoundBriefing]) -> list[Message]:
        """For the strategy of the round after `rounds`."""
        now = [_user("\n\n".join([self._guidance_request(rounds), *self._extras(rounds)]))]
        system = self._system("navigator")
        return [system, *self._past("navigator", rounds, [system, *now]), *now]

    def for_proposals(self, number: int, strategy: str, count: int, rounds: Sequence[RoundBriefing]) -> list[Message]:
        """For `count` architectures that follow `strategy`, in round `number` after `rounds`."""
        now = [_user(self._proposals_request(number, strategy, count))]
        if self._options.single:
            now = [_user(self._guidance_request(rounds)), _assistant(strategy), *now]
        system = self._system("generator")
        return [system, *self._past("generator", rounds, [system, *now]), *now]

    def overflow(self, rounds: Sequence[RoundBriefing]) -> int | None:
        """Tokens of the whole conversation for the next strategy, where they make a summary of it needed; else None."""
        if self._options.context_tokens is None or len(rounds) < 2:
            return None
        now = [self._system("navigator"), _user(self._guidance_request(rounds))]
        turns = self._turns("navigator", rounds)
        return tokens([*turns, *now]) if turns and not self._fits([*turns, *now]) else None

    def _past(self, role: str, rounds: Sequence[RoundBriefing], now: list[Message]) -> list[Message]:
        """The earlier turns that the role remembers, as many as fit beside `now`."""
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
        """What a role remembers of a round; `request` is what its strategy was asked for with."""
        remembered = self._options.remembers(role)
        turn: list[Message] = []
        if "navigator" in remembered:
            turn += [_user("\n\n".join([request, *self._remarks(finished)])), _assistant(finished.strategy)]
        if "generator" in remembered:
            answer = json.dumps({"architectures": list(finished.proposed)}, separators=(",", ":"))
            asked = self._proposals_request(finished.number, finished.strategy, finished.requested)
            turn += [_user(asked), _assistant(answer)]
        return turn

    def _fits(self, messages: Sequence[Message]) -> bool:
        context = self._options.context_tokens
        return context is None or tokens(messages) <= PROMPT_SHARE * context

    def _system(self, role: str) -> Message:
        briefing, options = self._briefing, self._options
        told = {"limits": limit_lines(briefing), "target": target_line(briefing), "space": briefing.space_text}
        told["cost_advice"] = cost_advice(briefing)
        if options.single or role == "navigator":
            told |= {"measure": briefing.measure.rstrip("."), "per_round": str(briefing.per_round)}
        if options.single:
            return _message("system", self._render("single", "system", **told))
        keeps = "remembers" if options.generator_memory else "forgets"
        if role == "navigator":
            partner = self._render("navigator", f"partner_{keeps}")
            return _message("system", self._render("navigator", "system", **told, partner=partner))
        memory, reference = self._render("generator", keeps), self._table(briefing.reference)
        return _message("system", self._render("generator", "system", **told, memory=memory, reference=reference))

    def _table(self, rows: Sequence[ArchitectureRow]) -> str:
        return format_rows(rows, self._briefing.costs)

    def _guidance_request(self, rounds: Sequence[RoundBriefing]) -> str:
        """The request that follows `rounds`: with the results of the last of them."""
        number = rounds[-1].number if rounds else 0
        if number not in self._requests:
            self._requests[number] = self._later(rounds[-1]) if rounds else self._first()
        return self._requests[number]

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
        """In place of the request for the last round's strategy: all that was known then, in short."""
        *earlier, last = rounds
        told = self._summary.of(earlier)
        return self._render(
            "navigator",
            "summary",
            last=earlier[-1].number,
            round=last.number,
            scored=told.scored,
            best=self._table(told.best),
            worst=self._table(told.worst),
            choices=told.choices,
        )

    def _extras(self, rounds: Sequence[RoundBriefing]) -> list[str]:
        """What the options add to the request of now."""
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

    def _proposals_request(self, number: int, strategy: str, count: int) -> str:
        if self._options.single:
            return self._render("single", "request", round=number, count=count)
        return self._render("generator", "request", round=number, count=count, strategy=fenced(strategy))


def tokens(messages: Sequence[Message]) -> int:
    """About how many tokens the messages are."""
    return sum(len(message["content"]) for message in messages) // LETTERS_PER_TOKEN


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def _user(content: str) -> Message:
    return _message("user", content)


def _assistant(content: str) -> Message:
    return _message("assistant", content)


def _evaluations(used: int, budget: int | None) -> str:
    return f"- evaluations: {used} used" if budget is None else f"- evaluations: {used} of {budget} used"


def _best(best: ArchitectureRow | None) -> str:
    if best is None:
        return "- best so far: none within the limit"
    # One line and not a table, so that a program that reads all tables does not count this architecture twice.
    genotype = json.dumps(best.genotype, separators=(",", ":"))
    error = "" if best.stderr is None else f" +- {best.stderr:.2f}"
    return f"- best so far: top1 {best.top1 or 0:.2f}{error}, macs_m {best.costs['macs_m']:.1f}: {genotype}"
