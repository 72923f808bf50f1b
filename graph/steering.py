"""How a person steers a run: the question that is put after each strategy, and the words that answer it.

Notable: question and word are plain JSON, because LangGraph keeps them in its checkpoints. Knows no terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypedDict


class Question(TypedDict):
    """A strategy that waits for a person's word."""

    round: int
    strategy: str


class Word(TypedDict):
    """`accept` the strategy, `edit` it (`text` takes its place), or `remark` on it, and have it written again."""

    kind: Literal["accept", "edit", "remark"]
    text: str


Person = Callable[[Question], Word]
"""Blocks until the person has answered; raises KeyboardInterrupt when they would rather stop."""

ACCEPT: Word = {"kind": "accept", "text": ""}
