"""Searches of tables as a user starts them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supernets.families.registry import get_space
from tests.test_main import command

SEARCH = ("--supernet", "nasbench201", "--dataset", "cifar100", "--evaluations", 20)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLM_LLM", raising=False)


def test_a_search_under_neutral_names_tells_its_results_in_true_ones(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*SEARCH, "--disguise", "--json", capsys=capsys)
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    space = get_space("nasbench201", "cifar100")
    proposed = [genotype for e in events if e["event"] == "proposals_made" for genotype in e["genotypes"]]
    assert len({space.parse(genotype) for genotype in proposed}) == 20
    assert "x[0]" in next(e["text"] for e in events if e["event"] == "strategy_written" and e["round"] == 2)
    assert events[-1]["result"]["architecture"]["cell"].startswith("|")
    assert events[-1]["result"]["report_top1"] > 60


def test_the_trace_shows_the_cell_and_says_where_scores_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*SEARCH, "--strategy", "random", capsys=capsys)
    assert code == 0
    for part in ("cifar100, 200 epochs", "Dong and Yang", "cell  in  ", "[reduce]", "|+|"):
        assert part in out, part
    assert "sk " in out.split("result")[0]


def test_rounds_are_as_large_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*SEARCH, "--strategy", "random", "--per-round", 12, capsys=capsys)
    assert code == 0
    for part in ("of 12 proposals", "round 1: 12 asked", "round 2: 8 asked"):
        assert part in out, part


def test_a_limit_on_latency_goes_from_the_option_to_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    limit = ("--max-latency-ms", 5, "--latency-device", "pixel3")
    code, out, _ = command(*SEARCH, *limit, "--json", capsys=capsys)
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    verdicts = [e for e in events if e["event"] == "verdict" and e["latency_ms"] is not None]
    assert {e["verdict"] for e in verdicts if e["latency_ms"] > 5} <= {"over limit"}
    assert events[-1]["result"]["latency_ms"] <= 5
    assert events[-1]["result"]["latency_device"] == "pixel3"
    code, out, _ = command(*SEARCH, "--strategy", "random", *limit, capsys=capsys)
    for part in ("latency <= 5 ms", "looked up, as Lee et al.", " ms on pixel3"):
        assert part in out, part


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--supernet", "nasbench201", "--dataset", "cifar20"), "nasbench201 has cifar10, cifar100, imagenet16-120"),
        (("--supernet", "ofa", "--dataset", "cifar10"), "ofa has no data sets of its own"),
        (("--supernet", "nasbench201", "--device", "cpu"), "no network of nasbench201 is run"),
        ((*SEARCH, "--strategy", "random", "--disguise"), "--strategy random has none"),
        ((*SEARCH, "--max-latency-ms", 5), "expected the device that is limited; add --latency-device NAME"),
        ((*SEARCH, "--max-latency-ms", 5, "--latency-device", "abacus"), "was measured on 1080ti_1, 1080ti_256, "),
        ((*SEARCH, "--max-latency-ms", 0.001, "--latency-device", "raspi4"), "the smallest has 0.01; choose a limit"),
    ],
)
def test_mistakes_are_told(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command(*arguments, capsys=capsys)
    assert code == 2
    assert message in err
