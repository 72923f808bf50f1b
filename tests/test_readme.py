"""README and docs show what the program has: commands, options, files, and the graph as it is in the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

import main
from graph.build import mermaid
from supernets.families.registry import get_family, supernet_names
from tests.paths import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_graph_is_drawn_from_the_code() -> None:
    drawn = re.search(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)
    assert drawn is not None
    assert drawn[1].strip() == mermaid().strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_command_and_option_shown_exists(page: Path) -> None:
    group = typer.main.get_command(main.command_line())
    known = {"search": group, **getattr(group, "commands", {})}
    for line in re.findall(r"python main\.py ([^`\n]*)", page.read_text(encoding="utf-8")):
        words = shlex.split(line.removesuffix("\\"))
        command = known.get(words[0], group)
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, line


def test_every_supernet_is_listed_with_its_limit() -> None:
    units = {"macs_m": "M MACs", "params_m": "M parameters"}
    rows = {row[1]: row[0] for row in re.finditer(r"^\| `([\w.-]+)` \|.*$", TEXT, re.MULTILINE)}
    assert set(rows) == set(supernet_names())
    for name, row in rows.items():
        for column, limit in get_family(name).default_limits.items():
            assert f"| {limit:g} {units[column]} |" in row


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_files_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (page.parent / path).exists(), path
    rooms = r"(?:agents|benchmarks|cli|common|docs|examples|graph|studies|supernets|tests|tools)/[\w./-]*\w"
    for path in re.findall(rf"`({rooms})`", text):
        assert (ROOT / path).exists(), path


def test_the_tree_in_the_readme_exists() -> None:
    named = re.findall(r"^(\w+(?:/|\.py)) ", TEXT, re.MULTILINE)
    assert len(named) >= 10
    for path in named:
        assert (ROOT / path).exists(), path
