"""The Performance Predictor: asks a model for the score of a network, given the scores of a few others.

Jawahar, Abdul-Mageed, Lakshmanan and Ding, ACL Findings 2024 (LLM-PP): a prompt of a role, instructions, definitions
of the configuration, and examples with cost and score. An answer is one number within the range of the score; one
that is not is sent back with its problem, twice at most, and then there is no prediction. The prompts are in
`prompts/predictor.md`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.calls.caller import Caller
from agents.calls.transcript import Message
from agents.roles.conversation import follow_up, system, user
from agents.text.prompt_templates import Prompts
from agents.text.sanitize import excerpt, without_reasoning

ANSWERS = 3
"""Most answers to one question."""
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_OBJECT = re.compile(r"""\{\s*["'“]score["'”]\s*:([^{}]*)\}""")
_SCHEMA = {
    "type": "object", "properties": {"score": {"type": "number"}}, "required": ["score"], "additionalProperties": False
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Domain:
    """What the networks are, in the words of the prompt."""

    what: str
    """What they do, such as "translation from English to German"."""
    metric: str
    unit: str
    """Of errors."""
    cost: str
    """What their cost is."""
    backbone: str
    """A sentence on what they are."""
    definitions: str
    """What a configuration is made of."""
    low: float = 0.0
    high: float = 100.0
    """Range of scores."""


@dataclass(frozen=True)
class Prediction:
    """A model's prediction, and the problems of its answers."""

    score: float | None
    """None if no answer was valid."""
    problems: tuple[str, ...]


class PerformancePredictor:
    """Asks a model for scores."""

    def __init__(self, caller: Caller, domain: Domain) -> None:
        self._caller = caller
        self._domain = domain
        self._render = Prompts().render
        told = {"what": domain.what, "metric": domain.metric, "backbone": domain.backbone, "cost": domain.cost}
        self._system = self._render("predictor", "system", definitions=domain.definitions, **told)

    def predict(self, round: int, examples: Sequence[str], query: str, first: int = 1) -> Prediction:
        """The prediction for a network.

        Args:
            round: number of the question.
            examples: texts of networks with their scores.
            query: text of the network.
            first: number of the first attempt; another number asks the same question anew.

        Raises:
            ModelError: the model does not answer.
        """
        messages, problems, domain = self.messages(round, examples, query), list[str](), self._domain
        for attempt in range(first, first + ANSWERS):
            text = self._caller.ask(messages, round, attempt, _SCHEMA).text
            score, problem = read_score(text, domain.low, domain.high)
            if score is not None:
                return Prediction(score, tuple(problems))
            problems.append(problem)
            again = self._render(
                "predictor", "again", round=round, attempt=attempt + 1, problem=problem, low=f"{domain.low:g}",
                high=f"{domain.high:g}",
            )  # fmt: skip
            messages = [*messages, *follow_up(text, again)]
        return Prediction(None, tuple(problems))

    def messages(self, round: int, examples: Sequence[str], query: str) -> list[Message]:
        """The first request for a prediction."""
        metric = self._domain.metric
        shown = (
            self._render("predictor", "examples", metric=metric, rows="\n\n".join(examples))
            if examples
            else self._render("predictor", "no_examples", metric=metric)
        )
        asked = self._render("predictor", "request", round=round, examples=shown, query=query, metric=metric)
        return [system(self._system), user(asked)]


def read_score(text: str, low: float, high: float) -> tuple[float | None, str]:
    """The number of an answer, from its JSON object or alone, and its problem; one of the two is empty."""
    answer = without_reasoning(text).strip().strip("`").removeprefix("json").strip()
    found = _OBJECT.findall(answer)
    number = (found[-1] if found else answer).strip().strip("\"'")
    if not _NUMBER.fullmatch(number):
        return None, f'expected {{"score": NUMBER}}, got {excerpt(json.dumps(answer), 60)}'
    score = float(number)
    if not math.isfinite(score) or not low <= score <= high:
        return None, f"expected a number between {low:g} and {high:g}, got {number}"
    return score, ""
