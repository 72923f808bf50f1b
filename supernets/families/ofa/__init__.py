"""Once-for-all supernets: MobileNetV3, ProxylessNAS and ResNet-50 (Cai et al., ICLR 2020)."""
