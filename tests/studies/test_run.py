"""A loaded run against the record that a search left."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
import torch

import collm_nas
from collm_nas import UserError
from graph.opening import open_supernet
from supernets.evaluate.calibrated_network import CalibratedNetwork
from supernets.export.rescoring import plain_inputs
from tests.command_line import command

SEARCH = ("--supernet", "nasbench201", "--evaluations", 24, "--seed", 3, "--strategy", "random", "--quiet")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.chdir(tmp_path)
    assert command(*SEARCH, capsys=capsys)[0] == 0
    (made,) = Path("runs").glob("*")
    return made


def test_a_run_has_what_its_result_says(folder: Path) -> None:
    run, result = collm_nas.load(folder), json.loads((folder / "result.json").read_text())
    assert run.best is not None
    assert run.report is not None
    assert run.space.genotype(run.best.architecture) == result["architecture"]
    assert (run.best.top1, run.report.top1) == (result["search_top1"], result["report_top1"])
    assert len(run.evaluations) == result["evaluations"]
    assert [row["verdict"] for row in run.table()] == [candidate.verdict for candidate in run.candidates]
    assert run.config.supernet == "nasbench201"


def test_the_front_has_what_nothing_cheaper_beats(folder: Path) -> None:
    run = collm_nas.load(folder.name)
    costs = {row["id"]: row["params_m"] for row in run.table()}
    front = run.front("params_m")
    expected = {
        score.architecture.id
        for score in run.evaluations
        if not any(
            costs[other.architecture.id] <= costs[score.architecture.id] and other.top1 > score.top1
            for other in run.evaluations
        )
    }
    assert {score.architecture.id for score in front} <= expected
    assert {(costs[score.architecture.id], score.top1) for score in front} == {
        (costs[score.architecture.id], score.top1) for score in run.evaluations if score.architecture.id in expected
    }
    assert front[-1] == run.best
    assert [score.top1 for score in front] == sorted(score.top1 for score in front)


def test_a_run_that_is_not_finished_has_no_report_yet(folder: Path) -> None:
    with sqlite3.connect(folder / "archive.sqlite") as connection:
        connection.execute("DELETE FROM evaluations WHERE split = 'report'")
    connection.close()
    assert collm_nas.load(folder).report is None


def test_a_run_that_has_recorded_nothing_is_told_and_left_as_it_is(folder: Path) -> None:
    (folder / "archive.sqlite").unlink()
    with pytest.raises(UserError, match="has recorded nothing yet; continue it: --resume"):
        collm_nas.load(folder)
    assert not (folder / "archive.sqlite").exists()


def test_faults_are_named(folder: Path) -> None:
    assert collm_nas.load(folder).front("latency_ms") == []
    with pytest.raises(KeyError, match="watts"):
        collm_nas.load(folder).front("watts")
    with pytest.raises(UserError, match="no run 'absent'"):
        collm_nas.load("absent")


def test_a_candidate_is_found_by_the_beginning_of_its_id(folder: Path) -> None:
    run = collm_nas.load(folder)
    worst = min(run.evaluations, key=lambda score: score.top1)
    assert run.find() == run.best
    assert run.find(worst.architecture.id[:8]) == worst
    assert run.candidate(worst).architecture == worst.architecture
    with pytest.raises(UserError, match="--id zz: expected the id of one scored candidate"):
        run.find("zz")
    assert len(run.strategies) == run.candidates[-1].round


def test_a_network_has_the_hits_that_were_recorded(images: Path, tmp_path: Path) -> None:
    run = collm_nas.search(
        "spos", strategy="random", evaluations=3, images=images, seed=1, limits={}, runs=tmp_path / "runs"
    )
    assert run.report is not None
    net = run.network(device="cpu")
    evaluator, _ = open_supernet(run.config, run.protocol, "cpu")  # type: ignore[arg-type]
    batches = plain_inputs(evaluator.report_inputs.images, evaluator.preprocessing).batches(224, 32)
    with torch.no_grad():
        hits = sum(int((net(x).argmax(1) == labels).sum()) for x, labels in batches)
    assert isinstance(net, CalibratedNetwork)
    assert abs(hits - round(run.report.top1 * run.report.images / 100)) <= 1
    assert net.side == 44
    assert net.classes[0] == "airplane"


def test_a_table_has_no_network(folder: Path) -> None:
    with pytest.raises(UserError, match="nasbench201 has scores but no weights"):
        collm_nas.load(folder).network()
