"""Calls to a language model: deadline, retries, transcript, cache, budget. Imports no role."""
