"""The analyst's parts: reading prompts, fitting, drawing, wording. `agents.offline` is the way in."""
