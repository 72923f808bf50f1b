"""The agents: what Navigator, Generator, Optimizer and Ranker are asked, and how their answers are read."""
