"""Whether the archive of a run has all that LangGraph's checkpoint builds on.

A folder that was copied while its run went on, or without `archive.sqlite-wal`, has an older archive. The archive is
what counts then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.archive.archive import Archive

if TYPE_CHECKING:
    from langgraph.types import StateSnapshot

_STAGES = ("", "planned", "proposed", "judged", "closed")
"""What the archive has of a round, in order."""
BEHIND = (
    "The record of this run ends before its checkpoint does, as in a copy without archive.sqlite-wal. What it holds is "
    "what counts: {rounds} whole rounds; the search goes on after them."
)


def closed_rounds(archive: Archive) -> int:
    """Number of rounds that the archive has whole."""
    last = archive.last_round
    return last if last == 0 or archive.stage(last) == "closed" else last - 1


def covers(archive: Archive, checkpoint: StateSnapshot, first: str) -> bool:
    """Whether the archive has all that a checkpoint's next node builds on.

    Args:
        first: the node at which rounds begin.
    """
    if not checkpoint.next:
        return True
    round, node = checkpoint.values.get("round", 0), checkpoint.next[0]
    needed = {"generator": "planned", "coordinator": "proposed"}.get(node, "") if node != first else ""
    return closed_rounds(archive) >= round - 1 and _STAGES.index(archive.stage(round)) >= _STAGES.index(needed)
