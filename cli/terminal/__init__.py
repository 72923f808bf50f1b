"""Output for people and programs: the trace of a run, JSON lines, diagrams and tables."""
