"""Names of the authors' released ResNet-50 checkpoint, translated to ours.

The stem has names of its own; all else is spelled, in as many ways, as in the other OFA checkpoints.
"""

from __future__ import annotations

import re

from supernets.families.ofa import checkpoint_names as released

_STEM = (
    (r"^input_stem\.0\.", "stem.first_conv."),
    # The inner `conv` is a residual block's body: it goes first, lest it pass for a doubled wrapper.
    (r"^input_stem\.1\.conv\.(?=conv\.|bn\.)", "stem.residual_conv."),
    (r"^input_stem\.2\.", "stem.last_conv."),
)


def translate(key: str) -> str:
    """Our name of a released tensor."""
    key = key.removeprefix("module.")
    for pattern, replacement in _STEM:
        key = re.sub(pattern, replacement, key)
    return released.translate(key)
