"""How well a model predicts the performance of networks from a few examples with their costs and scores."""
