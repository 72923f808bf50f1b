"""What the finished runs of a study found."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from graph.config import Config
from studies.compare.statistics import ScoreRange
from studies.compare.study import Study
from studies.compare.study_results import read_results
from supernets.evaluate.table import TableEvaluator, at_row
from supernets.families.registry import get_space
from tests.studies.compare.conftest import EVALUATIONS, assemble, finish, make_study


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


def test_with_a_limit_only_what_keeps_it_is_compared_to(tmp_path: Path) -> None:
    base = Config(supernet="nasbench201", evaluations=EVALUATIONS, limits={"params_m": 0.3})
    made = make_study(tmp_path, base=base, strategies=("random",), seeds=1)
    finish(made)
    results = read_results(made, assemble)
    evaluator, space = assemble(base).evaluator, get_space("nasbench201")
    assert isinstance(evaluator, TableEvaluator)
    at = at_row(space)
    kept = [row for row in range(15625) if space.cost(at(row)).params_m <= 0.3]
    search, report = ([scores[row] for row in kept] for scores in evaluator.everything)
    assert results.ranges[""] == ScoreRange(median(search), max(search), max(report))
    (run,) = results.runs
    assert results.ranks[""]["random"] == 1 + sum(score > run.winner_report for score in report)


def test_runs_that_have_not_finished_are_left_out(tmp_path: Path) -> None:
    results = read_results(make_study(tmp_path), assemble)
    assert (results.runs, results.summaries) == ([], {})
