"""The analyst's parts: reading prompts, fitting, drawing, wording. `agents.models.analyst.analyst` is the way in."""
