"""The once-for-all ResNet-50 supernet: bottleneck blocks of elastic depth, expansion and width."""
