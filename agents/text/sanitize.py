"""What happens to model text before anything else sees it.

Models emit lone surrogates (which crash UTF-8 logs and come back from databases as "?"), terminal control codes,
characters that nobody sees, and now and then no end. Reasoning models put their thoughts before the answer, in tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_ANSWER_CHARS = 200_000
"""Characters kept of one answer: several times what the largest space needs for a round."""

# Sequences that colour or move, then what is left of controls (tab and line feed stay), surrogates, and what is not
# seen: marks of direction, which reorder a line, characters without width, and tags, which can spell whole sentences.
_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*+(?:\x07|\x1b\\|\x9c)?")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_TAG = re.compile(r"<(/?)(?:think|thinking|reasoning)>", re.IGNORECASE)


def clean(text: str, longest: int = MAX_ANSWER_CHARS) -> str:
    """`text` cut to `longest` characters, without escape sequences and characters that are not seen; tab and line feed
    stay."""
    # The cut comes first, so that no answer is long enough to make cleaning slow.
    text = text[:longest].replace("\r\n", "\n").replace("\r", "\n")
    return _UNWANTED.sub("", _SEQUENCE.sub("", text))


def excerpt(text: str, longest: int = 200) -> str:
    """`text` on one line, shortened for a message."""
    line = " ".join(clean(text, 4 * longest).split())
    return line if len(line) <= longest else line[: longest - 3] + "..."


def without_reasoning(text: str) -> str:
    """What follows the model's thoughts, or stands between them on lines of its own: nothing is joined to one word.

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
    return "\n".join(kept).strip()


def invalid_text(value: object) -> str:
    """What makes a decoded JSON value unfit to be kept; empty when nothing does.

    Needed beside `clean`, because an escape such as `\\ud800` or `\\u001b` becomes a character only when decoded.
    """
    if isinstance(value, str):
        return "a string holds control characters or lone surrogates" if _UNWANTED.search(value) else ""
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        return next((problem for item in value if (problem := invalid_text(item))), "")
    return ""
