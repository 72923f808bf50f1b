"""The record of a run in SQLite. `archive.py` is the way in."""
