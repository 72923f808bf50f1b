"""Evolution in generations keeps the contract of all strategies."""

from __future__ import annotations

from tests.graph.strategies.conformance import StrategyConformance


class TestSPOSEvolution(StrategyConformance):
    name = "evolution-spos"


class TestOFAEvolution(StrategyConformance):
    name = "evolution-ofa"
