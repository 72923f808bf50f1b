"""A chat model that returns given answers, so that a whole search runs without a key or a network.

The file holds `{"navigator": [...], "generator": [...]}` with one entry per round. An entry is the text of the answer,
a JSON object that is sent as text, or a list of these with one per attempt. After the end of a list its last entry
repeats. The answer is chosen by the `- role:`, `- round:` and `- attempt:` lines of the prompt instead of a counter, so
a new process continues where a killed one stopped.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agents.text.prompt_templates import without_fenced
from common.errors import UserError

_T = TypeVar("_T")
_WANTED = re.compile(r"^- architectures wanted: \d+$", re.MULTILINE)
_FORM = '{"navigator": [...], "generator": [...]}, each a list of answers with at least one entry'


class ScriptedChatModel(BaseChatModel):
    """Returns the answer for the role, round and attempt of a prompt."""

    answers: dict[str, list[list[str]]]
    """Answers by role, round and attempt."""

    @classmethod
    def from_file(cls, path: Path) -> ScriptedChatModel:
        """The model for the answers in a file.

        Raises:
            UserError: the file cannot be read, or it is not in the form that the module's docstring gives.
        """
        try:
            script = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"cannot read the scripted answers in {path}: {error}; expected JSON: {_FORM}") from None
        if not isinstance(script, dict) or not script or not all(isinstance(r, list) and r for r in script.values()):
            raise UserError(f"scripted answers in {path}: expected {_FORM}")
        return cls(answers={role: [_attempts(entry) for entry in rounds] for role, rounds in script.items()})

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        request = without_fenced(str(messages[-1].text))
        role = _line("role", str(messages[0].text), "?")
        if role == "single":
            role = "generator" if _WANTED.search(request) else "navigator"
        if role not in self.answers:
            raise UserError(
                f"scripted answers: expected answers for {role}, got those for {', '.join(self.answers)}; add a list "
                f"of {role} answers to the file"
            )
        # A repeated request has the line of its new attempt at its end.
        attempt = _line("attempt", request, "1", which=-1)
        text = _at(_at(self.answers[role], _line("round", request, "1")), attempt)
        message = AIMessage(text, response_metadata={"cost_usd": 0.0})
        return ChatResult(generations=[ChatGeneration(message=message)])


def _attempts(entry: object) -> list[str]:
    return [_text(answer) for answer in entry] if isinstance(entry, list) and entry else [_text(entry)]


def _text(answer: object) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer)


def _line(name: str, prompt: str, default: str, which: int = 0) -> str:
    found: list[str] = re.findall(rf"^- {name}: (\w+)$", prompt, re.MULTILINE)
    return found[which] if found else default


def _at(entries: list[_T], number: str) -> _T:
    return entries[min(int(number), len(entries)) - 1]
