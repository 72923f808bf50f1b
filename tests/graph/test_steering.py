"""A run that a person steers: each word does what it says, is on record, and survives a kill."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from graph.archive.archive import Archive
from graph.build import mermaid
from graph.config import Config
from graph.events import Steered, StrategyWritten
from graph.run_folder import RunFolder
from graph.search import Search
from graph.steering import ACCEPT, Feedback, Reviewer, ReviewRequest
from tests.graph.driver import in_child
from tests.graph.fakes import SPACE, STRATEGY, FormulaEvaluator, config, contents, eventful_script, models

OWN = STRATEGY.format("of a person")
STEERED = config(interactive=True)


def remark(text: str) -> Feedback:
    return {"kind": "remark", "text": text}


def edit(text: str) -> Feedback:
    return {"kind": "edit", "text": text}


def script() -> dict[str, Any]:
    """The Navigator answers its n-th attempt at a round with a strategy that says so."""
    attempts = [[STRATEGY.format(f"{r} attempt {a}") for a in (1, 2, 3)] for r in (1, 2, 3, 4)]
    return {**eventful_script(), "navigator": attempts}


def saying(*words: Feedback) -> Reviewer:
    """A person with these words, who then accepts everything."""
    rest = list(words)
    return lambda question: rest.pop(0) if rest else ACCEPT


def search(root: Path, person: Reviewer | None, settings: Config = STEERED) -> tuple[RunFolder, list[Any]]:
    folder, events = RunFolder.create(root, settings), list[Any]()
    run(folder, person, events)
    return folder, events


def run(folder: RunFolder, person: Reviewer | None, events: list[Any], **changes: Any) -> None:
    fallback_chain = models(script())
    Search(
        folder.config(), SPACE, FormulaEvaluator(), fallback_chain, folder, events.append, person=person, **changes
    ).run()


def strategies(folder: RunFolder) -> list[str]:
    return [text for _, _, text, *_ in contents(folder.archive)["rounds"]]


def sent(folder: RunFolder, role: str, round: int) -> list[list[dict[str, str]]]:
    archive = Archive(folder.archive, SPACE)
    requests = [call.request for call in archive.calls]
    archive.close()
    return [list(r.messages) for r in requests if (r.role, r.round) == (role, round)]


def test_a_person_who_accepts_everything_changes_nothing(tmp_path: Path) -> None:
    asked: list[ReviewRequest] = []
    watched, _ = search(tmp_path, lambda question: asked.append(question) or ACCEPT)  # type: ignore[func-returns-value]
    alone, _ = search(tmp_path, None, config())
    assert contents(watched.archive) == contents(alone.archive)
    assert [question["strategy"] for question in asked] == strategies(alone)


def test_an_edited_strategy_takes_the_place_of_the_navigators(tmp_path: Path) -> None:
    folder, events = search(tmp_path, saying(ACCEPT, edit(OWN)))
    assert strategies(folder)[1] == OWN
    assert OWN in sent(folder, "generator", 2)[0][-1]["content"]
    assert sent(folder, "navigator", 3)[0][-2] == {"role": "assistant", "content": OWN}
    assert [event for event in events if isinstance(event, Steered)] == [Steered(2, "edit", OWN)]


def test_a_remark_has_the_strategy_written_again_and_is_remembered(tmp_path: Path) -> None:
    folder, events = search(tmp_path, saying(remark("Deeper."), remark("Wider.")))
    assert strategies(folder)[:2] == [STRATEGY.format("1 attempt 3"), STRATEGY.format("2 attempt 1")]
    first, second, third = sent(folder, "navigator", 1)
    assert second[: len(first)] == first
    assert "Deeper." in second[-1]["content"]
    assert third[-2]["content"] == STRATEGY.format("1 attempt 2")
    assert "Wider." in third[-1]["content"]
    later = sent(folder, "navigator", 3)[0]
    assert "Deeper." in later[1]["content"]
    assert "Wider." in later[1]["content"]
    shown = [event.text for event in events if isinstance(event, StrategyWritten) and event.round == 1]
    assert shown == [STRATEGY.format(f"1 attempt {n}") for n in (1, 2, 3)]


def killed_after(*words: Feedback) -> Reviewer:
    """Has these words; at the question after them the process dies, as in a power cut."""
    rest = list(words)

    def person(question: ReviewRequest) -> Feedback:
        if not rest:
            os.kill(os.getpid(), signal.SIGKILL)
        return rest.pop(0)

    return person


def test_killed_at_each_question_a_run_asks_it_again(tmp_path: Path) -> None:
    words = [remark("Deeper."), ACCEPT, edit(OWN), ACCEPT]
    reference, _ = search(tmp_path, saying(*words))
    folder = RunFolder.create(tmp_path, STEERED)
    for heard in ([], words[:1], words[1:2], words[2:3]):
        person = killed_after(*heard)
        assert in_child(lambda person=person: run(folder, person, [])) == signal.SIGKILL  # type: ignore[misc]
    events: list[Any] = []
    run(folder, saying(words[3]), events)
    assert events[1] == StrategyWritten(3, "scripted", STRATEGY.format("3 attempt 1"), 0.0)
    assert contents(folder.archive) == contents(reference.archive)


def test_a_person_may_stop_and_go_on_later(tmp_path: Path) -> None:
    def leaves(question: ReviewRequest) -> Feedback:
        raise KeyboardInterrupt

    folder, events = RunFolder.create(tmp_path, STEERED), list[Any]()
    with pytest.raises(KeyboardInterrupt):
        run(folder, leaves, events)
    run(folder, saying(), events)
    assert folder.result.exists()


def test_the_time_a_person_takes_is_none_of_the_runs(tmp_path: Path) -> None:
    now = [0.0]

    def slow(question: ReviewRequest) -> Feedback:
        now[0] += 3600
        return ACCEPT

    folder = RunFolder.create(tmp_path, config(interactive=True, minutes=1))
    run(folder, slow, [], clock=lambda: now[0])
    archive = Archive(folder.archive, SPACE)
    assert archive.seconds == 0
    assert archive.stopped_because == "budget of 14 evaluations spent"
    archive.close()


def test_with_nobody_to_ask_the_run_waits(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a strategy waits for a person's word"):
        search(tmp_path, None)


def test_the_graph_shows_the_person() -> None:
    text = mermaid(interactive=True)
    for edge in ("navigator -.-> person", "person -.-> navigator", "person -.-> generator"):
        assert edge in text
    assert "navigator -.-> generator" not in text
