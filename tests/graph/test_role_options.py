"""Settings of the agents from a run's configuration to what they are sent."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from agents.calls.caller import Caller, OnText
from agents.calls.transcript import Reply
from benchmarks.cluster import ROOT
from common.errors import UserError
from graph.archive.archive import Archive
from graph.config import Config
from graph.events import Message, StrategyWritten, Writing
from graph.role_options import differences
from graph.run_folder import RunFolder
from tests.graph.fakes import SPACE, FormulaEvaluator, config, eventful_script, models, search_in


def run(folder: RunFolder, settings: Config, **changes: Any) -> tuple[list[tuple[str, int, str]], list[Any]]:
    """Role, round and shape (`sua`: system, user, assistant) of every call that was sent, and all events."""
    events: list[Any] = []
    search_in(folder, models=models(eventful_script()), sink=events.append, **changes).run()
    archive = Archive(folder.archive, SPACE)
    first = [call.request for call in archive.calls if call.request.attempt == 1]
    sent = [(r.role, r.round, "".join(m["role"][0] for m in r.messages)) for r in first]
    archive.close()
    return sent, events


@pytest.mark.parametrize(
    ("changes", "navigator", "generator"),
    [
        ({}, "suau", "su"),
        ({"navigator_memory": False}, "su", "su"),
        ({"generator_memory": True}, "suau", "suau"),
        ({"single": True}, "suauau", "suauauau"),
    ],
    ids=["paper", "navigator forgets", "generator remembers", "single"],
)
def test_each_choice_of_memory_reaches_the_models(
    tmp_path: Path, changes: dict[str, Any], navigator: str, generator: str
) -> None:
    settings = config(**changes)
    sent, _ = run(RunFolder.create(tmp_path, settings), settings)
    assert sent[2:4] == [("navigator", 2, navigator), ("generator", 2, generator)]


class Streaming(Caller):
    """Gives every answer away in two pieces before it returns it."""

    def ask(self, *args: Any, on_text: OnText | None = None, **options: Any) -> Reply:
        reply = super().ask(*args, **options)
        assert on_text is not None
        on_text(reply.text[:5])
        on_text(reply.text[5:])
        return reply


def test_what_both_models_write_can_be_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.strategies.model_based.Caller", Streaming)
    _, events = run(RunFolder.create(tmp_path, config()), config())
    first = [event for event in events if isinstance(event, Writing)][:3]
    assert [piece.role for piece in first] == ["navigator", "navigator", "generator"]
    assert first[0].text + first[1].text == next(event.text for event in events if isinstance(event, StrategyWritten))


def test_what_differs_from_the_paper_is_said() -> None:
    assert differences(config()) == []
    assert differences(config(navigator_memory=False, evidence=True)) == [
        "a Navigator without memory", "statistics as evidence for the Navigator"
    ]  # fmt: skip


def test_a_run_keeps_its_prompts(tmp_path: Path) -> None:
    words = Path(shutil.copytree(ROOT / "agents" / "prompts", tmp_path / "words"))
    settings = config(prompts=str(words), evaluations=4)
    folder = RunFolder.create(tmp_path, settings)

    def stop(name: str) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            search_in(folder, models=models(eventful_script()), evaluator=FormulaEvaluator(before=stop)).run()
    with (words / "single.md").open("a") as file:
        file.write("Be bold.\n")
    with pytest.raises(UserError, match="the prompts have changed since the run began"):
        run(folder, settings)


def test_a_history_that_is_summarised_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.role_options.context_tokens", lambda model: 2600)
    sent, events = run(RunFolder.create(tmp_path, config()), config())
    assert [shape for role, _, shape in sent if role == "navigator"] == ["su", "suau", "suau"]
    told = [event.text for event in events if isinstance(event, Message) and "summarised" in event.text]
    assert told[0].startswith("Rounds 1 to 1 are summarised for the Navigator: all of them are about ")
