"""The table of a run's candidates against its own record."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.command_line import command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLM_LLM", raising=False)
    search = ("--supernet", "nasbench201", "--max-params", 0.4, "--evaluations", 6, "--seed", 3, "--quiet")
    assert command(*search, capsys=capsys)[0] == 0
    (made,) = Path("runs").glob("*")
    return made


def test_every_candidate_has_a_row_with_its_verdict_costs_and_score(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = command("table", run.name, capsys=capsys)
    rows, result = list(csv.DictReader(io.StringIO(out))), json.loads((run / "result.json").read_text())
    assert code == 0
    scored = [row for row in rows if row["top1"]]
    assert len(scored) == result["evaluations"] == 6
    best = max(scored, key=lambda row: float(row["top1"]))
    assert float(best["top1"]) == pytest.approx(result["search_top1"])
    assert json.loads(best["genotype"]) == result["architecture"]
    assert all(row["verdict"] == "legal" and float(row["params_m"]) <= 0.4 for row in scored)


def test_a_program_gets_an_object_for_each_candidate(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = command("table", run.name, "--json", capsys=capsys)[1].splitlines()
    rows = list(csv.DictReader(io.StringIO(command("table", run.name, capsys=capsys)[1])))
    found = [json.loads(line) for line in lines]
    assert [str(row["id"]) for row in found] == [row["id"] for row in rows]
    assert list(found[0]) == list(rows[0])


def test_an_unknown_run_is_named(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command("table", "absent", capsys=capsys)
    assert code == 2
    assert "absent" in err


def test_a_parquet_file_has_the_same_rows(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pyarrow import parquet

    told = [json.loads(line) for line in command("table", run.name, "--json", capsys=capsys)[1].splitlines()]
    assert command("table", run.name, "--parquet", "t.parquet", capsys=capsys)[0] == 0
    assert parquet.read_table("t.parquet").to_pylist() == told
    for arguments, message in (
        (("--parquet", "absent/t.parquet"), "cannot be written"),
        (("--parquet", "t.parquet", "--json"), "expected at most one of them"),
    ):
        code, _, err = command("table", run.name, *arguments, capsys=capsys)
        assert (code, message in err) == (2, True)
