"""Errors that a user can correct; the command line prints them without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


class UserError(Exception):
    """A mistake or a condition outside the program; says what was expected, what came, and what to do."""


def unknown_name(kind: str, name: str, allowed: Sequence[str]) -> str:
    """The message for a name that is none of those allowed, with the nearest of them."""
    nearest = difflib.get_close_matches(name, allowed, n=1)
    hint = f" (did you mean {nearest[0]}?)" if nearest else ""
    return f"unknown {kind} {name!r}{hint}: expected one of {', '.join(allowed)}"
