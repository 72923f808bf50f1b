"""A finished search repeated from its record."""
