"""Model text as data: cleaning, JSON, tables, proposals, guidance, prompts. Imports no other room of `agents`."""
