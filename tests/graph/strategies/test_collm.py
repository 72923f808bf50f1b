"""The Navigator's guidance as CoLLM-NAS uses it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agents.text.proposals import Proposals
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.events import Event, Message
from graph.strategies.collm import CoLLM
from tests.graph.fakes import SPACE, STRATEGY, FormulaEvaluator, config, genotypes, models


def test_guidance_that_stays_incomplete_is_used_with_a_warning(context: RunContext) -> None:
    shown: list[Event] = []
    incomplete = "## Summary\nToo short."
    chain = models({"navigator": [[incomplete] * 3], "generator": []})
    strategy = CoLLM(replace(context, emit=shown.append), chain)
    assert strategy.write_guidance(1) == incomplete
    (warning,) = [event for event in shown if isinstance(event, Message)]
    assert warning.level == "warning"
    assert warning.text.startswith("The strategy of round 1 is used as it is, though it lacks the heading")


def test_remarks_on_a_draft_are_answered(context: RunContext) -> None:
    context.archive.remarks.add(1, 1, "deeper")
    chain = models({"navigator": [[STRATEGY.format("first"), STRATEGY.format("second")]], "generator": []})
    assert CoLLM(context, chain).write_guidance(1) == STRATEGY.format("second")


def guidance(**block: object) -> str:
    return f"{STRATEGY.format('x')}\n```json\n{json.dumps(block)}\n```"


def proposed(context: RunContext, text: str, count: int, *answers: list[dict[str, Any]]) -> Proposals:
    chain = models({"navigator": [], "generator": [[{"architectures": list(answer)} for answer in answers]]})
    return CoLLM(context, chain).propose(1, text, count)


def test_examples_are_proposed_first_and_as_they_are(context: RunContext) -> None:
    examples, others = genotypes("a", 3, under=500), genotypes("b", 2, under=500)
    found = proposed(context, guidance(examples=examples), 5, others)
    assert [SPACE.parse(each) for each in found.genotypes] == [SPACE.parse(each) for each in (*examples, *others)]
    assert found.answers == 1


def test_a_round_of_examples_alone_asks_no_generator(context: RunContext) -> None:
    examples = genotypes("a", 6, under=500)
    found = proposed(context, guidance(examples=examples), 4)
    assert [SPACE.parse(each) for each in found.genotypes] == [SPACE.parse(each) for each in examples[:4]]
    assert found.answers == 0


def test_illegal_repeated_and_known_examples_are_left_out_and_costly_ones_take_no_place(context: RunContext) -> None:
    known, new = genotypes("a", 2, under=500)
    (costly,), others = genotypes("c", 1, over=500), genotypes("b", 2, under=500)
    context.archive.begin_round(1, "strategy 1", 0.0)
    context.archive.propose(1, 1, Proposals(genotypes=[known]), 0.0)
    Coordinator(context, FormulaEvaluator()).finish_round(1)
    chain = models({"navigator": [], "generator": [[], [{"architectures": others}]]})
    text = guidance(examples=[{"r": 1}, costly, known, new, new])
    found = CoLLM(context, chain).propose(2, text, 3)
    assert [SPACE.parse(each) for each in found.genotypes] == [SPACE.parse(each) for each in (new, *others, costly)]


@pytest.mark.parametrize(("block", "wanted"), [({}, 8), ({"count": 3}, 3), ({"count": 99}, 8), ({"count": "few"}, 8)])
def test_the_navigator_may_ask_for_fewer(context: RunContext, block: dict[str, object], wanted: int) -> None:
    assert CoLLM(context, models({"navigator": [], "generator": []})).wanted(guidance(**block), 8) == wanted


def test_a_disguised_example_is_translated(context: RunContext) -> None:
    hidden = replace(context, config=config(disguise=True))
    (genotype,) = genotypes("a", 1, under=500)
    disguised = hidden.agent_space.to_disguised(genotype)
    found = proposed(hidden, guidance(examples=[disguised]), 1)
    assert [SPACE.parse(each) for each in found.genotypes] == [SPACE.parse(genotype)]
