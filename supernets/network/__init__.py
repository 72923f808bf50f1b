"""The weight-sharing network: steps, layers, and checkpoints."""
