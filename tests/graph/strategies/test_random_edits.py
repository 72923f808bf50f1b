"""Random edits keep the contract of all strategies."""

from __future__ import annotations

from tests.graph.strategies.conformance import StrategyConformance


class TestRandomEdits(StrategyConformance):
    name = "random-edits"
