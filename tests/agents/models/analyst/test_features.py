from __future__ import annotations

import numpy as np
import pytest

from agents.models.analyst.features import contrasts
from agents.text.genes import Gene
from tests.agents.models.analyst.small_space import FEATURES, TABLE, everything


def gene(*choices: int | str, ordered: bool = True) -> Gene:
    return Gene(label="g", name="g", index=None, choices=choices, row=0, ordered=ordered)


def test_contrasts_of_numbers_are_orthogonal_and_the_first_is_linear() -> None:
    basis = contrasts(gene(1, 2, 4, 8))
    assert basis.shape == (4, 3)
    gram = basis.T @ basis
    assert gram == pytest.approx(np.diag(np.diag(gram)), abs=1e-12)
    assert basis.sum(axis=0) == pytest.approx(0, abs=1e-12)
    assert np.diff(basis[:, 0]) / np.diff([1, 2, 4, 8]) == pytest.approx(np.diff(basis[:, 0])[0])
    # Curved contrasts have half the prior scale of the linear one.
    assert gram[1, 1] == pytest.approx(gram[0, 0] / 4)


def test_contrasts_of_names_treat_all_choices_alike() -> None:
    basis = contrasts(gene("none", "pool", "conv", ordered=False))
    assert np.linalg.norm(basis, axis=1) == pytest.approx(np.linalg.norm(basis[0]))


def test_a_gene_without_an_alternative_has_no_contrast() -> None:
    assert contrasts(gene(3)).shape == (1, 0)


def test_genes_share_contrasts_by_name() -> None:
    groups = dict.fromkeys(FEATURES.groups)
    assert list(groups) == ["r gene", "d gene", "k gene", "k all", "op gene"]
    hot = TABLE.hot(everything())
    shared = (hot @ FEATURES.columns)[:, [group == "k all" for group in FEATURES.groups]]
    single = (hot @ FEATURES.columns)[:, [group == "k gene" for group in FEATURES.groups]]
    assert shared[:, 0] == pytest.approx(single[:, ::2].sum(axis=1))


def test_a_gene_that_does_not_act_contributes_nothing() -> None:
    x = np.zeros((3, len(TABLE.genes)), dtype=np.int64)
    x[:, TABLE.position["k[4]"]] = [0, 1, 2]
    rows = TABLE.hot(x) @ FEATURES.columns
    assert np.array_equal(rows[0], rows[1])
    assert np.array_equal(rows[0], rows[2])


def test_pairs_are_products_of_the_totals_of_numbers_alone() -> None:
    assert FEATURES.pair_names == ["r*r", "r*d", "r*k", "d*d", "d*k", "k*k"]
    hot = TABLE.hot(everything())
    r, d, _ = (hot @ FEATURES.totals).T
    assert FEATURES.pairs(hot)[:, 1] == pytest.approx(r * d)
