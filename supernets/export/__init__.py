"""A sub-network as files that need this program no more."""
