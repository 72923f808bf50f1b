"""AutoFormer supernets: vision transformers with elastic widths and depth (Chen et al., ICCV 2021)."""
