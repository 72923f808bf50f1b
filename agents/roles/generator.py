"""The Generator: turns one strategy into architectures. Unless asked to remember, it keeps nothing between rounds.

What is not legal goes back to the model once, with the exact errors, and the corrected architectures take the place of
the bad ones. This module does not know what is legal: it is handed a check. The words are in `prompts/generator.md`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from agents.calls.caller import Caller, OnText
from agents.calls.transcript import Message
from agents.model_errors import ModelError
from agents.roles.briefing import Briefing, RoundBriefing
from agents.roles.conversation import Conversation
from agents.roles.options import RoleOptions
from agents.text.prompt_templates import fenced
from agents.text.proposals import ParsedAnswer, Proposals, RejectedPiece, parse_answer
from agents.text.sanitize import excerpt, without_reasoning

Check = Callable[[object], list[str]]
"""The problems of a genotype, one sentence each; empty when it is legal."""

_MOST_PROBLEMS = 8
"""Told of one architecture: a wrong length alone can make dozens of further complaints."""

_LONGEST_ECHO = 20_000
"""Characters of an answer that are sent back with what is wrong in it."""


class Generator:
    def __init__(
        self,
        *,
        caller: Caller,
        briefing: Briefing,
        options: RoleOptions | None = None,
        on_text: OnText | None = None,
        repairs: int = 1,
    ) -> None:
        self.caller = caller
        self.briefing = briefing
        self.options = options or RoleOptions()
        self.conversation = Conversation(briefing, self.options)
        self.on_text = on_text
        self.repairs = repairs

    def propose(
        self, round: int, guidance_text: str, count: int, check: Check, earlier: Sequence[RoundBriefing] = ()
    ) -> Proposals:
        """`count` architectures for round `round`; `earlier` are the rounds before it, for a Generator that remembers.

        Raises:
            ModelError: the model does not answer at all. Once it has answered, a later fault is told in `error`.
        """
        messages = self.messages(round, guidance_text, count, earlier)
        text = self._ask(messages, round, 1, count)
        draft = _Draft(count, check)
        draft.take(parse_answer(text))
        for attempt in range(2, self.repairs + 2):
            wanted = draft.wanted()
            if not wanted:
                break
            request = self.options.prompts.render(
                "generator", "repair", round=round, attempt=attempt, count=wanted, problems=draft.problems()
            )
            answered = {"role": "assistant", "content": without_reasoning(text)[:_LONGEST_ECHO] or "(nothing)"}
            messages = [*messages, answered, {"role": "user", "content": request}]
            try:
                text = self._ask(messages, round, attempt, wanted)
            except ModelError as error:
                return draft.proposals(str(error))
            draft.take(parse_answer(text))
        return draft.proposals()

    def messages(
        self, round: int, guidance_text: str, count: int, earlier: Sequence[RoundBriefing] = ()
    ) -> list[Message]:
        """The conversation of one round, before any repair; `earlier` are the rounds before it."""
        return self.conversation.for_proposals(round, guidance_text, count, earlier)

    def _ask(self, messages: Sequence[Message], round: int, attempt: int, count: int) -> str:
        return self.caller.ask(messages, round, attempt, self.briefing.schema(1, count), on_text=self.on_text).text


class _Draft:
    """The proposals of a round while answers come in: the first fills it, later ones replace what was bad."""

    def __init__(self, count: int, check: Check) -> None:
        self._count = count
        self._check = check
        self._candidates: list[dict[str, Any]] = []
        self._rejected: list[RejectedPiece] = []
        self._answers = 0
        self._replaced = 0
        self._bad: list[int] = []
        self._unreadable: tuple[RejectedPiece, ...] = ()

    def take(self, answer: ParsedAnswer) -> None:
        # A repair that repeats what is here already brings nothing.
        candidates = [c for c in answer.candidates if not self._answers or c not in self._candidates]
        for i, candidate in zip(self._bad, candidates, strict=False):
            self._candidates[i] = candidate
            self._replaced += 1
        added = candidates[len(self._bad) :]
        room = self._count - len(self._candidates)
        self._candidates += added[:room]
        self._unreadable = answer.rejected
        self._rejected += answer.rejected
        if len(added) > room:
            problem = f"{len(added) - room} more than the {self._count} asked for: not taken"
            self._rejected.append(RejectedPiece(excerpt(json.dumps(added[room])), problem))
        self._answers += 1
        self._bad = [i for i, candidate in enumerate(self._candidates) if self._check(candidate)]

    def wanted(self) -> int:
        """How many architectures a repair has to bring."""
        if not self._candidates:
            return self._count
        room = self._count - len(self._candidates)
        return len(self._bad) + min(room, len(self._unreadable))

    def problems(self) -> str:
        """What to correct, fenced, since it quotes the model."""
        lines = []
        for i in self._bad:
            found = self._check(self._candidates[i])
            more = f"; and {len(found) - _MOST_PROBLEMS} more" if len(found) > _MOST_PROBLEMS else ""
            lines.append((json.dumps(self._candidates[i]), "; ".join(found[:_MOST_PROBLEMS]) + more))
        lines += [(piece.text, piece.problem) for piece in self._unreadable[: self._count]]
        told = (f"- {excerpt(text, 600)}\n  problem: {excerpt(problem, 600)}" for text, problem in lines)
        return fenced("\n".join(told))

    def proposals(self, error: str = "") -> Proposals:
        if not error and self._unreadable:
            error = self._unreadable[-1].problem
        if not error and self._bad:
            error = "; ".join(self._check(self._candidates[self._bad[-1]])[:_MOST_PROBLEMS])
        return Proposals(
            genotypes=self._candidates,
            rejected=self._rejected,
            answers=self._answers,
            repaired=self._replaced,
            error=error,
        )
