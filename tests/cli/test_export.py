"""Exporting from a finished run and from a file, and what a user is told where that cannot be done."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from supernets.families.registry import get_space
from tests.command_line import command


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, images: Path) -> Path:
    """A folder with one finished run of two candidates."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def run(place: Path, images: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    torch.set_num_threads(1)
    if not (place / "runs").exists():
        search = ("--supernet", "spos", "--images", images, "--strategy", "random", "--per-round", 2)
        code, _, err = command(*search, "--evaluations", 2, "--quiet", capsys=capsys)
        assert code == 0, err
    return next((place / "runs").iterdir()).name


def exported(arguments: Iterator[object] | tuple[object, ...], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    code, out, err = command("export", *arguments, "--json", capsys=capsys)
    assert code == 0, err
    return dict(json.loads(out))


def ids(run: str) -> list[str]:
    """Of the scored candidates, the best first."""
    with sqlite3.connect(f"runs/{run}/archive.sqlite") as archive:
        rows = archive.execute("SELECT architecture FROM evaluations WHERE split = 'search' ORDER BY top1 DESC, idx")
        return [row[0] for row in rows]


def test_the_best_of_a_run_is_exported_beside_it(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = exported((run,), capsys)
    best = ids(run)[0]
    assert found["id"] == best
    folder = Path("runs") / run / "export" / best
    assert {path.name for path in folder.iterdir()} == {"README.md", "model.py", "model.safetensors"}
    result = json.loads((Path("runs") / run / "result.json").read_text())
    card = (folder / "README.md").read_text()
    assert f"| report | {result['report_top1']:.2f} ± {result['report_stderr']:.2f} %" in card
    assert "| search strategy | random |" in card
    code, _, err = command("export", run, capsys=capsys)
    assert (code, "exists already" in err) == (2, True)


def test_any_scored_candidate_is_exported_by_its_id(
    run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ids(run)[-1]
    found = exported((run, "--id", other[:6], "--out", tmp_path / "other"), capsys)
    assert found["id"] == other
    assert "| search | " in (tmp_path / "other" / "README.md").read_text()


def test_an_architecture_file_is_exported(
    run: str, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = get_space("spos")
    genotype = tmp_path / "a.json"
    genotype.write_text(json.dumps(space.genotype(space.smallest())))
    arguments = (genotype, "--supernet", "spos", "--images", images, "--out", tmp_path / "out")
    assert exported(arguments, capsys)["id"] == space.smallest().id


def test_mistakes_are_explained(run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    best = ids(run)[0]
    for arguments, message in (
        (("none",), "no run 'none'"),
        ((run, "--id", "zzzz"), "--id zzzz: expected the id of one scored candidate"),
        ((run, "--id", "../../etc"), "expected the id of one scored candidate"),
        ((run, "--id", "zzzz"), best),
        ((run, "--weights", "x.safetensors"), "--weights: a run records its own"),
        (("a.json", "--supernet", "spos", "--id", best), "--id names a candidate of a run"),
        (("a.json", "--supernet", "nasbench201"), "nasbench201 has scores but no weights"),
        (("a.json", "--supernet", "spos"), "architecture file a.json: cannot be read"),
    ):
        code, _, err = command("export", *arguments, capsys=capsys)
        assert code == 2, arguments
        assert message in err, arguments


def test_a_run_that_is_not_finished_needs_an_id(run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = sqlite3.connect(f"runs/{run}/archive.sqlite")
    (why,) = archive.execute("SELECT value FROM facts WHERE name = 'stopped_because'").fetchone()
    with archive:
        archive.execute("DELETE FROM facts WHERE name = 'stopped_because'")
    try:
        code, _, err = command("export", run, "--out", tmp_path / "out", capsys=capsys)
    finally:
        with archive:
            archive.execute("INSERT INTO facts VALUES ('stopped_because', ?)", (why,))
        archive.close()
    assert code == 2
    assert f"the run {run} is not finished; continue it with --resume" in err
    assert ids(run)[0] in err
