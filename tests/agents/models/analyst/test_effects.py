from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.effects import described, effect_table, line_shares, names, region
from agents.models.analyst.findings import Findings, FitInputs, find_optima
from agents.text.architecture_table import parse_rows
from tests.agents.models.analyst.small_space import TABLE, prompt, scored


@pytest.fixture(scope="module")
def findings() -> Findings:
    found = find_optima(FitInputs.of(prompt(scored(40))), np.random.default_rng(0))
    assert found is not None
    return found


def test_the_table_has_every_choice_with_its_effect_and_its_uses(findings: Findings) -> None:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in effect_table(findings).splitlines()]
    assert lines[0] == ["genes", "choice", "effect", "error", "uses", "share"]
    cells = {(genes, choice): rest for genes, choice, *rest in lines[2:]}
    assert len(cells) == 3 + 2 + 3 + 3
    # `conv` is 2 points above the others, so 4/3 above the average.
    assert float(cells["op", "conv"][0]) == pytest.approx(4 / 3, abs=0.2)
    assert float(cells["op", "pool"][0]) == pytest.approx(-2 / 3, abs=0.2)
    assert sum(int(cells["op", choice][2]) for choice in ("none", "pool", "conv")) == 40
    assert cells["k[0] to k[4]", "3"]


def test_no_line_can_be_mistaken_for_a_measured_architecture(findings: Findings) -> None:
    assert parse_rows(effect_table(findings)) == []


def test_the_region_keeps_the_choices_of_the_optima(findings: Findings) -> None:
    lines = region(findings).splitlines()
    assert len(lines) == len(TABLE.meanings)
    assert "- op (operation): conv" in lines


def test_shares_of_a_line_are_the_mean_of_its_genes() -> None:
    shares = np.zeros((len(TABLE.genes), TABLE.width))
    shares[2], shares[3] = [1, 0, 0], [0, 1, 0]
    genes, mean = line_shares(TABLE, shares.reshape(-1))[2]
    assert genes == [2, 3, 4, 5, 6]
    assert mean == pytest.approx([1 / 5, 1 / 5, 0])


def test_genes_are_named_by_the_first_and_the_last() -> None:
    assert names(TABLE, [2, 3, 4]) == "k[0] to k[2]"
    assert names(TABLE, [3]) == "k[1]"
    assert described(TABLE, [2, 3, 4]) == "k[0] to k[2] (kernel)"
