"""Prompt templates: sections of Markdown with `$name` placeholders.

The program's templates are `prompts/*.md`, one file a role. A user's folder may replace some of these files. A
replacement needs the sections of the original, and each section its placeholders and the lines that programs read.
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
_ALONE = re.compile(r"\$(\w+)")
"""A line that is one placeholder."""
_READ_BY_PROGRAMS = re.compile(r"^- [\w ]+: [$\w]+$", re.MULTILINE)

Sections = dict[str, Template]


def read_sections(path: Path) -> Sections:
    """The sections of a template file, by name."""
    _, *parts = _SECTION.split(path.read_text(encoding="utf-8"))
    return {name: Template(body.strip()) for name, body in zip(parts[::2], parts[1::2], strict=True)}


class Prompts:
    """The prompt templates of all roles; files in `folder` replace the program's files of the same name.

    Raises:
        UserError: the folder has no such file, or a file lacks a section, a placeholder or a line.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._files = _own_files()
        if folder is not None:
            self._files = self._files | _read_folder(folder, self._files)

    def render(self, role: str, section: str, **values: object) -> str:
        """The section of `<role>.md` with `values` for its placeholders, without lines that this leaves empty."""
        texts = {name: str(value) for name, value in values.items()}
        lines = self._files[role][section].template.split("\n")
        kept = "\n".join(line for line in lines if not (alone := _ALONE.fullmatch(line)) or texts[alone[1]])
        return Template(re.sub(r"\n{3,}", "\n\n", kept).strip()).substitute(texts)

    @property
    def hash(self) -> str:
        """Hash of all templates: equal for prompts that are equal in every character."""
        texts = {role: {name: text.template for name, text in file.items()} for role, file in self._files.items()}
        return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:16]


def fenced(text: str) -> str:
    """`text` in a Markdown fence that is longer than any fence within `text`."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(4, longest + 1)
    return f"{fence}markdown\n{text}\n{fence}"


def quoted(prompt: str) -> str:
    """The content of the first fence of a prompt; empty if there is none."""
    found = _FENCED.search(prompt)
    return found[2] if found else ""


def without_fenced(prompt: str) -> str:
    """A prompt without its fenced parts: only the lines that the program itself wrote."""
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
            raise UserError(
                f"prompts: cannot read {folder / role}.md: {error}; expected Markdown in UTF-8, as in {_OWN}"
            ) from None
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
    """Differences to the program's own sections that would break a prompt."""
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
