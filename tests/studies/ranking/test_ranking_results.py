"""What is counted of rankings that are perfect, reversed or broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.roles.ranker import Ranking
from studies.ranking.ranking_results import RankingResults
from studies.ranking.trials import PLACES, Ranked, Trial


def perfect(trial: Trial) -> Ranked:
    return Ranked(trial, Ranking(tuple(trial.top1), ()))


def reversed_(trial: Trial) -> Ranked:
    return Ranked(trial, Ranking(tuple(trial.top1)[::-1], ("missing: A",)))


def broken(trial: Trial) -> Ranked:
    return Ranked(trial, Ranking((), ("missing: A", "missing: B")))


def test_what_is_broken_is_counted_and_left_out_of_the_mean(drawn: list[Trial]) -> None:
    results = RankingResults([perfect(drawn[0]), reversed_(drawn[1]), broken(drawn[2])])
    assert results.taus == pytest.approx([1, -1])
    assert results.tau == pytest.approx(0)
    assert results.stderr == pytest.approx(1)
    assert results.broken == 3
    assert [sum(row) for row in results.confusion] == [2] * PLACES
    assert results.confusion[0][0] == results.confusion[0][9] == 1
    assert (RankingResults([broken(drawn[0])]).tau, RankingResults([perfect(drawn[0])]).stderr) == (None, None)


def test_the_file_holds_every_trial(tmp_path: Path, drawn: list[Trial]) -> None:
    results = RankingResults([perfect(drawn[0]), broken(drawn[1])])
    results.write(tmp_path / "ranking.json", {"seed": 0})
    found = json.loads((tmp_path / "ranking.json").read_text())
    assert (found["tau"], found["trials"], found["ranked"]) == (pytest.approx(1), 2, 1)
    assert found["each"][1] == {
        "number": 2, "shown": drawn[1].shown, "top1": drawn[1].top1, "tau": None, "ranking": [],
        "problems": ["missing: A", "missing: B"],
    }  # fmt: skip
