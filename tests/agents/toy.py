"""A search space as agents see one (text, schema, check), small enough to read; and models that need no network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from agents.calls.caller import Caller
from agents.calls.transcript import MemoryTranscript
from agents.models.scripted import ScriptedChatModel
from agents.roles.briefing import Briefing
from agents.text.architecture_table import ArchitectureRow, parse_rows

SPACE = """A genotype is {"r": side, "k": [two kernels]}.

| genes | choices | meaning |
|---|---|---|
| r | 32, 48 | side of the input image in pixels |
| k[0] k[1] | 3, 5, 7 | kernel of each block |"""

STRATEGY = "## Summary\nLook around.\n## Key patterns\nNone yet.\n## Directions\nAll open."


def genotype(r: int = 32, *k: int) -> dict[str, Any]:
    return {"r": r, "k": list(k or (3, 5))}


def row(top1: float | None = None, verdict: str = "evaluated", id: str = "", **genes: Any) -> ArchitectureRow:
    return ArchitectureRow(
        id=id,
        genotype={**genotype(), **genes},
        costs={"macs_m": 12.5, "params_m": 1.25},
        verdict=verdict,
        top1=top1,
    )


def check(candidate: object) -> list[str]:
    if not isinstance(candidate, dict):
        return ["expected an object"]
    problems = [] if candidate.get("r") in (32, 48) else [f"r: expected one of 32, 48; got {candidate.get('r')!r}"]
    if not isinstance(candidate.get("k"), list) or len(candidate["k"]) != 2:
        problems.append("k: expected 2 entries")
    return problems


def schema(low: int, high: int) -> dict[str, Any]:
    architectures = {"type": "array", "minItems": low, "maxItems": high, "items": {"type": "object"}}
    return {"type": "object", "properties": {"architectures": architectures}, "required": ["architectures"]}


def briefing(**changes: Any) -> Briefing:
    values: dict[str, Any] = {
        "space_text": SPACE,
        "limits": (("macs_m", 350.0), ("params_m", 4.5)),
        "target": None,
        "measure": "on 2,000 images",
        "error_meaning": "The error of a score is that of counting on 2,000 images.",
        "schema": schema,
        "costs": {"macs_m": 1, "params_m": 2},
        "reference": (row(verdict="cost only"),),
        "budget": 100,
    }
    return Briefing(**{**values, **changes})


def rows_in(text: str) -> list[ArchitectureRow]:
    """The rows of all tables in a prompt about this space."""
    return parse_rows(text, briefing().form)


class FunctionModel(BaseChatModel):
    """Answers with what `answer` makes of the messages, after `pieces`; keeps the arguments of its calls."""

    answer: Callable[[list[BaseMessage]], str]
    pieces: Any = ()
    """An iterable, which is left when `stopped` is set."""
    arguments: list[dict[str, Any]] = Field(default_factory=list)
    stopped: Any = Field(default_factory=threading.Event)

    @property
    def _llm_type(self) -> str:
        return "function"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self.arguments.append(kwargs)
        for piece in takewhile(lambda piece: not self.stopped.is_set(), self.pieces):
            kwargs["on_text"](piece)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.answer(messages)))])


def caller(model: BaseChatModel, role: str = "navigator", **changes: Any) -> Caller:
    changes = {"transcript": MemoryTranscript(), "deadline": 5.0, "sleep": lambda seconds: None, **changes}
    return Caller(model=model, name="toy", role=role, **changes)


def scripted(role: str, *rounds: str | list[str], **changes: Any) -> Caller:
    """A caller whose model plays `rounds`; a list holds the answers to the attempts of one round."""
    answers = {role: [entry if isinstance(entry, list) else [entry] for entry in rounds]}
    return caller(ScriptedChatModel(answers=answers), role, **changes)


def sent(asked: Caller) -> list[tuple[dict[str, str], ...]]:
    """The messages of every recorded call."""
    assert isinstance(asked.transcript, MemoryTranscript)
    return [call.request.messages for call in asked.transcript.calls]
