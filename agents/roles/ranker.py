"""The Ranker: puts architectures in order by the accuracy that a model expects of them, without a score to go by.

An answer counts only if it names every label once. One that does not goes back once, with what is wrong in it; after
that there is no ranking, and none is guessed. Keeps nothing between rounds. The words are in `prompts/ranker.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.calls.caller import Caller
from agents.calls.transcript import Message
from agents.text.loose_json import LooseJSONError, read_value
from agents.text.prompt_templates import Prompts
from agents.text.sanitize import excerpt, without_reasoning

_ANSWERS = 2
_LONGEST_ECHO = 20_000
"""Characters of an answer that are sent back with what is wrong in it."""
_OBJECT = re.compile(r"""\{\s*["'“]ranking["'”]\s*:""")
_FORM = '{"ranking": [...]}'


@dataclass(frozen=True)
class Ranking:
    labels: tuple[str, ...]
    """The best first; empty where no answer could be used."""
    problems: tuple[str, ...]
    """What was wrong with each answer that could not be used."""


class Ranker:
    def __init__(self, caller: Caller, space_text: str, measure: str) -> None:
        """
        Args:
            space_text: the search space in words.
            measure: what accuracy is measured on, to go after "the accuracy that you expect of them".
        """
        self._caller = caller
        self._render = Prompts().render
        self._system = self._render("ranker", "system", space=space_text, measure=measure)

    def rank(self, round: int, architectures: Mapping[str, Mapping[str, Any]]) -> Ranking:
        """`architectures`: label to genotype, in the order in which they are shown.

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
            answered = without_reasoning(text)[:_LONGEST_ECHO] or "(nothing)"
            messages = [*messages, {"role": "assistant", "content": answered}, {"role": "user", "content": again}]
        return Ranking((), tuple(problems))

    def messages(self, round: int, architectures: Mapping[str, Mapping[str, Any]]) -> list[Message]:
        """The first request for a ranking."""
        lines = [f"- {label}: {json.dumps(genotype)}" for label, genotype in architectures.items()]
        request = self._render("ranker", "request", round=round, count=len(lines), architectures="\n".join(lines))
        return [{"role": "system", "content": self._system}, {"role": "user", "content": request}]


def read_ranking(text: str, labels: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The last ranking in an answer, and what is wrong with it: the one or the other is empty."""
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
    faults = {
        "missing": [label for label in labels if label not in ranked],
        "repeated": [label for label in labels if ranked.count(label) > 1],
        "unknown": [excerpt(label, 20) for label in ranked if label not in labels],
    }
    problem = "; ".join(f"{name}: {', '.join(which)}" for name, which in faults.items() if which)
    return ((), problem) if problem else (tuple(ranked), "")


def _schema(labels: Sequence[str]) -> dict[str, Any]:
    label = {"type": "string", "enum": list(labels)}
    ranking = {"type": "array", "items": label, "minItems": len(labels), "maxItems": len(labels)}
    return {
        "type": "object", "properties": {"ranking": ranking}, "required": ["ranking"], "additionalProperties": False
    }  # fmt: skip
