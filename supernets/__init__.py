"""The supernets of CoLLM-NAS: architectures, their costs, and their scores with inherited weights."""
