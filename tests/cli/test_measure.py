"""Latencies of this machine, as a user measures them and searches by them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli import measure
from supernets.families.registry import get_space
from tests.command_line import command

MEASURE = ("measure", "--supernet", "ofa", "--threads", 1)


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"PASSES": 2, "RANDOM": 1, "LEARNED": 10, "LEARNED_PASSES": 1}.items():
        monkeypatch.setattr(measure, name, value)


def test_the_extremes_and_a_random_one_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*MEASURE, "--device", "cpu", capsys=capsys)
    assert code == 0
    rows = {line.split()[0].strip(","): line for line in out.splitlines()}
    median = {name: float(rows[name].split()[-4]) for name in ("smallest", "largest")}
    assert 0 < median["smallest"] < median["largest"]
    assert "random" in rows
    for part in ("2 passes each with 1 image", "1 thread", "PyTorch", "float32"):
        assert part in out, part


def test_a_named_one_is_measured_in_batches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    space = get_space("ofa")
    (tmp_path / "a.json").write_text(json.dumps(space.genotype(space.smallest())))
    code, out, _ = command(*MEASURE, "a.json", "--batch", 2, capsys=capsys)
    assert code == 0
    assert space.smallest().id in out
    assert "a batch of 2" in out


def test_a_search_is_limited_by_a_file_that_was_measured_here(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*MEASURE, "--out", "own.npz", capsys=capsys)
    assert code == 0
    assert "fitted to 10 networks measured there" in out
    assert "next: python main.py --supernet ofa --latency-device own.npz" in out
    low, high = get_space("ofa", None, "own.npz").bounds()
    assert low.latency_ms is not None
    assert high.latency_ms is not None
    limit = ("--max-latency-ms", 1e6, "--latency-device", "own.npz")
    code, _, err = command("--supernet", "ofa", *limit, "--strategy", "random", capsys=capsys)
    assert f"the largest sub-network of ofa has {high.latency_ms:.4g}" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--supernet", "nasbench201"), "nasbench201 has scores but no weights"),
        (("--supernet", "spos", "--out", "own.npz"), "latency models can be fitted for ofa, ofa-w1.0, ofa-proxyless"),
        (("--supernet", "ofa", "--out", "own.csv"), "expected a file *.npz, got own.csv"),
        (("--supernet", "ofa", "--out", "none/own.npz"), "the folder none does not exist"),
        (("--supernet", "ofa", "a.json", "--out", "own.npz"), "leave out a.json"),
        (("--supernet", "ofa", "--batch", 0), "--batch: expected 1 or more, got 0"),
        (("--supernet", "ofa", "--threads", -1), "--threads: expected 1 or more, got -1"),
    ],
)
def test_mistakes_are_told(arguments: tuple[object, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command("measure", *arguments, capsys=capsys)
    assert code == 2
    assert message in err
