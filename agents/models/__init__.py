"""Chat models by the name a user types: hosted and local language models, scripted answers, and the analyst."""
