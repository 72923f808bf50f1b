"""Once-for-all supernets: MobileNetV3, ProxylessNAS and ResNet-50 (Cai et al., ICLR 2020)."""

from supernets.families.ofa.family import FAMILIES
from supernets.families.ofa.predicted import PREDICTED

__all__ = ["FAMILIES", "PREDICTED"]
