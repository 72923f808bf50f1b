"""What a report shows against the record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import collm_nas
from collm_nas import AskTell, Run
from studies.report.report_data import report_data
from tests.studies.report.runs import fruitless_run, planted_run

pytestmark = pytest.mark.usefixtures("own_place")


@pytest.fixture
def run() -> Run:
    return collm_nas.search("ofa-w1.0-predicted", evaluations=20, per_round=8, seed=2)


def test_candidates_costs_and_scores_are_those_of_the_run(run: Run) -> None:
    data = report_data(run)
    assert run.best is not None
    assert run.report is not None
    best = data["candidates"][data["best"]]
    assert best["id"] == run.best.architecture.id
    assert run.space.parse(json.loads(best["genotype"])) == run.best.architecture
    assert best["score"]["top1"] == round(run.best.top1, 3)
    assert data["report"]["top1"] == round(run.report.top1, 3)
    assert data["kinds"][0][0] == "macs_m"
    assert best["costs"][0] == round(run.space.cost(run.best.architecture).macs_m, 4)
    assert [data["candidates"][index]["id"] for index in data["order"]] == [e.architecture.id for e in run.evaluations]
    assert len(data["candidates"]) == len(run.candidates)


def test_the_blocks_of_a_candidate_add_up_to_its_costs(run: Run) -> None:
    data = report_data(run)
    for candidate, found in zip(run.candidates, data["candidates"], strict=True):
        assert candidate.cost is not None
        rows = [data["blocks"][index] for index in found["blocks"]]
        assert sum(row[6] for row in rows) == candidate.cost.macs
        assert sum(row[7] for row in rows) == candidate.cost.params
    assert len(data["blocks"]) < sum(len(each["blocks"]) for each in data["candidates"])


def test_rounds_have_their_strategy_counts_and_agreement(run: Run) -> None:
    data = report_data(run)
    assert [each["strategy"] for each in data["rounds"]] == run.strategies
    assert sum(each["ledger"]["evaluated"] for each in data["rounds"]) == data["total"]["evaluated"] == 20
    later = data["rounds"][-1]
    assert 0 < later["agreement"] <= 100
    assert later["preferred"] > 10


def test_long_strategies_are_cut_and_the_cut_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studies.report.report_data._STRATEGIES", 300)
    monkeypatch.setattr("studies.report.report_data._SHORTEST", 100)
    for found, strategy in zip(report_data(run)["rounds"], run.strategies, strict=True):
        assert found["strategy"] == strategy[:100]
        assert found["cut"] == len(strategy) - 100


def test_five_hundred_candidates_make_a_page_of_less_than_400_kilobytes() -> None:
    from studies.report.page import render

    run = collm_nas.search("ofa-w1.0-predicted", strategy="random", evaluations=500)
    page = render("", [report_data(run)])
    strategies = 120_000  # at most; random search writes none
    assert len(page.encode()) + strategies < 400_000


def test_texts_of_models_have_no_control_or_direction_characters(tmp_path: Path) -> None:
    data = report_data(planted_run(tmp_path))
    texts = list(strings(data))
    assert sum("document.title" in text for text in texts) >= 3
    assert not any(character in text for text in texts for character in "\u202e\u2066\x1b\x07")
    illegal = [each for each in data["candidates"] if each["verdict"] == "illegal"]
    assert len(illegal) == 2
    assert all("id" not in each and each["reason"] for each in illegal)


def strings(data: Any) -> Iterator[str]:
    """Every text in JSON types."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list | dict):
        for each in data.items() if isinstance(data, dict) else data:
            yield from strings(list(each) if isinstance(each, tuple) else each)


def test_a_run_without_a_legal_candidate_and_one_that_goes_on(run: Run) -> None:
    data = report_data(fruitless_run())
    assert (data["best"], data["report"], data["order"]) == (None, None, [])
    assert "illegal" in data["diagnosis"]
    assert data["state"].startswith("no new legal candidate")
    search = AskTell.start("ofa", how="by hand", search_images=10, report_images=10, evaluations=9)
    search.ask()
    going_on = report_data(search.run())
    assert going_on["state"] == ""
    assert going_on["candidates"]


def test_everything_is_json(run: Run, tmp_path: Path) -> None:
    for each in (run, planted_run(tmp_path)):
        data: dict[str, Any] = report_data(each)
        assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_several_limits_are_all_there_with_their_winners() -> None:
    run = collm_nas.search("ofa-w1.0-predicted", evaluations=20, limits={"macs_m": [300, 400]}, seed=2)
    data = report_data(run)
    assert data["limits"] == {"macs_m": [300, 400]}
    assert [each["limits"] for each in data["winners"]] == ["MACs <= 300 M", "MACs <= 400 M"]
    for winner, found in zip(run.winners, data["winners"], strict=True):
        assert data["candidates"][found["index"]]["id"] == winner.search.architecture.id
        assert winner.report is not None
        assert found["report"]["top1"] == round(winner.report.top1, 3)
    assert [each["limits"] for each in data["rounds"][:2]] == ["MACs <= 400 M", "MACs <= 300 M"]
    assert data["niches"] is None
