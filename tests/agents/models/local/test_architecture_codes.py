from __future__ import annotations

import re

import numpy as np
import pytest

from agents.models.local.architecture_codes import ArchitectureCodes
from tests.agents.models.analyst import ofa
from tests.agents.models.analyst.small_space import TABLE, everything

CODES = ArchitectureCodes(TABLE)


def test_codes_are_as_good_as_genotypes() -> None:
    codes = ArchitectureCodes(ofa.gene_table())
    for a in ofa.samples(20, 3):
        code = codes.encode(ofa.SPACE.genotype(a))
        assert code is not None
        assert len(code) + 1 == codes.length
        assert ofa.SPACE.parse(codes.decode(code)) == a
    assert codes.encode({"r": 1}) is None


def test_a_code_has_a_word_for_each_line_and_a_digit_for_each_gene() -> None:
    assert CODES.encode({"r": 48, "d": 3, "k": [3, 5, 7, 3, 5], "op": "conv"}) == "1 1 01201 2"


def test_the_pattern_admits_the_allowed_choices_and_no_others() -> None:
    allowed = np.ones((len(TABLE.genes), TABLE.width), dtype=bool)
    allowed[TABLE.position["r"]] = [True, False, True]
    allowed[TABLE.position["op"]] = [False, True, False]
    pattern = CODES.pattern(allowed)
    assert pattern == "^[02] [01] [012][012][012][012][012] 1$"
    codes = [code for x in everything() if (code := CODES.encode(TABLE.decode(x))) and re.match(pattern, code)]
    genotypes = [CODES.decode(code) for code in codes]
    assert {(genotype["r"], genotype["op"]) for genotype in genotypes} == {(32, "pool"), (64, "pool")}


def test_a_code_with_a_word_too_few_is_not_decoded() -> None:
    with pytest.raises(ValueError, match="shorter"):
        CODES.decode("1 1 01201")


def test_the_legend_names_the_choices_of_each_word() -> None:
    assert CODES.legend().splitlines()[:2] == ["1. image side: 0 is 32, 1 is 48, 2 is 64", "2. depth: 0 is 2, 1 is 3"]


def test_choices_are_counted_over_the_genotypes_of_this_space() -> None:
    one = {"r": 48, "d": 3, "k": [3, 5, 7, 3, 5], "op": "conv"}
    counts = CODES.seen([one, one, {**one, "op": "pool"}, {"r": 1}])
    assert counts["op"] == {"none": 0, "pool": 1, "conv": 2}
    assert counts["k[1]"] == {"3": 0, "5": 3, "7": 0}
