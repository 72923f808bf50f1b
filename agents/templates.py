"""Reads the prompt files: sections of Markdown with `$name` placeholders, and the lines shared by all prompts.

The words are in `prompts/*.md`, one file a role; this module only fills them in.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Template

from agents.briefing import Briefing

_FENCED = re.compile(r"^(`{4,})markdown\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^<!-- section: (\w+) -->\n", re.MULTILINE)


def render(role: str, section: str, **values: object) -> str:
    """The section of `prompts/<role>.md` with its placeholders filled."""
    return _sections(role)[section].substitute({name: str(value) for name, value in values.items()})


def limit_lines(briefing: Briefing) -> str:
    if not briefing.limits:
        return "- limit: none"
    return "\n".join(f"- limit: {column} <= {value:.10g}" for column, value in briefing.limits)


def target_line(briefing: Briefing) -> str:
    return f"- target: {briefing.target:.10g}" if briefing.target is not None else "- target: none, as high as possible"


def cost_advice(briefing: Briefing) -> str:
    """What cost has to do with the goal."""
    if not briefing.limits:
        return "No limit is set: cost decides nothing here, and counts only as far as it goes with accuracy."
    return (
        "An architecture over the limit is worthless here, however accurate, and is not scored; one far below it "
        "leaves accuracy on the table. Aim at 92 to 100 percent of the limit, and ask what gives most accuracy for "
        "each unit of cost: shapes of equal cost can differ by points."
    )


def fenced(text: str) -> str:
    """`text` in a fence that nothing within it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(4, longest + 1)
    return f"{fence}markdown\n{text}\n{fence}"


def quoted(prompt: str) -> str:
    """What stands in the first fence of a prompt; empty if there is none."""
    found = _FENCED.search(prompt)
    return found[2] if found else ""


def without_fenced(prompt: str) -> str:
    """A prompt without what `fenced` put into it: only the lines that the program itself wrote."""
    return _FENCED.sub("", prompt)


@cache
def _sections(role: str) -> dict[str, Template]:
    text = (Path(__file__).parent / "prompts" / f"{role}.md").read_text(encoding="utf-8")
    _, *parts = _SECTION.split(text)
    return {name: Template(body.strip()) for name, body in zip(parts[::2], parts[1::2], strict=True)}
