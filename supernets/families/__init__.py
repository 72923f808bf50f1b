"""One folder for each family of supernets or benchmark tables; `registry.py` finds them by name."""
