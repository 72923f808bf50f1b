"""Studies of CoLLM-NAS: comparisons and rankings made of several searches."""
