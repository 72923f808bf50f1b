"""Latency on devices: known ones by tables, one's own by measurement."""
