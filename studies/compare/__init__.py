"""Comparison of strategies with the same evaluator, budget and seeds, one archive per run."""
