"""Names of the authors' released one-shot checkpoint, translated to ours; our own names pass through unchanged."""

from __future__ import annotations

import re


def translate(key: str) -> str:
    """Our name of a released tensor; released names may begin with `module.`, and have no groups for stem and head."""
    key = key.removeprefix("module.")
    key = re.sub(r"^first_conv\.", "stem.first_conv.", key)
    return re.sub(r"^(conv_last|classifier)\.", r"head.\1.", key)
