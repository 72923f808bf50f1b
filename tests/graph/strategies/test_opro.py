"""OPRO shows the best scores, and corrects an answer once."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.roles.optimizer import SHOWN
from agents.text.architecture_table import parse_rows
from agents.text.compact_form import CompactForm
from agents.text.genes import read_genes
from graph.run_folder import RunFolder
from tests.graph.fakes import models
from tests.graph.strategies.conformance import SPACE, Additive, recorded
from tests.graph.strategies.test_model_based import analyst_config, run, sent


def test_opro_is_shown_the_best_in_ascending_order_and_remembers_nothing(tmp_path: Path) -> None:
    run(RunFolder.create(tmp_path, analyst_config("opro")), Additive())
    calls = sent(tmp_path)
    assert [len(messages) for messages in calls] == [2] * len(calls)
    assert "None is scored yet." in calls[0][1]["content"]
    candidates, evaluations = recorded(tmp_path)
    early = {candidate.architecture for candidate in candidates if candidate.round < 4}
    scored = [evaluation.top1 for evaluation in evaluations if evaluation.architecture in early]
    genes = read_genes(SPACE.describe())
    assert genes is not None
    shown = [row.top1 for row in parse_rows(calls[3][1]["content"], CompactForm(genes.genes))]
    assert shown == pytest.approx(sorted(scored)[-SHOWN:], abs=0.0051)


def test_what_opro_sends_wrong_goes_back_once_and_is_counted(tmp_path: Path) -> None:
    good = SPACE.genotype(SPACE.smallest())
    bad = [{"blocks": [9] * 20}, {"blocks": []}]
    script = {"generator": [[{"architectures": bad}, {"architectures": [good]}]]}
    folder = RunFolder.create(tmp_path, analyst_config("opro", 2))
    found = run(folder, Additive(), models(script)["generator"][0])
    assert found["ledger"]["rounds"][0]["illegal"] == 2
    assert "blocks: expected 20" in sent(tmp_path, 2)[0][-1]["content"]
