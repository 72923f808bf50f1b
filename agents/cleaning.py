"""What happens to model text before anything else sees it.

Models emit lone surrogates (which crash UTF-8 logs and come back from databases as "?"), terminal control codes, and
now and then no end. Reasoning models put their thoughts before the answer, in tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST = 200_000
"""Characters kept of one answer: several times what the largest space needs for a round."""

# C0 and C1 controls but for tab and line feed, surrogates, and the bidirectional overrides that reorder a line.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_TAG = re.compile(r"<(/?)(?:think|thinking|reasoning)>", re.IGNORECASE)
_DEEPEST = 8


def clean(text: str, longest: int = LONGEST) -> str:
    """`text` without lone surrogates and control characters (line feed and tab stay), cut to `longest` characters."""
    # The cut comes first, so that no answer is long enough to make cleaning slow.
    return _UNWANTED.sub("", text[:longest].replace("\r\n", "\n").replace("\r", "\n"))


def excerpt(text: str, longest: int = 200) -> str:
    """`text` on one line, shortened for a message."""
    line = " ".join(clean(text, 4 * longest).split())
    return line if len(line) <= longest else line[: longest - 3] + "..."


def without_reasoning(text: str) -> str:
    """What follows the model's thoughts.

    A closing tag without an opening one counts, since some chat templates write the opening tag themselves; thoughts
    that never end leave nothing.
    """
    kept: list[str] = []
    depth, start = 0, 0
    for tag in _TAG.finditer(text):
        if tag.group(1):
            kept, depth, start = (kept if depth else []), 0, tag.end()
        elif not depth:
            kept.append(text[start : tag.start()])
            depth = 1
    if not depth:
        kept.append(text[start:])
    return "".join(kept).strip()


def fault(value: object, depth: int = 0) -> str:
    """What makes a decoded JSON value unfit to be kept; empty when nothing does.

    Needed beside `clean`, because an escape such as `\\ud800` or `\\u001b` becomes a character only when decoded.
    """
    if depth > _DEEPEST:
        return f"nested more than {_DEEPEST} deep"
    if isinstance(value, str):
        return "a string holds control characters or lone surrogates" if _UNWANTED.search(value) else ""
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        return next((problem for item in value if (problem := fault(item, depth + 1))), "")
    return ""
