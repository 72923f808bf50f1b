"""Architectures, their costs, and their scores with inherited weights."""
