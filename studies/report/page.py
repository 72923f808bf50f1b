"""The page of a report: a template, a style and a script, with the data as JSON inside.

Notable: the page may load nothing and run nothing but its own script, whose hash its content-security policy names.
Data reach the page only through the script, which writes them as text, never as markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

_REPLACED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Characters that could end the element that holds the data."""


def render(title: str, runs: Sequence[dict[str, Any]], refresh: int | None = None) -> str:
    """The whole page.

    Args:
        runs: `report_data` of each.
        refresh: seconds after which a browser reads the page again; None for never.
    """
    from jinja2 import Environment

    template, style, script = (
        files("studies.report").joinpath(name).read_text(encoding="utf-8")
        for name in ("page.html", "page.css", "page.js")
    )
    data = json.dumps({"runs": list(runs)}, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character, replacement in _REPLACED.items():
        data = data.replace(character, replacement)
    environment = Environment(autoescape=True)
    return environment.from_string(template).render(
        title=title, refresh=refresh, style=_Verbatim(style), script=_Verbatim(script), data=_Verbatim(data),
        style_hash=_hash(style), script_hash=_hash(script),
    )  # fmt: skip


class _Verbatim(str):
    """Text that the template inserts as it is."""

    def __html__(self) -> str:
        return self


def _hash(text: str) -> str:
    """The source expression of a policy for an inline element with this text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
