"""NAS-Bench-Macro: 6,561 networks of eight layers, each trained three times on CIFAR-10; scores are looked up."""
