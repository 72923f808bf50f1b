"""What the finished runs of a study found."""

from __future__ import annotations

from pathlib import Path

from studies.compare.study import Study
from studies.compare.study_results import read_results
from supernets.evaluate.table import TableEvaluator
from tests.studies.compare.conftest import assemble, make_study


def test_scores_of_a_table_are_compared_to_all_there_are(study: Study) -> None:
    results = read_results(study, assemble)
    evaluator = assemble(study.base).evaluator
    assert isinstance(evaluator, TableEvaluator)
    search, report = evaluator.everything
    assert (results.ranges[""].best, results.ranges[""].best_report) == (max(search), max(report))
    assert [(summary.strategy, summary.seeds) for summary in results.summaries[""]] == [("random", 2), ("evolution", 2)]
    assert results.ranks[""].keys() == {"random", "evolution"}
    winners = [run.winner_report for run in results.runs if run.strategy == "random"]
    ranks = [1 + sum(score > winner for score in report) for winner in winners]
    assert results.ranks[""]["random"] == sum(ranks) / 2


def test_runs_that_have_not_finished_are_left_out(tmp_path: Path) -> None:
    results = read_results(make_study(tmp_path), assemble)
    assert (results.runs, results.summaries) == ([], {})
