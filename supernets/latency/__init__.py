"""Latency on devices: from tables for known devices, from measurements for a user's own."""
