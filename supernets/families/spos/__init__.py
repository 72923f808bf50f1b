"""The single-path one-shot supernet of ShuffleNetV2 blocks (Guo et al., ECCV 2020)."""

from supernets.families.spos.family import FAMILIES

__all__ = ["FAMILIES"]
