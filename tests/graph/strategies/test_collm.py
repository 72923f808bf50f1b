"""The Navigator's guidance as CoLLM-NAS uses it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from agents.models.settings import ModelSettings
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


# A language model that copies, wastes, is over the limit or cannot be read.


def by_a_language_model(context: RunContext, share: float = 0.0) -> RunContext:
    roles = dict.fromkeys(("navigator", "generator"), ModelSettings(name="some/model"))
    return replace(context, config=config(models=roles, analyst_share=share))


def scored_first(context: RunContext) -> list[dict[str, Any]]:
    """The genotypes of a finished first round."""
    known = genotypes("known", 8, over=430, under=500)
    context.archive.begin_round(1, "strategy 1", 0.0)
    context.archive.propose(1, 8, Proposals(genotypes=known), 0.0)
    Coordinator(context, FormulaEvaluator()).finish_round(1)
    return known


def round_two(context: RunContext, *answers: Any) -> Proposals:
    chain = models({"navigator": [], "generator": [[], list(answers)]})
    return CoLLM(context, chain).propose(2, STRATEGY.format("x"), 4)


def test_wasteful_proposals_are_sent_back_with_the_numbers(context: RunContext) -> None:
    known = scored_first(context)
    (small,), (costly,) = genotypes("small", 1, under=300), genotypes("costly", 1, over=510)
    good = genotypes("good", 4, over=430, under=500)
    shown: list[Event] = []
    told = by_a_language_model(replace(context, emit=shown.append))
    answers = [{"architectures": [known[0], small, costly, good[0]]}, {"architectures": good[1:]}]
    found = round_two(told, *answers)
    assert [SPACE.parse(each) for each in found.genotypes] == [SPACE.parse(each) for each in (*good[1:], good[0])]
    call = context.archive.calls.at(2, "generator", 2)
    assert call is not None
    repair = call.request.messages[-1]["content"]
    assert "it was proposed in round 1" in repair
    assert re.search(r"its macs_m of \d+(\.\d+)? is only \d+ % of the limit", repair)
    assert re.search(r"its macs_m of \d+(\.\d+)? is over the limit of 500", repair)


@pytest.mark.parametrize("kind", ["copies", "wastes", "over", "unreadable"])
def test_the_analyst_fills_the_places_of_a_bad_model(context: RunContext, kind: str) -> None:
    known = scored_first(context)
    bad: dict[str, Any] = {
        "copies": {"architectures": known[:3]},
        "wastes": {"architectures": genotypes("small", 3, under=300)},
        "over": {"architectures": genotypes("costly", 3, over=510)},
        "unreadable": "I would rather not.",
    }
    shown: list[Event] = []
    found = round_two(by_a_language_model(replace(context, emit=shown.append), 0.25), bad[kind], bad[kind])
    proposals = [SPACE.parse(each) for each in found.genotypes]
    # What is far below the limit would cost evaluations, and is not proposed.
    assert len(proposals) == (4 if kind in ("wastes", "unreadable") else 7)
    theirs = {SPACE.parse(each) for each in (bad[kind]["architectures"] if kind != "unreadable" else [])}
    mine = [a for a in proposals if a not in theirs]
    assert len(set(mine)) == 4
    assert all(0.95 * 500 < SPACE.cost(a).macs_m <= 500 for a in mine)
    (message,) = [event.text for event in shown if isinstance(event, Message)]
    assert message == "Round 2: 4 proposals are the analyst's, 3 of them in places of unusable ones."


def test_a_good_model_keeps_its_places(context: RunContext) -> None:
    scored_first(context)
    good = genotypes("good", 3, over=430, under=500)
    found = round_two(by_a_language_model(context, 0.25), {"architectures": good})
    assert len(found.genotypes) == 4
    assert [SPACE.parse(each) for each in found.genotypes[:3]] == [SPACE.parse(each) for each in good]
