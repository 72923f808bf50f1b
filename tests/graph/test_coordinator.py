"""The Coordinator judges, scores, and ends a search."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.text.proposals import Proposals
from graph.archive.archive import Archive
from graph.context import RunContext
from graph.coordinator import PATIENCE, Coordinator, checked
from graph.events import Evaluated, Verdict
from graph.limits import Limits, Sweep
from supernets.families.ofa.space import OFASpace
from supernets.space.architecture import Architecture
from tests.graph.fakes import (
    SPACE,
    FormulaEvaluator,
    config,
    genotypes,
    protocol,
    random_config,
)
from tests.graph.test_search import ended, run


def test_over_limit_is_never_scored_but_told_to_the_navigator(tmp_path: Path) -> None:
    evaluator = FormulaEvaluator()
    folder, events = run(tmp_path, config(), evaluator=evaluator)
    candidates = [event.candidate for event in events if isinstance(event, Verdict)]
    over = [(c.architecture, c.cost) for c in candidates if c.verdict == "over limit" and c.architecture and c.cost]
    assert over
    assert not {a.id for a, _ in over} & set(evaluator.scored)
    with closing(Archive(folder.archive, SPACE)) as archive:
        asked = archive.calls.at(2, "navigator", 1)
    assert asked is not None
    told, cost = over[0]
    row = next(line for line in asked.request.messages[-1]["content"].splitlines() if line.endswith("| over limit |"))
    assert f"| {told['r']} | {''.join(map(str, told['d']))} |" in row
    assert f"| {cost.macs_m:.1f} |" in row


def test_stops_as_soon_as_the_target_is_reached(tmp_path: Path) -> None:
    _, events = run(tmp_path, random_config(evaluations=200, target=67.0))
    scored = [event.evaluation.top1 for event in events if isinstance(event, Evaluated)]
    assert ended(events).stopped_because == "target of 67 % reached"
    assert scored[-1] >= 67 > max(scored[:-1])


def test_minutes_are_checked_before_each_evaluation(tmp_path: Path) -> None:
    now = 0.0

    def work(name: str) -> None:
        nonlocal now
        now += 25 if name == "evaluate" else 0

    _, events = run(tmp_path, random_config(minutes=1), evaluator=FormulaEvaluator(work), clock=lambda: now)
    assert ended(events).stopped_because == "budget of 1 minutes spent"
    scored = [event for event in events if isinstance(event, Evaluated)]
    assert [event.elapsed for event in scored] == [25, 50, 75]
    assert [event.remaining for event in scored] == [35, 10, 0]


def verdicts(
    context: RunContext, round: int, *proposed: dict[str, Any], evaluator: FormulaEvaluator | None = None
) -> list[tuple[str | None, str]]:
    """Verdicts and reasons of one round of proposals."""
    context.archive.begin_round(round, "", 0.0)
    context.archive.propose(round, len(proposed), Proposals(genotypes=proposed), 0.0)
    Coordinator(context, evaluator or FormulaEvaluator()).finish_round(round)
    return [(candidate.verdict, candidate.reason) for candidate in context.archive.candidates(round, round)]


def test_every_proposal_gets_a_verdict_with_its_reason(context: RunContext) -> None:
    (good,), (costly,) = genotypes("good", 1, under=500), genotypes("costly", 1, over=500)
    over = SPACE.cost(SPACE.parse(costly)).macs_m - 500
    assert verdicts(context, 1, good, {"r": 1}, costly, good)[0] == ("legal", "")
    found = verdicts(context, 2, good, {**good, "r": 225}, costly)
    assert found[0] == found[2] == ("duplicate", "proposed in round 1")
    assert found[1] == ("illegal", "r: expected one of 160, 176, 192, 208, 224; got 225")
    assert context.archive.candidates(1, 1)[2].reason == f"by {over:.3g} M MACs"
    assert context.archive.candidates(1, 1)[3].reason == "proposed in round 1"


class WithTwins(OFASpace):
    """Networks with kernels 3 and 5 in the first block count as the same."""

    def twins(self, a: Architecture) -> list[Architecture]:
        first, *others = a["ks"]
        return [self.parse({**a.to_dict(), "ks": [8 - first, *others]})] if first in (3, 5) else []


def with_twins(context: RunContext) -> RunContext:
    assert isinstance(SPACE, OFASpace)
    space = WithTwins(name=SPACE.name, title=SPACE.title, layout=SPACE.layout)
    return replace(context, space=space, sweep=Sweep((Limits({"macs_m": 3000.0}),)))


def test_a_twin_of_an_earlier_proposal_is_a_duplicate_that_names_it_and_costs_nothing(context: RunContext) -> None:
    context.archive.merge_twins()
    context = with_twins(context)
    (drawn,) = genotypes("drawn", 1)
    three, five, seven = ({**drawn, "ks": [kernel, *drawn["ks"][1:]]} for kernel in (3, 5, 7))
    evaluator = FormulaEvaluator()
    assert verdicts(context, 1, three, five, seven, evaluator=evaluator) == [
        ("legal", ""),
        ("duplicate", f"the same network as {json.dumps(SPACE.parse(three).to_dict())}, proposed in round 1"),
        ("legal", ""),
    ]
    assert len(evaluator.scored) == 2
    (again,) = verdicts(context, 2, five)
    assert again == ("duplicate", "proposed in round 1")
    assert SPACE.parse(five) in context.twins(SPACE.parse(three))


def test_a_run_that_began_without_twins_goes_on_without(context: RunContext) -> None:
    context = with_twins(context)
    (drawn,) = genotypes("drawn", 1)
    three, five = ({**drawn, "ks": [kernel, *drawn["ks"][1:]]} for kernel in (3, 5))
    assert verdicts(context, 1, three, five) == [("legal", ""), ("legal", "")]


def test_finishing_a_round_again_changes_nothing(context: RunContext) -> None:
    (good,) = genotypes("good", 1, under=500)
    verdicts(context, 1, good)
    evaluator = FormulaEvaluator()
    assert Coordinator(context, evaluator).finish_round(1) == ""
    assert evaluator.scored == []


def test_rounds_without_a_new_legal_candidate_stop_the_search(context: RunContext) -> None:
    for round in range(1, PATIENCE + 1):
        assert context.archive.stopped_because == ""
        verdicts(context, round, {"r": 1})
    assert context.archive.stopped_because == "no new legal candidate in 3 rounds"


@pytest.mark.parametrize("wrong", [{"architecture": SPACE.largest()}, {"protocol": "other"}])
def test_an_evaluation_of_something_else_is_never_recorded(wrong: dict[str, Any]) -> None:
    a = SPACE.smallest()
    evaluation = next(FormulaEvaluator().evaluate([a]))
    assert checked(evaluation, a, protocol().id) is evaluation
    with pytest.raises(RuntimeError, match=f"asked for {a.id} under protocol"):
        checked(replace(evaluation, **wrong), a, protocol().id)
