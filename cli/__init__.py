"""The commands of CoLLM-NAS, one file each, and what they share. `main.py` puts them together."""
