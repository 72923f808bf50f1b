"""The state that LangGraph checkpoints: a few JSON primitives. Everything else is in the archive."""

from __future__ import annotations

# LangGraph's studio asks for the schema of the state, which pydantic makes of this TypedDict alone before Python 3.12.
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    round: int
    """The round being worked on, from 1."""
    strategy: str
    """Guidance that the Navigator wrote last, Markdown."""
    remarks: int
    """Number of a reviewer's remarks that it was written with."""
    stopped_because: str
    """Why the search ended; absent while it continues."""
