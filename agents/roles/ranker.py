"""The Ranker: asks a model to order architectures by expected accuracy, without showing any score.

An answer is valid only if it names every label once. An invalid one is sent back once with its problem; if the second
is invalid too, there is no ranking. The Ranker has no memory. The prompts are in `prompts/ranker.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.calls.caller import Caller
from agents.calls.transcript import Message
from agents.roles.conversation import follow_up, system, user
from agents.text.loose_json import LooseJSONError, read_value
from agents.text.prompt_templates import Prompts
from agents.text.sanitize import excerpt, without_reasoning

_ANSWERS = 2
_OBJECT = re.compile(r"""\{\s*["'“]ranking["'”]\s*:""")
_FORM = '{"ranking": [...]}'


@dataclass(frozen=True)
class Ranking:
    """A model's order of architectures, and the problems of its answers."""

    labels: tuple[str, ...]
    """Labels from the best to the worst; empty if no answer was valid."""
    problems: tuple[str, ...]
    """Problem of each invalid answer."""


class Ranker:
    """Asks a model for rankings of architectures of one search space."""

    def __init__(self, caller: Caller, space_text: str, measure: str) -> None:
        """
        Args:
            space_text: description of the search space.
            measure: text that says on what accuracy is measured, to follow "the accuracy that you expect of them".
        """
        self._caller = caller
        self._render = Prompts().render
        self._system = self._render("ranker", "system", space=space_text, measure=measure)

    def rank(self, round: int, architectures: Mapping[str, Mapping[str, Any]]) -> Ranking:
        """The ranking of `architectures`, a mapping from label to genotype in the order of the prompt.

        Raises:
            ModelError: the model does not answer.
        """
        labels, messages, problems = tuple(architectures), self.messages(round, architectures), list[str]()
        for attempt in range(1, _ANSWERS + 1):
            text = self._caller.ask(messages, round, attempt, _schema(labels)).text
            ranked, problem = read_ranking(text, labels)
            if not problem:
                return Ranking(ranked, tuple(problems))
            problems.append(problem)
            again = self._render(
                "ranker", "again", round=round, attempt=attempt + 1, problem=problem, labels=", ".join(labels)
            )
            messages = [*messages, *follow_up(text, again)]
        return Ranking((), tuple(problems))

    def messages(self, round: int, architectures: Mapping[str, Mapping[str, Any]]) -> list[Message]:
        """The first request for a ranking."""
        lines = [f"- {label}: {json.dumps(genotype)}" for label, genotype in architectures.items()]
        request = self._render("ranker", "request", round=round, count=len(lines), architectures="\n".join(lines))
        return [system(self._system), user(request)]


def read_ranking(text: str, labels: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The labels of the last ranking in an answer, and its problem; one of the two is empty."""
    answer = without_reasoning(text)
    found = list(_OBJECT.finditer(answer))
    if not found:
        return (), f"no JSON object of the form {_FORM} found"
    try:
        value, _ = read_value(answer, found[-1].start())
    except LooseJSONError as error:
        return (), f"not JSON: {error.problem}"
    ranked = value["ranking"]
    if not isinstance(ranked, list) or not all(isinstance(label, str) for label in ranked):
        return (), f"ranking: expected a list of labels, got {excerpt(json.dumps(ranked))}"
    problems = {
        "missing": [label for label in labels if label not in ranked],
        "repeated": [label for label in labels if ranked.count(label) > 1],
        "unknown": [excerpt(label, 20) for label in ranked if label not in labels],
    }
    problem = "; ".join(f"{name}: {', '.join(which)}" for name, which in problems.items() if which)
    return ((), problem) if problem else (tuple(ranked), "")


def _schema(labels: Sequence[str]) -> dict[str, Any]:
    label = {"type": "string", "enum": list(labels)}
    ranking = {"type": "array", "items": label, "minItems": len(labels), "maxItems": len(labels)}
    return {
        "type": "object", "properties": {"ranking": ranking}, "required": ["ranking"], "additionalProperties": False
    }  # fmt: skip
