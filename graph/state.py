"""The state that LangGraph checkpoints: a few JSON primitives. Everything else is in the archive."""

from __future__ import annotations

from typing import TypedDict


class State(TypedDict, total=False):
    round: int
    """The round being worked on, from 1."""
    strategy: str
    """What the Navigator wrote last, Markdown."""
    stopped_because: str
    """Why the search ended, in words; absent while it goes on."""
