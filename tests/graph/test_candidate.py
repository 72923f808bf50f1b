"""What a candidate shows of its genotype."""

from __future__ import annotations

import json

from graph.candidate import Candidate
from tests.graph.fakes import SPACE, genotypes


def test_a_legal_candidate_shows_the_genes_of_its_architecture() -> None:
    a = SPACE.smallest()
    assert Candidate(1, 0, '{"r": "160"}', architecture=a).genotype == SPACE.genotype(a)


def test_an_illegal_one_shows_what_was_proposed() -> None:
    (genotype,) = genotypes("one", 1)
    assert Candidate(1, 0, json.dumps({**genotype, "r": 1})).genotype == {**genotype, "r": 1}


def test_what_cannot_be_read_shows_nothing() -> None:
    assert Candidate(1, 0, '{"r": 160}', readable=False).genotype is None
    assert Candidate(1, 0, '{"authorization": [hidden]').genotype is None  # redaction took a piece out
    assert Candidate(1, 0, "7").genotype is None


def test_candidates_are_ordered_by_round_and_index() -> None:
    assert sorted([Candidate(2, 0, ""), Candidate(1, 3, ""), Candidate(1, 1, "")], key=lambda c: c.place) == [
        Candidate(1, 1, ""), Candidate(1, 3, ""), Candidate(2, 0, "")
    ]  # fmt: skip
