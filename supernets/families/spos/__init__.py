"""The single-path one-shot supernet of ShuffleNetV2 blocks (Guo et al., ECCV 2020)."""
