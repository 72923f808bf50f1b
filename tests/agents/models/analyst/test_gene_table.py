from __future__ import annotations

import numpy as np

from agents.models.analyst.gene_table import parse_genes
from tests.agents.models.analyst import ofa


def test_reads_every_gene_of_the_table() -> None:
    table = parse_genes(ofa.space_text())
    assert table is not None
    assert {gene.label: gene.choices for gene in table.genes} == {d.label: d.choices for d in ofa.SPACE.dimensions}
    assert table.genes[table.position["e[7]"]].gates == (("d[1]", 4.0),)


def test_encoding_is_canonical_and_decoding_gives_the_architecture_back() -> None:
    table = parse_genes(ofa.space_text())
    assert table is not None
    for a in ofa.samples(200, 1):
        genotype = ofa.SPACE.genotype(a)
        x = table.encode(genotype)
        assert x is not None
        assert table.decode(x) == genotype
        acting = {gene.label for gene, acts in zip(table.genes, table.acting(x[None])[0], strict=True) if acts}
        assert acting == ofa.SPACE.active(a)
        silent = {**genotype, "ks": [k if f"ks[{i}]" in acting else 7 for i, k in enumerate(genotype["ks"])]}
        encoded = table.encode(silent)
        assert encoded is not None
        assert np.array_equal(encoded, x)


def test_genotypes_of_another_space_are_not_encoded() -> None:
    table = parse_genes(ofa.space_text())
    assert table is not None
    good = ofa.SPACE.genotype(ofa.SPACE.smallest())
    for bad in (
        {},
        {**good, "r": 150},
        {**good, "r": True},
        {**good, "ks": [3]},
        {**good, "d": "22222"},
        {**good, "e": None},
    ):
        assert table.encode(bad) is None


def test_choices_may_be_names_and_lists_come_in_any_order() -> None:
    table = parse_genes(
        "| genes | choices | meaning |\n|---|---|---|\n| op[1] op[0] | none, conv | edge |\n| w | 0.5, 1 | width |"
    )
    assert table is not None
    genotype = {"op": ["none", "conv"], "w": 0.5}
    x = table.encode(genotype)
    assert x is not None
    assert table.decode(x) == genotype


def test_lists_may_end_before_entries_that_do_not_act() -> None:
    table = parse_genes(
        "| genes | choices | meaning |\n|---|---|---|\n| d | 1, 2 | depth |\n| m[0] m[1]:d>=2 | 3.0, 3.5, 4.0 | ratio |"
    )
    assert table is not None
    short = table.encode({"d": 1, "m": [4]})
    assert short is not None
    assert table.decode(short) == {"d": 1, "m": [4.0, 3.0]}
    complete = table.encode({"d": 1, "m": [4.0, 3.5]})
    assert complete is not None
    assert np.array_equal(short, complete)
    assert table.encode({"d": 2, "m": [4.0]}) is None


def test_strokes_part_names_even_where_these_are_numbers() -> None:
    table = parse_genes(
        "| genes | choices | meaning |\n|---|---|---|\n| d | 1, 2 | depth |\n| u[0] u[1]:d>=2 | 2 / 0 / 1 | unit |"
    )
    assert table is not None
    assert [gene.numeric for gene in table.genes] == [True, False, False]
    x = table.encode({"d": 1, "u": [1]})
    assert x is not None
    assert table.decode(x) == {"d": 1, "u": [1, 0]}


def test_a_text_without_a_usable_table_gives_none() -> None:
    assert parse_genes("no table") is None
    assert parse_genes("| genes | choices | meaning |\n|---|---|---|\n| k:depth>=2 | 3, 5 | kernel |") is None
