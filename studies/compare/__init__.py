"""Strategies side by side: the same evaluator, budget and seeds, one archive a run."""

from studies.compare.study import Cell, Study

__all__ = ["Cell", "Study"]
