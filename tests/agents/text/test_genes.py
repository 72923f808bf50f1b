from __future__ import annotations

import pytest

from agents.text.genes import choice_of, read_genes

TABLE = """Some words.

| genes | choices | meaning |
|---|---|---|
| d | 2, 3 | depth |
| k[0] k[1]:d>=3 | 3, 5 | kernel |
| op | 0 / 1 | operation |

After it."""


def test_genes_have_names_choices_conditions_and_lines() -> None:
    found = read_genes(TABLE)
    assert found is not None
    assert [gene.label for gene in found.genes] == ["d", "k[0]", "k[1]", "op"]
    assert found.meanings == ("depth", "kernel", "operation")
    assert [gene.row for gene in found.genes] == [0, 1, 1, 2]
    assert found.genes[2].gates == (("d", 3.0),)
    assert [gene.numeric for gene in found.genes] == [True, True, True, False]


def test_a_gene_finds_its_choice_in_a_genotype() -> None:
    found = read_genes(TABLE)
    assert found is not None
    assert [gene.value({"d": 3, "k": [5], "op": 1}) for gene in found.genes] == [3, 5, None, 1]


@pytest.mark.parametrize("text", ["", "| genes | choices |", TABLE.replace("d>=3", "x>=3")])
def test_a_text_without_a_usable_table_has_no_genes(text: str) -> None:
    assert read_genes(text) is None


def test_a_choice_is_a_number_if_it_can_be() -> None:
    assert [choice_of(word) for word in ("3", "3.5", "3x3")] == [3, 3.5, "3x3"]
