from __future__ import annotations

import re

import numpy as np
import pytest

from agents.models.analyst.effects import cost_slope, described, gene_effects, gene_region, line_shares, names, region
from agents.models.analyst.findings import Findings, FitInputs, find_optima
from agents.text.architecture_table import parse_rows
from tests.agents.models.analyst.small_space import FORM, TABLE, prompt, scored


@pytest.fixture(scope="module")
def findings() -> Findings:
    found = find_optima(FitInputs.of(prompt(scored(40))), np.random.default_rng(0))
    assert found is not None
    return found


def test_each_gene_has_a_line_with_its_known_effects_and_counts(findings: Findings) -> None:
    lines = dict(line.split(": ", 1) for line in gene_effects(findings).splitlines() if ": " in line)
    # `conv` is 2 points above the others, so 4/3 above the average.
    found = re.findall(r"(\w+) ([+-][\d.]+) \+- ([\d.]+) \((\d+)\)", lines["op"])
    effects = {choice: float(points) for choice, points, _, _ in found}
    assert effects["conv"] == pytest.approx(4 / 3, abs=0.2)
    assert effects["pool"] == pytest.approx(-2 / 3, abs=0.2)
    assert sum(int(count) for *_, count in found) == 40
    assert all(float(error) > 0 for _, _, error, _ in found)


def test_an_effect_that_is_smaller_than_its_error_is_unknown(findings: Findings) -> None:
    text = gene_effects(findings)
    named = text.split("Nothing is known yet of ")[1]
    assert "k[" in named
    for line in text.splitlines()[:-1]:
        known = re.findall(r"([+-][\d.]+) \+- ([\d.]+)", line)
        assert known
        assert all(abs(float(points)) >= 0.99 * float(error) for points, error in known)


def test_no_line_can_be_mistaken_for_a_measured_architecture(findings: Findings) -> None:
    assert parse_rows(gene_effects(findings), FORM) == []


def test_the_region_names_only_genes_of_which_it_excludes_something(findings: Findings) -> None:
    lines = gene_region(findings).splitlines()
    assert "op: conv" in lines
    choices = {gene.label: gene.choices for gene in TABLE.genes}
    for line in lines:
        label, kept = line.split(": ")
        assert 0 < len(kept.split(", ")) < len(choices[label])


def test_the_slope_of_the_cost_is_told_where_the_cost_is_known(findings: Findings) -> None:
    assert cost_slope(findings).startswith("10 % more macs_m")
    free = find_optima(FitInputs.of(prompt(scored(40), limits=("latency_ms <= 3",))), np.random.default_rng(0))
    assert free is not None
    assert cost_slope(free) == ""


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
