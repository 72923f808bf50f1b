"""What each agent is asked and how its answers are read: Navigator, Generator, Optimizer, Ranker."""
