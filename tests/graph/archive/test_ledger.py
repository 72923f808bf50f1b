"""The ledger counts what the archive holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from graph.archive.archive import Archive
from graph.archive.ledger import ledger
from tests.graph.archive.test_archive import call
from tests.graph.fakes import config
from tests.graph.test_search import run


def test_the_ledger_does_not_know_a_price_as_soon_as_one_is_unknown(archive: Archive) -> None:
    archive.calls.record(call("a", 0.5, round=1))
    archive.calls.record(call("b", 0.25, round=2))
    assert ledger(archive, 1, 2).cost_usd == 0.75
    archive.calls.record(call("c", None, round=2))
    assert (ledger(archive, 1, 1).cost_usd, ledger(archive, 1, 2).cost_usd) == (0.5, None)
    total = ledger(archive, 1, 2)
    assert (total.calls, total.prompt_tokens, total.completion_tokens, total.model_seconds) == (3, 30, 15, 4.5)


def test_the_ledger_counts_every_proposal(tmp_path: Path) -> None:
    folder, _ = run(tmp_path, config())
    ledger = json.loads(folder.result.read_text())["ledger"]
    first = ledger["rounds"][0]
    # Eight were sent of which two were illegal; of the two sent to mend them one was illegal again.
    counts = {"requested": 8, "parsed": 10, "illegal": 3, "duplicate": 1, "over_limit": 1, "evaluated": 5, "calls": 3}
    assert {name: first[name] for name in counts} == counts
    assert first["cost_usd"] == 0.0
    assert ledger["total"]["illegal_rate"] == pytest.approx(0.3, abs=0.05)
    for name in counts:
        assert ledger["total"][name] == sum(each[name] for each in ledger["rounds"])


def test_the_ledger_counts_the_answers_that_break_the_schema_by_form(archive: Archive) -> None:
    answers = [("JSON schema", True, 1), ("JSON schema", False, 1), ("prompt alone", False, 2), ("", None, 2)]
    for i, (form, fits, round) in enumerate(answers):
        made = call(str(i), round=round)
        archive.calls.record(replace(made, reply=replace(made.reply, form=form, fits=fits)))
    first, second = (ledger(archive, round, round) for round in (1, 2))
    assert first.forms == {"JSON schema": (2, 1)}
    assert second.forms == {"prompt alone": (1, 1)}
    assert (first + second).forms == ledger(archive, 1, 2).forms == {"JSON schema": (2, 1), "prompt alone": (1, 1)}
    assert (first + first).forms == {"JSON schema": (4, 2)}
    assert [each.reply.fits for each in archive.calls] == [True, False, False, None]
