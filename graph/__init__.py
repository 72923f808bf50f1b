"""The search of CoLLM-NAS: its settings, its strategies, the run and its folder."""
