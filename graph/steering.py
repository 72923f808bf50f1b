"""Human review of strategies: the request that is put to a reviewer after each strategy, and the feedback.

Notable: request and feedback are plain JSON, because LangGraph keeps them in its checkpoints. Knows no terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypedDict


class ReviewRequest(TypedDict):
    """A strategy that awaits review."""

    round: int
    strategy: str


class Feedback(TypedDict):
    """`accept` the strategy, `edit` it (`text` replaces it), or `remark` on it, so that it is written again."""

    kind: Literal["accept", "edit", "remark"]
    text: str


Reviewer = Callable[[ReviewRequest], Feedback]
"""Blocks until there is feedback; raises KeyboardInterrupt to stop the run instead."""

ACCEPT: Feedback = {"kind": "accept", "text": ""}
