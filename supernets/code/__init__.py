"""Networks as code: a subset of PyTorch is translated from its syntax tree into a graph; the text itself never runs."""
