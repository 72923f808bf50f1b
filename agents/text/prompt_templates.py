"""The words that models are told: sections of Markdown with `$name` placeholders, and the lines shared by all prompts.

The program's own are in `prompts/*.md`, one file a role. A folder of files of the same names may take their place; it
has to have what the program's own have, section by section: placeholders, and the lines that programs read.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from string import Template

from common.errors import UserError

_FENCED = re.compile(r"^(`{4,})markdown\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)
_OWN = Path(__file__).parents[1] / "prompts"
_SECTION = re.compile(r"^<!-- section: (\w+) -->\n", re.MULTILINE)
_READ_BY_PROGRAMS = re.compile(r"^- [\w ]+: [$\w]+$", re.MULTILINE)

Sections = dict[str, Template]


def read_sections(path: Path) -> Sections:
    """Sections of a file of words, by name."""
    _, *parts = _SECTION.split(path.read_text(encoding="utf-8"))
    return {name: Template(body.strip()) for name, body in zip(parts[::2], parts[1::2], strict=True)}


class Prompts:
    """The prompts of all roles; files that `folder` has stand in for the program's own.

    Raises:
        UserError: the folder has none of the files, or one of them lacks a section, a placeholder or a line.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._files = _own_files()
        if folder is not None:
            self._files = self._files | _read_folder(folder, self._files)

    def render(self, role: str, section: str, **values: object) -> str:
        """The section of `<role>.md` with its placeholders filled."""
        return self._files[role][section].substitute({name: str(value) for name, value in values.items()})

    @property
    def hash(self) -> str:
        """Tells whether two sets of prompts are the same, word for word."""
        words = {role: {name: text.template for name, text in file.items()} for role, file in self._files.items()}
        return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:16]


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
def _own_files() -> dict[str, Sections]:
    return {path.stem: read_sections(path) for path in sorted(_OWN.glob("*.md"))}


def _read_folder(folder: Path, own: dict[str, Sections]) -> dict[str, Sections]:
    found = {}
    for role in own:
        try:
            found[role] = read_sections(folder / f"{role}.md")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"prompts: cannot read {folder / role}.md: {error}") from None
    names = ", ".join(f"{role}.md" for role in own)
    if not found:
        raise UserError(f"prompts: expected at least one of {names} in {folder}, found none; copy them from {_OWN}")
    problems = [
        f"{role}.md: {problem}" for role, sections in found.items() for problem in _problems(sections, own[role])
    ]
    if problems:
        raise UserError(f"prompts in {folder}: {'; '.join(problems)}; compare them with those in {_OWN}")
    return found


def _problems(sections: Sections, own: Sections) -> list[str]:
    """Where sections lack what the program's own have, or ask for what it does not fill in."""
    problems = [f"section {name} is missing" for name in own if name not in sections]
    problems += [f"section {name} is not known" for name in sections if name not in own]
    for name, text in sections.items():
        if (known := own.get(name)) is None:
            continue
        if not text.is_valid():
            problems.append(f"section {name}: a $ is not followed by a name (write $$ for the sign itself)")
            continue
        wanted, given = set(known.get_identifiers()), set(text.get_identifiers())
        problems += [f"section {name}: placeholder ${each} is missing" for each in sorted(wanted - given)]
        problems += [f"section {name}: nothing is known to fill ${each} with" for each in sorted(given - wanted)]
        lines = set(_READ_BY_PROGRAMS.findall(known.template)) - set(_READ_BY_PROGRAMS.findall(text.template))
        problems += [f"section {name}: the line `{line}` is missing" for line in sorted(lines)]
    return problems
