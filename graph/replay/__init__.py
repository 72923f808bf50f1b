"""Repeats a finished search from its record."""
