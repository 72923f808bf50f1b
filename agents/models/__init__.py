"""Chat models by the name a user types: hosted, embedded, scripted, and the analyst."""
