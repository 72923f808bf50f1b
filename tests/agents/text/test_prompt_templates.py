"""Prompts in other words: what is taken, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agents.roles.navigator import Navigator
from agents.roles.options import RoleOptions
from agents.text.prompt_templates import Prompts
from common.errors import UserError
from tests.agents.toy import STRATEGY, briefing, scripted
from tests.paths import ROOT

OWN = ROOT / "agents" / "prompts"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OWN, tmp_path / "prompts"))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_other_words_are_sent_and_have_another_hash(folder: Path) -> None:
    assert Prompts(folder).hash == Prompts().hash
    change(folder / "navigator.md", "You are the Navigator", "You steer the ship")
    (folder / "generator.md").unlink()
    other = Prompts(folder)
    messages = Navigator(
        caller=scripted("navigator", STRATEGY), briefing=briefing(), options=RoleOptions(prompts=other)
    ).messages([])
    assert "You steer the ship of a neural" in messages[0]["content"]
    assert other.hash != Prompts().hash


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("navigator", "$space", "", "navigator.md: section system: placeholder $space is missing"),
        ("navigator", "$results", "$resluts", "section later: placeholder $results is missing"),
        ("navigator", "$results", "$resluts", "section later: nothing is known to fill $resluts with"),
        ("generator", "$space", "$ 5", "generator.md: section system: a $ is not followed by a name"),
        ("generator", "- round: $round", "Round $round", "section request: the line `- round: $round` is missing"),
        ("single", "- role: single\n", "", "single.md: section system: the line `- role: single` is missing"),
        ("generator", "<!-- section: repair -->\n", "", "generator.md: section repair is missing"),
        ("generator", "section: repair", "section: mend", "section mend is not known"),
    ],
)  # fmt: skip
def test_what_is_missing_or_broken_is_named(folder: Path, file: str, old: str, new: str, told: str) -> None:
    change(folder / f"{file}.md", old, new)
    with pytest.raises(UserError) as caught:
        Prompts(folder)
    assert told in str(caught.value)


def test_a_folder_without_prompts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"expected at least one of evoprompting.md, generator.md, .*opro.md"):
        Prompts(tmp_path)
