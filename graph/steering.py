"""How a person steers a run: the question that is put after each strategy, and the words that answer it.

Notable: question and word are plain JSON, because LangGraph keeps them in its checkpoints. Knows no terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypedDict


class ReviewRequest(TypedDict):
    """A strategy that waits for a person's word."""

    round: int
    strategy: str


class Feedback(TypedDict):
    """`accept` the strategy, `edit` it (`text` takes its place), or `remark` on it, and have it written again."""

    kind: Literal["accept", "edit", "remark"]
    text: str


Reviewer = Callable[[ReviewRequest], Feedback]
"""Blocks until the person has answered; raises KeyboardInterrupt when they would rather stop."""

ACCEPT: Feedback = {"kind": "accept", "text": ""}
