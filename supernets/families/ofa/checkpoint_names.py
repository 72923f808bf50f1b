"""Names of the authors' released OFA checkpoints, translated to ours.

Their files come in several spellings of one network: with or without a `module.` prefix, `mobile_inverted_conv` or
`conv` for a block's body, and with the wrappers of elastic layers doubled (`.bn.bn.`, `.conv.conv.`,
`.linear.linear.`) or not. Our own names pass through unchanged.
"""

from __future__ import annotations

import re

_REWRITES = (
    (r"^module\.", ""),
    (r"\.bn\.bn\.", ".bn."),
    (r"\.conv\.conv\.weight$", ".conv.weight"),
    (r"^classifier\.linear(?:\.linear)?\.", "head.classifier."),
    (r"\.depth_conv\.conv\.\dto(\d)_matrix$", r".to\1"),
    (r"\.depth_conv\.se\.fc\.", ".se."),
    (r"^first_conv\.", "stem.first_conv."),
    (r"^(final_expand_layer|feature_mix_layer)\.", r"head.\1."),
)
_BLOCK_BODY = re.compile(r"^blocks\.(\d+)\.(?:mobile_inverted_conv|conv)\.")


def translate(key: str) -> str:
    """Our name of a released tensor."""
    for pattern, replacement in _REWRITES:
        key = re.sub(pattern, replacement, key)
    return _BLOCK_BODY.sub(_our_block, key)


def _our_block(match: re.Match[str]) -> str:
    """The released block 0 is the fixed first block, which belongs to the stem here."""
    number = int(match[1])
    return "stem.first_block." if number == 0 else f"blocks.{number - 1}."
