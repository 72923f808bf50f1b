"""Cleaning of model text, before any other module uses it.

Models emit lone surrogates (which crash UTF-8 logs and come back from databases as "?"), terminal control codes,
invisible characters, and sometimes text without end. Reasoning models put their reasoning before the answer, in tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_ANSWER_CHARS = 200_000
"""Characters kept of one answer: several times what a round of the largest space needs."""

# Escape sequences first; then the remaining control characters (except tab and line feed), surrogates, and invisible
# characters: direction marks, which reorder a line, zero-width characters, and tags, which can spell sentences.
_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*+(?:\x07|\x1b\\|\x9c)?")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_NAMES = "think|thinking|thoughts?|reasoning|reflection|analysis|scratchpad|inner_monologue|seed:think"
_REASONING = (
    (rf"<(?:{_NAMES})(?:\s[^<>]{{0,200}})?>", rf"</(?:{_NAMES})\s{{0,9}}>"),
    (r"\[think\]", r"\[/think\]"),
    (r"<\|think\|>", r"<\|/think\|>"),
    ("◁think▷", "◁/think▷"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>|<\|begin_of_solution\|>"),
    (r"<\|start_thinking\|>", r"<\|end_thinking\|>|<\|start_(?:response|text)\|>"),
    (r"<\|channel>thought", r"<channel\|>"),
    ("<unused94>thought", "<unused95>"),
    (
        r"<\|channel\|>\s{0,9}(?:analysis|commentary)[^<]{0,200}(?:<\|constrain\|>\w{0,20})?<\|message\|>",
        r"<\|channel\|>\s{0,9}final[^<]{0,200}(?:<\|constrain\|>\w{0,20})?<\|message\|>|assistantfinal",
    ),
)
"""What begins and what ends the reasoning in the answers of each family of models, as regular expressions."""
_ENDS = r"<\|(?:end|return|end_of_solution|end_response|end_text)\|>|<\|start\|>assistant"
"""Marks between the parts of an answer. They end reasoning and are no part of the answer."""
_TAG = re.compile(
    f"(?P<opens>{'|'.join(opens for opens, _ in _REASONING)})"
    f"|(?P<closes>{'|'.join(closes for _, closes in _REASONING)})|{_ENDS}",
    re.IGNORECASE,
)


def clean(text: str, longest: int = MAX_ANSWER_CHARS) -> str:
    """The first `longest` characters of `text` without escape sequences, invisible and control characters.

    Tabs and line feeds are kept.
    """
    # The cut comes first, so that cleaning takes bounded time.
    text = text[:longest].replace("\r\n", "\n").replace("\r", "\n")
    return _UNWANTED.sub("", _SEQUENCE.sub("", text))


def excerpt(text: str, longest: int = 200) -> str:
    """`text` on one line, cut to `longest` characters for a message."""
    line = " ".join(clean(text, 4 * longest).split())
    return line if len(line) <= longest else line[: longest - 3] + "..."


def without_reasoning(text: str) -> str:
    """An answer without the reasoning in it; the remaining parts are joined by line breaks.

    Text before a closing tag is reasoning also without an opening tag, because some chat templates emit the opening tag
    themselves. Reasoning that is never closed extends to the end.
    """
    kept: list[str] = []
    inside, start = False, 0
    for tag in _TAG.finditer(text):
        if tag["closes"]:
            kept, inside, start = (kept if inside else []), False, tag.end()
        elif not inside:
            kept.append(text[start : tag.start()])
            inside, start = bool(tag["opens"]), tag.end()
        elif not tag["opens"]:
            inside, start = False, tag.end()
    if not inside:
        kept.append(text[start:])
    return "\n".join(kept).strip()


def invalid_text(value: object) -> str:
    """The problem of a decoded JSON value whose strings hold unwanted characters; empty if none does.

    `clean` cannot find these: an escape such as `\\ud800` or `\\u001b` becomes a character only when decoded.
    """
    if isinstance(value, str):
        return "a string holds control characters or lone surrogates" if _UNWANTED.search(value) else ""
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        return next((problem for item in value if (problem := invalid_text(item))), "")
    return ""
