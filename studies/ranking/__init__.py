"""Blind trials: how well a model ranks networks of known accuracy without seeing scores."""
