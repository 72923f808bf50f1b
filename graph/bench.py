"""What the Coordinator and every strategy work with in one run, in one frozen place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graph.archive import Archive
from graph.budget import Budget
from graph.config import Config
from graph.events import Sink
from graph.limits import Limits
from supernets.evaluate.protocol import Protocol
from supernets.space import SearchSpace


@dataclass(frozen=True)
class Bench:
    config: Config
    space: SearchSpace
    protocol: Protocol
    limits: Limits
    budget: Budget
    archive: Archive
    emit: Sink
    """Must not raise: a watcher that fails is no reason to stop."""
    clock: Callable[[], float]
    """Seconds that only grow."""
