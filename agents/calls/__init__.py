"""One call to a language model: deadline, retries, recording, cache, budget. Knows no role."""
