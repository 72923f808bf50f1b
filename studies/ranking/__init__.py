"""How well a model orders networks of known accuracy that it has no scores of: blind trials and what came of them."""
