from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.compact_form import CompactForm
from agents.text.genes import read_genes
from supernets.families.registry import get_space, space_names
from supernets.space.disguise import DisguisedSpace

TABLE = """| genes | choices | meaning |
|---|---|---|
| r | 224 | side |
| d[0] d[1] | 2, 3 | depth |
| k[0] k[1] k[2]:d[0]>=3 k[3] k[4] k[5]:d[1]>=3 k[6] | 3, 5, 7 | kernel |
| op[0] op[1] | none / 3x3 | operation |
"""


def form(text: str = TABLE) -> CompactForm:
    found = read_genes(text)
    assert found is not None
    return CompactForm(found.genes)


GENOTYPE = {"r": 224, "d": [2, 3], "k": [3, 5, 3, 7, 7, 5, 3], "op": ["none", "3x3"]}


def test_digits_are_joined_words_are_not_and_constant_genes_are_left_out() -> None:
    assert form().columns == ("d", "k", "op")
    assert form().cells(GENOTYPE) == ["23", "35-7 753", "none 3x3"]


def test_what_is_written_is_read_back_with_the_smallest_choice_where_nothing_acts() -> None:
    assert form().read(["23", "35-7 753", "none 3x3"]) == GENOTYPE
    assert form().read(["23", "3577 753", "none 3x3"]) == {**GENOTYPE, "k": [3, 5, 7, 7, 7, 5, 3]}


@pytest.mark.parametrize(
    "cells",
    [["23", "35-7 753"], ["23", "35-7 75", "none 3x3"], ["24", "35-7 753", "none 3x3"], ["23", "35-7 753", "none 4x4"]],
)
def test_cells_of_another_form_are_no_genotype(cells: list[str]) -> None:
    assert form().read(cells) is None


@given(st.lists(st.text(max_size=12), max_size=4))
def test_no_cells_raise(cells: list[str]) -> None:
    found = form().read(cells)
    assert found is None or form().cells(found)


@pytest.mark.parametrize("disguised", [False, True])
@pytest.mark.parametrize("name", space_names())
def test_architectures_of_every_space_survive(name: str, disguised: bool) -> None:
    space = get_space(name)
    space = DisguisedSpace(space, 3) if disguised else space
    compact, rng = form(space.describe()), random.Random(0)
    for a in (space.smallest(), space.largest(), *(space.sample(rng) for _ in range(40))):
        read = compact.read(compact.cells(a.to_dict()))
        assert read is not None
        assert space.parse(read) == a
