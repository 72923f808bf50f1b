"""AutoFormer supernets: vision transformers with elastic widths and depth (Chen et al., ICCV 2021)."""

from supernets.families.autoformer.family import FAMILIES

__all__ = ["FAMILIES"]
