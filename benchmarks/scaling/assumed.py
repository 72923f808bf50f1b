"""What could not be measured here, and the seconds of a run that follow from it and from what was.

Notable: these are assumptions. `docs/scaling.md` lists each with its reason, and shows what other values would change.
"""

from __future__ import annotations

import math

from benchmarks.scaling.model import Times
from benchmarks.scaling.record import found

CALL, CALLS = 10.0, (2.0, 10.0, 30.0)
"""Seconds of a language model's answer without candidates: usual, and the range."""
TOKENS_A_SECOND = 100.0
"""At which a language model writes candidates."""
CANDIDATE, CANDIDATES = 8.4, (1.0, 8.4, 36.0)
"""Seconds of a candidate that is scored by itself on a GPU: usual, and the range."""
GPUS_A_NODE = 8
STORAGE_GB_A_SECOND = 1.0
"""At which all nodes together read what is shared."""
IMAGES_GB, CHECKING = 6.7, 6.1
"""Of 12,000 images at OFA's five sides, and seconds to compare them with their checksums; see `docs/performance.md`."""


def times(call: float = CALL, candidate: float = CANDIDATE, gpus: int = 1) -> Times:
    """Seconds of a run whose workers are on so many GPUs."""
    search, scoring = found("search"), found("scoring")
    commit = found("archive")["own"][0]["median_ms"] / 1e3
    reading = math.ceil(gpus / GPUS_A_NODE) * IMAGES_GB / STORAGE_GB_A_SECOND
    shared = scoring["chunk_in_candidates"]
    return Times(
        candidate=candidate / (1 + shared),
        chunk=candidate * shared / (1 + shared),
        call=call,
        written=search["answer_tokens_a_candidate"] / TOKENS_A_SECOND,
        coordination=search["coordination_and_commit_ms"] / 1e3 - commit,
        commit=commit,
        start=search["start_s"] + reading + CHECKING,
        spread=scoring["spread"],
    )
