"""Scoring by several worker processes, on this machine or on a Ray cluster. Entry point: `ray_evaluator.py`."""
