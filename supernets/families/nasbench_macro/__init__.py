"""NAS-Bench-Macro: 6,561 networks of eight layers, each trained three times on CIFAR-10; scores are looked up."""

from supernets.families.nasbench_macro.family import FAMILIES

__all__ = ["FAMILIES"]
