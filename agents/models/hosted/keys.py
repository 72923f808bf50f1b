"""Checks the keys that the environment holds for a provider; no message shows a value."""

from __future__ import annotations

import os

from common.errors import UserError

_NAMES = {"bedrock": "AWS", "perplexity": "PERPLEXITYAI", "together_ai": "TOGETHER", "vertex_ai": "GOOGLE"}
"""Beginnings of variables that do not begin with the provider's name."""
_KINDS = ("_API_KEY", "_TOKEN", "_ACCESS_KEY", "_ACCESS_KEY_ID")
_QUOTES = "\"'`“”„‘’«»"


def check_keys(provider: str) -> None:
    """
    Raises:
        UserError: a key of this provider cannot be sent, or is certainly not what the provider issued.
    """
    beginning = _NAMES.get(provider, provider.upper())
    for variable, value in os.environ.items():
        if variable.startswith(beginning) and variable.endswith(_KINDS) and (problem := key_problem(value)):
            raise UserError(
                f"{variable}: expected a key as the provider issued it, got {problem}. Set it again, without quotes "
                "and blanks (any text works for a server that needs no key)"
            )


def key_problem(value: str) -> str:
    """What is wrong with a key; empty if nothing is."""
    stripped = value.strip()
    if not stripped:
        return "an empty text" if not value else "only blanks"
    if stripped[0] in _QUOTES or stripped[-1] in _QUOTES:
        return "one that is wrapped in quotes"
    if odd := sorted({each for each in stripped if not each.isascii()}):
        return f"one with characters that no key has: {', '.join(f'U+{ord(each):04X}' for each in odd[:3])}"
    if any(each.isspace() or not each.isprintable() for each in value):
        return "one with a blank or a line break"
    return ""
