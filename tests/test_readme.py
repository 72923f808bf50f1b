"""The README shows what the program has: its commands, and the graph as it is in the code."""

from __future__ import annotations

import re
import shlex

import typer.main

import main
from graph.build import mermaid
from supernets.families.registry import get_family, supernet_names
from tests.paths import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_graph_is_drawn_from_the_code() -> None:
    drawn = re.search(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)
    assert drawn is not None
    assert drawn[1].strip() == mermaid().strip()


def test_every_command_and_option_shown_exists() -> None:
    group = typer.main.get_command(main.command_line())
    known = {"search": group, **getattr(group, "commands", {})}
    shown = re.findall(r"python main\.py ([^`\n]*)", TEXT)
    assert len(shown) >= 8
    for line in shown:
        words = shlex.split(line)
        command = known.get(words[0], group)
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_every_supernet_stands_there_with_its_limit() -> None:
    units = {"macs_m": "M MACs", "params_m": "M parameters"}
    rows = {row[1]: row[0] for row in re.finditer(r"^\| `([\w.-]+)` \|.*$", TEXT, re.MULTILINE)}
    assert set(rows) == set(supernet_names())
    for name, row in rows.items():
        for column, limit in get_family(name).default_limits.items():
            assert f"| {limit:g} {units[column]} |" in row


def test_pictures_and_files_named_are_there() -> None:
    for path in re.findall(r"\]\((?!http)([^)]+)\)", TEXT):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"^(\w+(?:/|\.py)) ", TEXT, re.MULTILINE):
        assert (ROOT / path).exists(), path
