"""Rows of candidates that were judged in every way."""

from __future__ import annotations

import json
from dataclasses import replace

from agents.text.proposals import Proposals, RejectedPiece
from graph.archive.archive import Archive
from graph.archive.candidate_table import candidate_table
from graph.candidate import DUPLICATE, ILLEGAL, LEGAL
from supernets.evaluate.evaluator import Evaluation
from tests.graph.fakes import SPACE, genotypes


def test_each_candidate_has_a_row_and_only_the_scored_one_a_score(archive: Archive) -> None:
    (genotype,) = genotypes("one", 1)
    a = SPACE.parse(genotype)
    archive.begin_round(1, "strategy", 0.0)
    pieces = (RejectedPiece("half a gen", "not JSON"),)
    archive.propose(1, 3, Proposals(genotypes=[genotype, genotype], rejected=pieces), 0.0)
    first, second, piece = archive.candidates(1, 1)
    judged = [
        replace(first, verdict=LEGAL, architecture=a, cost=SPACE.cost(a)),
        replace(second, verdict=DUPLICATE, reason="proposed twice", architecture=a, cost=SPACE.cost(a)),
        replace(piece, verdict=ILLEGAL, reason="not JSON"),
    ]
    archive.judge(1, judged)
    archive.score(judged[0], Evaluation(a, 70.5, 0.4, 1000, 0.25, "p"), "search", 0.0)
    rows = list(candidate_table(archive, SPACE))
    assert [(row["round"], row["index"], row["verdict"], row["top1"]) for row in rows] == [
        (1, 1, LEGAL, 70.5),
        (1, 2, DUPLICATE, None),
        (1, 3, ILLEGAL, None),
    ]
    assert [row["id"] for row in rows] == [a.id, a.id, None]
    assert rows[0]["macs_m"] == SPACE.cost(a).macs_m
    assert json.loads(rows[1]["genotype"]) == SPACE.genotype(a)
    assert rows[2]["genotype"] is None
    assert {tuple(row) for row in rows} == {tuple(rows[0])}


def test_a_run_without_rounds_has_no_rows(archive: Archive) -> None:
    assert list(candidate_table(archive, SPACE)) == []
