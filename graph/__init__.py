"""The search itself: its settings, its folder, and the run. Drawings and sinks are in their own modules."""

from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search, Words, check
from graph.strategies import strategy_names

__all__ = ["Config", "RunFolder", "Search", "Words", "check", "strategy_names"]
