from __future__ import annotations

from hypothesis import settings

# A busy machine must not fail a test: how long an example may take is asserted where it matters.
settings.register_profile("agents", deadline=None, max_examples=60)
settings.load_profile("agents")
