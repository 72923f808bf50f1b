"""Model text as data: cleaning, JSON, tables, proposals, guidance, prompts. Imports no other package of `agents`."""
