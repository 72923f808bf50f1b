"""Fine-tuning of one sub-network from the weights that it inherits."""
