"""Everything that talks to a language model. It sees a search space only as text, a JSON schema and tables."""
