"""The archive keeps what it is told, once, and refuses what it cannot read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.calls.transcript import Call, Reply, Request
from agents.text.proposals import Proposals, RejectedPiece
from graph.archive.archive import Archive
from graph.archive.run_metadata import DamagedRecord
from graph.candidate import DUPLICATE, ILLEGAL, LEGAL, Candidate
from supernets.evaluate.evaluator import Evaluation
from supernets.space.architecture import Architecture
from supernets.space.cost import Cost
from tests.graph.fakes import SPACE, genotypes


def proposed(archive: Archive, round: int, count: int = 3) -> list[Candidate]:
    archive.begin_round(round, f"strategy {round}", 0.0)
    archive.propose(round, count, Proposals(genotypes=genotypes(f"round {round}", count)), 0.0)
    return archive.candidates(round, round)


def judged(archive: Archive, round: int, count: int = 3) -> list[Candidate]:
    """Candidates as they are judged legal, and recorded so."""
    made = [(candidate, SPACE.parse(json.loads(candidate.text))) for candidate in proposed(archive, round, count)]
    costs = [Cost.from_figures(SPACE.cost(a).figures()) for _, a in made]
    candidates = [
        replace(c, verdict=LEGAL, architecture=a, cost=cost) for (c, a), cost in zip(made, costs, strict=True)
    ]
    archive.judge(round, candidates)
    return candidates


def scored(candidate: Candidate, top1: float = 70.5, protocol: str = "p") -> Evaluation:
    assert candidate.architecture
    return Evaluation(candidate.architecture, top1, 0.4, 1000, 0.25, protocol)


def call(said: str = "Grüße", cost_usd: float | None = 0.5, round: int = 1) -> Call:
    messages = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": said})
    request = Request(
        role="navigator",
        round=round,
        attempt=1,
        model="some/model",
        messages=messages,
        schema={"type": "object"},
        settings={"temperature": 0.5},
    )
    return Call(
        request,
        Reply(text="answer", prompt_tokens=10, completion_tokens=5, cost_usd=cost_usd, seconds=1.5, estimated=True),
    )


def test_proposals_come_back_as_they_went_in(archive: Archive) -> None:
    archive.begin_round(1, "a strategy", 0.0)
    made = genotypes("x", 2)
    archive.propose(
        1, 4, Proposals(genotypes=made, rejected=(RejectedPiece("{'r': 3", "not JSON"),), answers=2, repaired=1), 0.0
    )
    first, second, third = archive.candidates(1, 1)
    assert [first.genotype, second.genotype] == made
    assert (third.text, third.readable, third.reason) == ("{'r': 3", False, "not JSON")
    assert archive.guidance(1) == "a strategy"
    assert archive.answers(since=1) == 2


def test_a_round_goes_through_its_stages(archive: Archive) -> None:
    assert (archive.stage(1), archive.last_round, archive.guidance(1)) == ("", 0, None)
    archive.begin_round(1, "s", 0.0)
    assert archive.stage(1) == "planned"
    archive.propose(1, 1, Proposals(), 0.0)
    assert archive.stage(1) == "proposed"
    archive.judge(1, [])
    assert archive.stage(1) == "judged"
    archive.end_round(1, "", 3.5)
    assert (archive.stage(1), archive.seconds, archive.stopped_because) == ("closed", 3.5, "")
    archive.end_round(1, "enough", 4.0)
    assert archive.stopped_because == "enough"


def test_what_is_planned_scored_or_recorded_again_changes_nothing(archive: Archive) -> None:
    first = judged(archive, 1)[0]
    archive.score(first, scored(first), "search", 1.0)
    archive.score(first, scored(first, top1=1.0), "search", 2.0)
    archive.begin_round(1, "another", 0.0)
    archive.calls.record(call())
    archive.calls.record(
        replace(call(), reply=Reply(text="another", prompt_tokens=0, completion_tokens=0, cost_usd=0.0, seconds=0.0))
    )
    assert archive.find_evaluation(scored(first).architecture, "p", "search") == scored(first)
    assert archive.evaluation_count == 1
    assert archive.guidance(1) == "strategy 1"
    assert archive.calls.find(call().request) == call().reply


def test_a_score_belongs_to_its_protocol_and_split(archive: Archive) -> None:
    first = judged(archive, 1)[0]
    a = scored(first).architecture
    archive.score(first, scored(first), "report", 1.0)
    assert archive.find_evaluation(a, "p", "report") == scored(first)
    assert archive.find_evaluation(a, "q", "report") is None
    assert archive.find_evaluation(a, "p", "search") is None
    assert (archive.evaluation_count, archive.evaluations(1, 1), archive.best()) == (0, [], None)


def test_the_best_is_the_highest_and_of_equals_the_first(archive: Archive) -> None:
    for round, top1 in ((1, (60.0, 72.0, 72.0)), (2, (72.0, 71.0, 50.0))):
        for candidate, figure in zip(judged(archive, round), top1, strict=True):
            archive.score(candidate, scored(candidate, figure), "search", 1.0)
    best = archive.candidates(1, 1)[1]
    assert archive.best() == (best, scored(best, 72.0))
    assert best.cost is not None
    assert archive.best({"macs_m": best.cost.macs_m}) == archive.best()
    within = archive.best({"macs_m": best.cost.macs_m - 0.001})
    assert within is None or within[0] != best
    assert archive.evaluations(1, 1)[1:] == [scored(best, 72.0), scored(archive.candidates(1, 1)[2], 72.0)]


def test_a_row_that_another_refers_to_must_be_there(archive: Archive) -> None:
    with pytest.raises(DamagedRecord, match="round 7 is missing"):
        archive.requested(7)


def test_what_was_judged_comes_back_with_its_architecture_and_its_cost(archive: Archive, tmp_path: Path) -> None:
    candidates = judged(archive, 1)
    assert archive.candidates(1, 1) == candidates
    again = Archive(tmp_path / "archive.sqlite", SPACE)
    assert again.candidates(1, 1) == candidates
    again.close()


def test_a_genotype_is_parsed_once(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[object] = []
    parse = SPACE.parse
    candidates = judged(archive, 1)

    def counted(genotype: Mapping[str, Any]) -> Architecture:
        parsed.append(genotype)
        return parse(genotype)

    monkeypatch.setattr(SPACE, "parse", counted)
    archive.score(candidates[0], scored(candidates[0]), "search", 1.0)
    assert (len(archive.candidates(1, 1)), len(archive.evaluations(1, 1)), parsed) == (3, 1, [])
    again = Archive(tmp_path / "archive.sqlite", SPACE)
    for _ in range(2):
        assert (len(again.candidates(1, 1)), len(again.evaluations(1, 1)), len(parsed)) == (3, 1, 3)
    again.close()


def test_earlier_rounds_are_known_by_architecture_and_verdict(archive: Archive) -> None:
    *_, last = judged(archive, 1)
    a = scored(last).architecture
    archive.judge(2, [replace(c, verdict=DUPLICATE, architecture=a, cost=last.cost) for c in proposed(archive, 2)])
    assert archive.round_of(a, before=3) == 1
    assert archive.round_of(a, before=1) is None
    assert (archive.last_round_with(LEGAL), archive.last_round_with(ILLEGAL)) == (1, 0)


def test_an_interrupted_write_leaves_nothing(archive: Archive) -> None:
    archive.begin_round(1, "s", 0.0)

    def interrupted() -> Iterator[Candidate]:
        yield Candidate(1, 0, "{}", verdict=LEGAL)
        raise KeyboardInterrupt

    archive.propose(1, 1, Proposals(genotypes=[{"r": 160}]), 0.0)
    with pytest.raises(KeyboardInterrupt):
        archive.judge(1, interrupted())
    assert archive.stage(1) == "proposed"
    assert archive.candidates(1, 1)[0].verdict is None
