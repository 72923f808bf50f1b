"""Names of the authors' released ResNet-50 checkpoint, translated to ours.

The stem has its own names; all other tensors are named as in the other OFA checkpoints.
"""

from __future__ import annotations

import re

from supernets.families.ofa import checkpoint_names as released

_STEM = (
    (r"^input_stem\.0\.", "stem.first_conv."),
    # The inner `conv` is the body of a residual block; it goes first, or else it would look like a doubled wrapper.
    (r"^input_stem\.1\.conv\.(?=conv\.|bn\.)", "stem.residual_conv."),
    (r"^input_stem\.2\.", "stem.last_conv."),
)


def translate(key: str) -> str:
    """Our name of a released tensor."""
    key = key.removeprefix("module.")
    for pattern, replacement in _STEM:
        key = re.sub(pattern, replacement, key)
    return released.translate(key)
