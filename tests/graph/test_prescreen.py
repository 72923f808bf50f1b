"""Prescreening: what it asks for, what it keeps, and what it tells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from graph.config import Config
from graph.events import Event, Message
from graph.run_folder import RunFolder
from graph.search import Search
from studies.run import Run, load
from tests.graph.strategies.conformance import SPACE, Additive, search


def searched(root: Path, strategy: str = "random", evaluator: Additive | None = None, **changes: Any) -> Run:
    search(root, strategy, evaluator=evaluator, **{"prescreen": 4.0, **changes}).run()
    (folder,) = root.iterdir()
    return load(folder)


def test_a_round_keeps_as_many_as_without_it_and_they_are_better(tmp_path: Path) -> None:
    with_it, without = searched(tmp_path / "with"), searched(tmp_path / "without", prescreen=None)
    assert [ledger.requested for ledger in with_it.ledgers] == [ledger.requested for ledger in without.ledgers]
    assert len(with_it.evaluations) == len(without.evaluations) == 60
    assert with_it.evaluations[:16] == without.evaluations[:16]  # nothing to fit yet
    means = [sum(e.top1 for e in run.evaluations[16:]) / 44 for run in (with_it, without)]
    assert means[0] > means[1] + 0.5


def test_some_are_kept_at_random_and_come_last(tmp_path: Path) -> None:
    run = searched(tmp_path)
    rounds = [[c for c in run.candidates if c.round == number] for number in (2, 3)]
    scores = {e.architecture: e.top1 for e in run.evaluations}
    for candidates in rounds:
        values = [scores[c.architecture] for c in candidates if c.architecture]
        assert len(values) == 16
        assert sum(values[:12]) / 12 > sum(values[12:]) / 4


@pytest.mark.parametrize("strategy", ["random", "evolution", "surrogate", "local"])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tmp_path: Path, strategy: str) -> None:
    whole = searched(tmp_path / "whole", strategy)
    with pytest.raises(KeyboardInterrupt):
        searched(tmp_path / "cut", strategy, Additive(stop_at=37))
    (path,) = (tmp_path / "cut").iterdir()
    folder = RunFolder(path)
    Search(
        config=folder.config(), space=SPACE, evaluator=Additive(), models={}, folder=folder, sink=lambda event: None
    ).run()  # fmt: skip
    assert load(path).evaluations == whole.evaluations


def test_it_tells_how_far_predictions_were_of_both_kinds(tmp_path: Path) -> None:
    events: list[Event] = []
    config = Config(supernet="spos", strategy="random", evaluations=60, prescreen=4.0, limits={"macs_m": 320.0})
    folder = RunFolder.create(tmp_path, config)
    Search(
        config=config, space=SPACE, evaluator=Additive(), models={}, folder=folder, sink=events.append
    ).run()  # fmt: skip
    told = [event.text for event in events if isinstance(event, Message) and "prescreening" in event.text]
    form = re.compile(
        r"prescreening: predicted minus measured in round \d, points: "
        r"12 chosen by prediction ([+-]\d\.\d\d), 4 at random ([+-]\d\.\d\d)"
    )
    assert len(told) == 2
    for text in told:
        found = form.fullmatch(text)
        assert found is not None
        assert abs(float(found[1])) < 2
        assert abs(float(found[2])) < 2


@pytest.mark.parametrize("factor", [1.0, 0.5, 101.0])
def test_a_factor_that_asks_for_no_more_is_refused(factor: float) -> None:
    with pytest.raises(UserError, match="prescreen: expected"):
        Config(supernet="spos", prescreen=factor)
    assert "prescreen" not in Config(supernet="spos").to_json()
