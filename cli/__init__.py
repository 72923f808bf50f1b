"""The commands, one file each, and what they share. `main.py` puts them together."""
