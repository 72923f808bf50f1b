"""Each step of a round is done once, however often it is called."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.events import Evaluated, Event, ProposalsMade, Steered, StrategyWritten
from graph.rounds import RoundRunner
from graph.steering import ACCEPT, Feedback
from graph.strategies.search_strategy import SearchStrategy
from tests.graph.fakes import (
    FormulaEvaluator,
    config,
    genotypes,
)
from tests.graph.test_search import run, script_of


def test_an_answer_far_too_long_does_not_spend_the_budget_in_one_round(tmp_path: Path) -> None:
    settings = config(per_round=2, evaluations=40, target=None)
    _, events = run(tmp_path, settings, script_of({"architectures": genotypes("many", 40, under=500)}))
    assert max(Counter(event.candidate.round for event in events if isinstance(event, Evaluated)).values()) <= 4


class Counting(SearchStrategy):
    """Writes guidance and proposes, and counts how often."""

    name = "counting"

    def __init__(self, context: RunContext) -> None:
        super().__init__(context, {})
        self.calls: list[str] = []

    def write_guidance(self, round: int) -> str:
        self.calls.append("guidance")
        return f"guidance {len(self.calls)}"

    def propose(self, round: int, guidance: str, count: int) -> Proposals:
        self.calls.append(guidance)
        return Proposals(genotypes=genotypes("counting", 2, under=500))


def runner(context: RunContext) -> tuple[RoundRunner, Counting]:
    strategy = Counting(context)
    return RoundRunner(context, strategy, Coordinator(context, FormulaEvaluator())), strategy


def test_a_round_has_one_guidance_and_one_set_of_proposals(context: RunContext) -> None:
    run, strategy = runner(context)
    assert run.guidance(1) == run.guidance(1) == "guidance 1"
    for _ in range(2):
        run.propose(1)
    assert strategy.calls == ["guidance", "guidance 1"]
    assert len(context.archive.candidates(1, 1)) == 2


def test_guidance_and_proposals_are_shown_with_the_name_of_their_model(context: RunContext) -> None:
    shown: list[Event] = []
    run, _ = runner(replace(context, emit=shown.append))
    run.propose(1)
    assert [type(event) for event in shown] == [StrategyWritten, ProposalsMade]
    assert {event.model_name for event in shown if isinstance(event, StrategyWritten | ProposalsMade)} == {"counting"}


@pytest.mark.parametrize(
    ("feedback", "guidance", "events"),
    [
        (ACCEPT, "draft", []),
        ({"kind": "edit", "text": "edited"}, "edited", [Steered(1, "edit", "edited")]),
        ({"kind": "remark", "text": "deeper"}, None, [Steered(1, "remark", "deeper")]),
    ],
)
def test_feedback_ends_a_review_unless_it_is_a_remark(
    context: RunContext, feedback: Feedback, guidance: str | None, events: list[Event]
) -> None:
    shown: list[Event] = []
    run, _ = runner(replace(context, config=config(interactive=True), emit=shown.append))
    assert run.awaits_review(1)
    assert run.apply_feedback(1, "draft", 0, feedback) is (guidance is not None)
    assert (context.archive.guidance(1), run.awaits_review(1)) == (guidance, guidance is None)
    assert run.remarks(1) == (feedback["kind"] == "remark")
    assert shown == events
