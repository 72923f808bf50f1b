"""Scores that are told: asked for once, kept in a file, never changed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from common.errors import UserError
from supernets.evaluate.own_scores import OwnScores, ScoresAwaited
from supernets.evaluate.protocol import OwnProtocol
from supernets.families.registry import get_space

SPACE = get_space("spos")
A, B, C = (SPACE.sample(random.Random(seed)) for seed in range(3))
PROTOCOL = OwnProtocol(supernet="spos", search_images=400, report_images=900, how="on a board")


@pytest.fixture
def scores(tmp_path: Path) -> OwnScores:
    return OwnScores(tmp_path / "own.json", PROTOCOL)


def test_what_is_asked_for_is_awaited_until_it_is_told_in_any_order(scores: OwnScores) -> None:
    with pytest.raises(ScoresAwaited):
        scores.evaluate([A, B, C])
    scores.tell(B, 50, None)
    assert scores.awaited == [A, C]
    with pytest.raises(ScoresAwaited):
        scores.evaluate([A, B, C])
    scores.tell(C, 60.5, 0.25)
    scores.tell(A, 0, None)
    found = list(scores.evaluate([A, B, C]))
    assert [(e.architecture, e.top1, e.stderr, e.images) for e in found] == [
        (A, 0.0, 0.0, 400), (B, 50.0, 2.5, 400), (C, 60.5, 0.25, 400),
    ]  # fmt: skip
    assert {e.protocol for e in found} == {PROTOCOL.id}


def test_the_report_is_asked_for_by_itself(scores: OwnScores) -> None:
    with pytest.raises(ScoresAwaited):
        scores.evaluate([A])
    scores.tell(A, 70, None)
    with pytest.raises(ScoresAwaited):
        scores.report(A)
    assert (scores.split, scores.awaited) == ("report", [A])
    scores.tell(A, 50, None)
    reported = scores.report(A)
    assert (reported.top1, reported.images) == (50.0, 900)
    assert reported.stderr == pytest.approx(5 / 3)


def test_everything_told_is_read_again(scores: OwnScores, tmp_path: Path) -> None:
    with pytest.raises(ScoresAwaited):
        scores.evaluate([A, B])
    scores.tell(A, 61.2, None)
    again = OwnScores.read(tmp_path / "own.json")
    assert again.protocol == PROTOCOL
    with pytest.raises(ScoresAwaited):
        again.evaluate([A, B])
    assert again.awaited == [B]


def test_a_score_told_twice_must_be_the_same(scores: OwnScores) -> None:
    with pytest.raises(ScoresAwaited):
        scores.evaluate([A, B])
    scores.tell(A, 61.2, None)
    scores.tell(A, 61.2, None)
    with pytest.raises(UserError, match=f"{A.id}: expected an architecture .*{B.id}.*it has the score 61.2"):
        scores.tell(A, 61.3, None)
    with pytest.raises(UserError, match="it was not asked for"):
        scores.tell(C, 61.3, None)


@pytest.mark.parametrize("top1", [-0.1, 100.1, float("nan"), float("inf")])
def test_what_is_no_percentage_is_refused(scores: OwnScores, top1: float) -> None:
    with pytest.raises(ScoresAwaited):
        scores.evaluate([A])
    with pytest.raises(UserError, match="expected percent from 0 to 100"):
        scores.tell(A, top1, None)
    with pytest.raises(UserError, match="expected percentage points"):
        scores.tell(A, 50, -abs(top1))
    assert scores.awaited == [A]


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"schema": 2, "protocol": PROTOCOL.to_dict()})])
def test_a_file_that_is_not_of_told_scores_is_explained(tmp_path: Path, content: str) -> None:
    path = tmp_path / "own.json"
    with pytest.raises(UserError, match=r"AskTell\.start"):
        OwnScores.read(path)
    path.write_text(content)
    with pytest.raises(UserError, match="expected the scores told so far"):
        OwnScores.read(path)
