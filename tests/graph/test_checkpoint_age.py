"""A run whose archive is older than its checkpoint goes on after what the archive has."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from graph.config import Config
from graph.events import Evaluated, Message, ProposalsMade, RoundEnded, StrategyWritten, Verdict
from graph.run_folder import RunFolder
from tests.graph.fakes import config, eventful_script, models, random_config, search_in


class _Stopped(BaseException):
    pass


def search(folder: RunFolder, settings: Config, on_event: Any = None) -> list[Any]:
    events: list[Any] = []

    def sink(event: Any) -> None:
        events.append(event)
        if on_event:
            on_event(event)

    search_in(folder, config=settings, models=models(eventful_script()), sink=sink).run()
    return events


@pytest.mark.parametrize("settings", [config(), random_config()], ids=["collm", "random"])
@pytest.mark.parametrize("kept", [Evaluated, RoundEnded])
@pytest.mark.parametrize("stop", [StrategyWritten, ProposalsMade, Verdict, Evaluated])
def test_an_archive_of_an_earlier_moment_is_what_counts(
    tmp_path: Path, settings: Config, kept: type, stop: type
) -> None:
    if settings.strategy == "random" and stop is StrategyWritten:
        pytest.skip("random search writes no strategies")
    folder, copies = RunFolder.create(tmp_path, settings), tmp_path / "copies"
    ended: list[RoundEnded] = []

    def keep_then_stop(event: Any) -> None:
        """Keep the archive of the first round, and stop in the second."""
        if isinstance(event, kept) and not copies.exists():
            copies.mkdir()
            for path in folder.path.glob("archive.sqlite*"):
                shutil.copy(path, copies)
        ended.extend([event] if isinstance(event, RoundEnded) else [])
        if isinstance(event, stop) and ended:
            raise _Stopped

    with pytest.raises(_Stopped):
        search(folder, settings, keep_then_stop)
    for path in folder.path.glob("archive.sqlite*"):
        path.unlink()
    for path in copies.iterdir():
        shutil.copy(path, folder.path)
    events = search(folder, settings)
    told = [event.text for event in events if isinstance(event, Message) and "ends before its checkpoint" in event.text]
    assert len(told) <= 1
    result = json.loads(folder.result.read_text())
    assert result["evaluations"] == settings.evaluations
    assert result["stopped_because"].startswith("budget of")
    reference = RunFolder.create(tmp_path / "whole", settings)
    search(reference, settings)
    assert json.loads(reference.result.read_text())["architecture"] == result["architecture"]


@pytest.mark.parametrize("content", [None, b""])
def test_a_folder_without_its_archive_is_refused(tmp_path: Path, content: bytes | None) -> None:
    folder = RunFolder.create(tmp_path, random_config())
    search(folder, random_config())
    for path in folder.path.glob("archive.sqlite*"):
        path.unlink()
    if content is not None:
        folder.archive.write_bytes(content)
    with pytest.raises(UserError, match=r"expected the run's record, archive\.sqlite, found .*put it back from a copy"):
        search(folder, random_config())
    assert folder.result.exists()


@pytest.mark.parametrize("harm", ["text", "cut", "zeros", "flipped", "other"])
def test_a_damaged_checkpoint_is_removed_and_costs_nothing(tmp_path: Path, harm: str) -> None:
    settings = random_config()
    folder, ended = RunFolder.create(tmp_path, settings), 0

    def stop(event: Any) -> None:
        nonlocal ended
        ended += isinstance(event, RoundEnded)
        if ended == 1:
            raise _Stopped

    with pytest.raises(_Stopped):
        search(folder, settings, stop)
    with closing(sqlite3.connect(folder.checkpoints)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    content = folder.checkpoints.read_bytes()
    folder.checkpoints.write_bytes(
        {
            "text": b"not a database" * 500,
            "cut": content[: len(content) // 2],
            "zeros": content[:4096] + bytes(len(content) - 4096),
            "flipped": content.replace(b"channel_values", b"channel_walues"),
            "other": content.replace(b"channel_values", b"\xff" * 14),
        }[harm]
    )
    events = search(folder, settings)
    assert any(isinstance(event, Message) and "checkpoints.sqlite is damaged" in event.text for event in events)
    reference = RunFolder.create(tmp_path / "whole", settings)
    search(reference, settings)
    assert (
        json.loads(reference.result.read_text())["architecture"]
        == json.loads(folder.result.read_text())["architecture"]
    )
