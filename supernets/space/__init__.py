"""Search spaces: architectures, parsing, costs, descriptions. Knows no network and imports no torch."""
