"""What the shell completes: supernets, strategies and runs. Imports neither torch nor litellm, so that it is fast."""

from __future__ import annotations

import os
from pathlib import Path

from graph.defaults import RUNS, RUNS_VARIABLE


def supernet_names(incomplete: str) -> list[str]:
    from supernets.families.registry import space_names

    return [name for name in space_names() if name.startswith(incomplete)]


def strategy_names(incomplete: str) -> list[str]:
    """Names of strategies; after a comma, the next one of a list."""
    from graph.strategies import strategy_names as known

    before, comma, last = incomplete.rpartition(",")
    return [before + comma + name for name in known() if name.startswith(last)]


def run_ids(incomplete: str) -> list[str]:
    """Ids of the runs in the folder of runs, the latest first."""
    runs = Path(os.environ.get(RUNS_VARIABLE) or RUNS)
    folders = (path.parent.name for path in runs.glob("*/config.json"))
    return sorted((name for name in folders if name.startswith(incomplete)), reverse=True)
