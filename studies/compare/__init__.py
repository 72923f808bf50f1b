"""Strategies side by side: the same evaluator, budget and seeds, one archive a run."""
