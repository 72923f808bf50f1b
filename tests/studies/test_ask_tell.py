"""Scores told from outside make the search that a program's own scores would make."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from collm_nas import AskTell, UserError, get_space, load
from graph.events import Event, RunStarted
from supernets.space.architecture import Architecture
from tests.graph.fakes import FormulaEvaluator
from tests.paths import ROOT

pytestmark = pytest.mark.usefixtures("own_place")
HOW = {"how": "by a formula", "search_images": 1000, "report_images": 2000}
SETTINGS = {"limits": {"macs_m": 400}, "evaluations": 20, "per_round": 8, "seed": 3, "llm": "analyst"}
FORMULA = FormulaEvaluator()


def start(on_event: object = None) -> AskTell:
    events = {"on_event": on_event} if on_event else {}
    return AskTell.start("ofa", **HOW, **SETTINGS, **events)  # type: ignore[arg-type]


def top1(a: Architecture, split: str) -> float:
    return (next(FORMULA.evaluate([a])) if split == "search" else FORMULA.report(a)).top1


def finish(search: AskTell) -> list[str]:
    """Tell everything that is asked for, the last of each answer first."""
    asked = []
    while archs := search.ask():
        for a in reversed(archs):
            asked.append(a.id)
            search.tell(a, top1(a, search.split))
    return asked


def found(folder: Path) -> list[tuple[object, ...]]:
    run = load(folder)
    assert run.report is not None
    rows = [(c.place, c.text, c.verdict) for c in run.candidates]
    scores = [(e.architecture.id, e.top1, e.stderr) for e in (*run.evaluations, run.report)]
    return [*rows, *scores]


def test_a_search_asks_for_its_budget_and_then_for_its_winner() -> None:
    search = start()
    assert [len(search.ask(count)) for count in (1, 3, None)] == [1, 3, 8]
    asked = finish(search)
    assert len(asked) == 21
    assert len(set(asked)) == 20
    run = search.run()
    assert run.best is not None
    assert run.report is not None
    assert run.report.architecture == run.best.architecture
    assert asked[-1] == run.best.architecture.id
    assert run.report.images == 2000
    assert run.protocol.measure == "on 1,000 images, by a formula"
    assert run.stopped_because == "budget of 20 evaluations spent"
    assert search.ask() == []


def test_the_winner_of_each_limit_is_asked_for_on_the_report_images() -> None:
    search = AskTell.start("ofa", **HOW, **{**SETTINGS, "limits": {"macs_m": [300, 400]}})  # type: ignore[arg-type]
    asked = finish(search)
    run = search.run()
    chosen = {winner.search.architecture for winner in run.winners}
    assert len(asked) == 20 + len(chosen)
    assert [winner.report for winner in run.winners] == [run.report_of(w.search.architecture) for w in run.winners]
    assert None not in [winner.report for winner in run.winners]


def test_a_killed_process_asks_for_what_was_not_told_and_finds_the_same() -> None:
    whole, killed = start(), start()
    finish(whole)
    script = f"""
import os, signal
from collm_nas import AskTell
from tests.studies.test_ask_tell import top1
search = AskTell.resume({str(killed.folder)!r})
for told in range(13):
    a = search.ask()[-1]
    search.tell(a, top1(a, search.split))
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(finish(AskTell.resume(killed.folder))) == 21 - 13
    assert found(killed.folder) == found(whole.folder)


def test_a_run_without_its_report_has_a_best_and_no_report() -> None:
    search = start()
    for a in itertools.chain.from_iterable(iter(search.ask, [])):
        if search.split == "report":
            break
        search.tell(a, top1(a, "search"))
    run = search.run()
    assert run.best is not None
    assert run.report is None


def test_events_come_as_in_any_search_with_one_start() -> None:
    events: list[Event] = []
    finish(start(events.append))
    names = [type(event).__name__ for event in events]
    assert names.count("RunStarted") == 1
    assert isinstance(events[0], RunStarted)
    assert names.count("Evaluated") == 20
    assert names.count("RoundEnded") == names.count("StrategyWritten") == 3
    assert names[-1] == "RunEnded"


def test_mistakes_are_explained(tmp_path: Path) -> None:
    for wrong, message in (
        ({**HOW, "how": " "}, "expected how scores are taken"),
        ({**HOW, "report_images": 0}, "report_images=0"),
        ({**HOW, "weights": "x"}, "weights: scores are told"),
        ({**HOW, "llm": {"navigator": "analyst"}}, "expected a model for navigator and generator"),
        ({**HOW, "limits": {"macs_m": 1}}, "macs_m"),
    ):
        with pytest.raises(UserError, match=message):
            AskTell.start("ofa", **wrong)  # type: ignore[arg-type]
    assert not Path("runs").exists()
    search = start()
    with pytest.raises(UserError, match="it was not asked for"):
        search.tell(get_space("ofa").smallest(), 50)
    with pytest.raises(UserError, match="no run 'absent'"):
        AskTell.resume("absent")
