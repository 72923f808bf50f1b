"""Image sets from folders, archives and tables: decoded once, memory-mapped, and split."""
