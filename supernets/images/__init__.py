"""Image sets: what a folder or an archive holds, decoded once, memory-mapped, and split."""
