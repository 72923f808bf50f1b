"""Human review of strategies: all feedback takes effect, is recorded, and survives a kill."""

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
from graph.steering import ACCEPT, Feedback, Reviewer, ReviewRequest
from tests.graph.driver import in_child
from tests.graph.fakes import SPACE, STRATEGY, config, contents, eventful_script, models, search_in

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


def saying(*feedback: Feedback) -> Reviewer:
    """A reviewer with this feedback, who then accepts everything."""
    rest = list(feedback)
    return lambda request: rest.pop(0) if rest else ACCEPT


def search(root: Path, reviewer: Reviewer | None, settings: Config = STEERED) -> tuple[RunFolder, list[Any]]:
    folder, events = RunFolder.create(root, settings), list[Any]()
    run(folder, reviewer, events)
    return folder, events


def run(folder: RunFolder, reviewer: Reviewer | None, events: list[Any], **changes: Any) -> None:
    fallback_chain = models(script())
    search_in(folder, models=fallback_chain, sink=events.append, reviewer=reviewer, **changes).run()


def strategies(folder: RunFolder) -> list[str]:
    return [text for _, _, text, *_ in contents(folder.archive)["rounds"]]


def sent(folder: RunFolder, role: str, round: int) -> list[list[dict[str, str]]]:
    archive = Archive(folder.archive, SPACE)
    requests = [call.request for call in archive.calls]
    archive.close()
    return [list(r.messages) for r in requests if (r.role, r.round) == (role, round)]


def test_a_reviewer_who_accepts_everything_changes_nothing(tmp_path: Path) -> None:
    asked: list[ReviewRequest] = []
    watched, _ = search(tmp_path, lambda request: asked.append(request) or ACCEPT)  # type: ignore[func-returns-value]
    alone, _ = search(tmp_path, None, config())
    assert contents(watched.archive) == contents(alone.archive)
    assert [request["strategy"] for request in asked] == strategies(alone)


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


def killed_after(*feedback: Feedback) -> Reviewer:
    """A reviewer with this feedback; at the request after it the process dies, as in a power cut."""
    rest = list(feedback)

    def reviewer(request: ReviewRequest) -> Feedback:
        if not rest:
            os.kill(os.getpid(), signal.SIGKILL)
        return rest.pop(0)

    return reviewer


def test_a_run_killed_at_each_request_repeats_it(tmp_path: Path) -> None:
    feedback = [remark("Deeper."), ACCEPT, edit(OWN), ACCEPT]
    reference, _ = search(tmp_path, saying(*feedback))
    folder = RunFolder.create(tmp_path, STEERED)
    for given in ([], feedback[:1], feedback[1:2], feedback[2:3]):
        reviewer = killed_after(*given)
        assert in_child(lambda reviewer=reviewer: run(folder, reviewer, [])) == signal.SIGKILL  # type: ignore[misc]
    events: list[Any] = []
    run(folder, saying(feedback[3]), events)
    assert events[1] == StrategyWritten(
        round=3, model_name="scripted", text=STRATEGY.format("3 attempt 1"), seconds=0.0
    )
    assert contents(folder.archive) == contents(reference.archive)


def test_a_reviewer_may_stop_and_resume_later(tmp_path: Path) -> None:
    def leaves(request: ReviewRequest) -> Feedback:
        raise KeyboardInterrupt

    folder, events = RunFolder.create(tmp_path, STEERED), list[Any]()
    with pytest.raises(KeyboardInterrupt):
        run(folder, leaves, events)
    run(folder, saying(), events)
    assert folder.result.exists()


def test_the_time_of_a_review_does_not_count(tmp_path: Path) -> None:
    now = [0.0]

    def slow(request: ReviewRequest) -> Feedback:
        now[0] += 3600
        return ACCEPT

    folder = RunFolder.create(tmp_path, config(interactive=True, minutes=1))
    run(folder, slow, [], clock=lambda: now[0])
    archive = Archive(folder.archive, SPACE)
    assert archive.seconds == 0
    assert archive.stopped_because == "budget of 14 evaluations spent"
    archive.close()


def test_without_a_reviewer_the_run_waits(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a strategy awaits review, but this is not an interactive terminal"):
        search(tmp_path, None)


def test_the_graph_shows_the_reviewer() -> None:
    text = mermaid(interactive=True)
    for edge in ("navigator -.-> person", "person -.-> navigator", "person -.-> generator"):
        assert edge in text
    assert "navigator -.-> generator" not in text
