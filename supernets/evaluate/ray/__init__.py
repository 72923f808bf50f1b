"""Scoring by several workers at a time, on this machine or on a Ray cluster: `opening.py` is the way in."""
