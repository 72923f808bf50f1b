"""The Generator: turns one strategy into architectures, by default without memory of earlier rounds.

Illegal architectures are sent back to the model once with their exact problems, and the corrected ones replace them; so
are, if the caller asks for it, legal ones whose score would teach nothing. The caller passes the checks that decide.
The prompts are in `prompts/generator.md`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from agents.calls.caller import Caller, OnText
from agents.calls.transcript import Message
from agents.model_errors import ModelError
from agents.roles.briefing import Briefing, RoundBriefing
from agents.roles.conversation import Conversation, follow_up
from agents.roles.options import RoleOptions
from agents.text.prompt_templates import fenced
from agents.text.proposals import ParsedAnswer, Proposals, RejectedPiece, parse_answer
from agents.text.sanitize import excerpt

Check = Callable[[object], list[str]]
"""Function from a genotype to its problems, one sentence each; none if it is legal."""


def nothing_wrong(genotype: object) -> list[str]:
    """The check that every genotype passes."""
    return []


_MOST_PROBLEMS = 8
"""Maximum number of problems listed for one architecture, since one wrong length can cause dozens of others."""


class Generator:
    """Asks a model for architectures; `repairs` is the maximum number of corrections per round."""

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
        self,
        round: int,
        guidance_text: str,
        count: int,
        check: Check,
        earlier: Sequence[RoundBriefing] = (),
        waste: Check = nothing_wrong,
    ) -> Proposals:
        """`count` architectures for round `round`; `earlier` are the rounds before it, for a Generator with memory.

        Args:
            waste: why the score of a legal genotype would teach nothing; such genotypes are sent back once.

        Raises:
            ModelError: the model does not answer at all. If only a repair fails, the result's `error` says why.
        """
        messages = self.messages(round, guidance_text, count, earlier)
        text = self._ask(messages, round, 1, count)
        draft = _Draft(count, check, waste)
        draft.take(parse_answer(text))
        for attempt in range(2, self.repairs + 2):
            wanted = draft.wanted()
            if not wanted:
                break
            request = self.options.prompts.render(
                "generator", "repair", round=round, attempt=attempt, count=wanted, problems=draft.problems()
            )
            messages = [*messages, *follow_up(text, request)]
            try:
                text = self._ask(messages, round, attempt, wanted)
            except ModelError as error:
                return draft.proposals(str(error))
            draft.take(parse_answer(text))
        return draft.proposals()

    def messages(
        self, round: int, guidance_text: str, count: int, earlier: Sequence[RoundBriefing] = ()
    ) -> list[Message]:
        """The messages of one round before any repair; `earlier` are the rounds before it."""
        return self.conversation.for_proposals(round, guidance_text, count, earlier)

    def _ask(self, messages: Sequence[Message], round: int, attempt: int, count: int) -> str:
        return self.caller.ask(messages, round, attempt, self.briefing.schema(1, count), on_text=self.on_text).text


class _Draft:
    """The proposals of a round: the first answer fills it, and repairs replace illegal candidates."""

    def __init__(self, count: int, check: Check, waste: Check) -> None:
        self._count = count
        self._check = check
        self._waste = waste
        self._candidates: list[dict[str, Any]] = []
        self._rejected: list[RejectedPiece] = []
        self._answers = 0
        self._replaced = 0
        self._bad: list[int] = []
        self._unreadable: tuple[RejectedPiece, ...] = ()

    def take(self, answer: ParsedAnswer) -> None:
        # A repair that repeats an existing candidate is not counted.
        candidates = [c for c in answer.candidates if not self._answers or c not in self._candidates]
        for i, candidate in zip(self._bad, candidates, strict=False):
            self._replaced += bool(self._check(self._candidates[i]))
            self._candidates[i] = candidate
        added = candidates[len(self._bad) :]
        room = self._count - len(self._candidates)
        self._candidates += added[:room]
        self._unreadable = answer.rejected
        self._rejected += answer.rejected
        if len(added) > room:
            problem = f"{len(added) - room} more than the {self._count} asked for: not taken"
            self._rejected.append(RejectedPiece(excerpt(json.dumps(added[room])), problem))
        self._answers += 1
        # A short answer should replace the illegal ones.
        bad = [i for i in range(len(self._candidates)) if self._faults(i)]
        self._bad = sorted(bad, key=lambda i: not self._check(self._candidates[i]))

    def _faults(self, i: int) -> list[str]:
        """Why a candidate is to be replaced: it is illegal or, after the first answer, teaches nothing."""
        candidate = self._candidates[i]
        if (found := self._check(candidate)) or self._answers > 1:
            return found
        repeated = ["the same as another of this answer"] * (candidate in self._candidates[:i])
        return [*self._waste(candidate), *(repeated if self._waste is not nothing_wrong else [])]

    def wanted(self) -> int:
        """The number of architectures to request in a repair; 0 if none is needed."""
        if not self._candidates:
            return self._count
        room = self._count - len(self._candidates)
        return len(self._bad) + min(room, len(self._unreadable))

    def problems(self) -> str:
        """The problems to correct, fenced because they quote the model."""
        lines = []
        for i in self._bad:
            found = self._faults(i)
            more = f"; and {len(found) - _MOST_PROBLEMS} more" if len(found) > _MOST_PROBLEMS else ""
            lines.append((json.dumps(self._candidates[i]), "; ".join(found[:_MOST_PROBLEMS]) + more))
        lines += [(piece.text, piece.problem) for piece in self._unreadable[: self._count]]
        return fenced(
            "\n".join(f"- {excerpt(text, 600)}\n  problem: {excerpt(problem, 600)}" for text, problem in lines)
        )

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
