"""Local search keeps the contract of all strategies."""

from __future__ import annotations

from tests.graph.strategies.conformance import StrategyConformance


class TestLocalSearch(StrategyConformance):
    name = "local"
