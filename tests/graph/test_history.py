"""What the agents are told of the task and of finished rounds."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.calls.caller import Caller
from agents.models.scripted import ScriptedChatModel
from agents.roles.generator import Generator
from agents.roles.navigator import Navigator
from agents.text.proposals import Proposals, RejectedPiece
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.history import RANDOM_REFERENCES, History, briefing, difference_error
from graph.limits import Limits, Sweep
from supernets.evaluate.evaluator import Evaluation
from supernets.families.registry import get_space, space_names
from supernets.space.architecture import Architecture
from tests.graph.fakes import SPACE, FormulaEvaluator, config, genotypes


class AnyEvaluator(FormulaEvaluator):
    """Scores architectures of every space alike."""

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        return (Evaluation(a, 70.0, 1.0, 1000, 0.0, self.protocol.id) for a in archs)


def finish(context: RunContext, round: int, proposals: Proposals) -> None:
    context.archive.begin_round(round, f"strategy {round}", 0.0)
    context.archive.propose(round, 8, proposals, 0.0)
    Coordinator(context, FormulaEvaluator()).finish_round(round)


def test_a_round_is_told_with_its_rows_remarks_and_the_best_so_far(context: RunContext) -> None:
    good, costly = genotypes("a", 3, under=500), genotypes("b", 1, over=500)
    finish(
        context, 1, Proposals(genotypes=(*good, good[0], *costly, {"r": 1}), rejected=(RejectedPiece("?", "not JSON"),))
    )
    finish(context, 2, Proposals(genotypes=(good[1], *genotypes("c", 1, under=300))))
    history = History(context)
    first, second = history.before(3)
    assert (first.number, first.guidance, first.remarks) == (1, "strategy 1", "2 were illegal and 1 was known before")
    assert [row.verdict for row in first.rows] == ["evaluated"] * 3 + ["over limit"]
    assert first.rows[3].top1 is None
    assert (first.evaluations, second.evaluations, second.budget) == (3, 4, 14)
    assert [row.id for row in first.rows] == ["1.1", "1.2", "1.3", "1.5"]
    assert second.remarks == "1 was known before"
    assert first.score_error == statistics.median(row.stderr or 0.0 for row in first.rows[:3])
    assert history.before(2) == [first]


def test_the_task_holds_limits_measure_and_the_cost_table_of_the_limit(context: RunContext) -> None:
    task = briefing(context)
    assert task.limits == (("macs_m", 500.0),)
    assert (task.target, task.per_round, task.budget) == (75.0, 8, 14)
    assert "1,000 images of numbers" in task.measure
    assert "same images" in task.error_meaning
    assert task.cost_tables == {"macs_m": SPACE.cost_table().describe("macs_m")}
    assert task.costs == {"macs_m": 1}
    assert task.reference == ()


def test_a_limit_that_no_table_has_exactly_brings_costs_for_scale(context: RunContext) -> None:
    space = get_space("nasbench201")
    limited = replace(
        context, config=config(supernet="nasbench201"), space=space, sweep=Sweep((Limits({"macs_m": 100.0}),))
    )
    task = briefing(limited)
    assert len(task.reference) == 2 + RANDOM_REFERENCES
    assert task.reference[0].genotype == space.smallest().to_dict()
    assert {row.verdict for row in task.reference} == {"cost only"}
    assert briefing(limited).reference == task.reference


def test_single_changes_of_the_best_are_told_where_costs_do_not_add_up(context: RunContext) -> None:
    space = get_space("nasbench201", "cifar10", "raspi4")
    limits = Limits({"latency_ms": 60.0, "macs_m": 150.0})
    hidden = replace(context, config=config(supernet="nasbench201", disguise=True), space=space, sweep=Sweep((limits,)))
    drawn = [a for a in (space.sample(random.Random(seed)) for seed in range(40)) if not limits.excess(space.cost(a))]
    hidden.archive.begin_round(1, "strategy 1", 0.0)
    hidden.archive.propose(1, 8, Proposals(genotypes=[a.to_dict() for a in drawn[:4]]), 0.0)
    Coordinator(hidden, AnyEvaluator()).finish_round(1)
    (told,) = History(hidden).before(2)
    assert list(told.changes) == ["latency_ms", "macs_m"]
    best = hidden.agent_space.parse(told.rows[0].genotype)
    lines = told.changes["latency_ms"].splitlines()
    assert len(lines) == 6
    changes = hidden.agent_space.single_changes(best, "latency_ms")
    assert lines[0] == "x[0]: " + ", ".join(f"{c.choice} {c.adds:+.2f}" for c in changes[:4])


def test_a_disguised_task_without_a_limit_shows_no_cost(context: RunContext) -> None:
    hidden = replace(context, config=config(disguise=True), sweep=Sweep((Limits({}),)))
    assert briefing(hidden).costs == {}
    assert briefing(replace(context, sweep=Sweep((Limits({}),)))).costs == {"macs_m": 1}


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=16, max_size=64).filter(lambda x: len(x) % 8 == 0))
def test_the_error_of_a_difference_is_that_of_paired_images(hits: list[tuple[bool, bool]]) -> None:
    def packed(which: int) -> bytes:
        return int("".join(str(int(pair[which])) for pair in hits), 2).to_bytes(len(hits) // 8)

    differences = [one - other for one, other in hits]
    expected = 100 * statistics.pstdev(differences) / len(hits) ** 0.5
    assert difference_error([packed(0), packed(1)]) == pytest.approx(expected)
    assert difference_error([packed(0)]) is None


@pytest.mark.parametrize("name", space_names())
def test_the_prompts_of_a_disguised_search_hold_no_true_name(context: RunContext, name: str) -> None:
    space = get_space(name)
    hidden = replace(context, config=config(supernet=name, disguise=True), space=space, sweep=Sweep((Limits({}),)))
    proposals = [space.sample(random.Random(seed)).to_dict() for seed in range(6)]
    hidden.archive.begin_round(1, "strategy 1", 0.0)
    hidden.archive.propose(1, 8, Proposals(genotypes=proposals), 0.0)
    Coordinator(hidden, AnyEvaluator()).finish_round(1)
    task, rounds = briefing(hidden), History(hidden).before(2)
    assert len(rounds[0].rows) == 6
    caller = Caller(
        model=ScriptedChatModel(answers={}), name="scripted", role="navigator", transcript=hidden.archive.calls
    )
    messages = Navigator(caller=caller, briefing=task).messages(rounds) + Generator(
        caller=caller, briefing=task
    ).messages(2, "strategy 2", 8)
    text = "\n".join(message["content"] for message in messages) + json.dumps(task.schema(1, 8))
    names = {name, "NAS-Bench", "MobileNet", "ShuffleNet", "AutoFormer", "CIFAR"}
    names |= {d.label if d.index is not None else f'"{d.gene}"' for d in space.dimensions}
    names |= {str(c) for d in space.dimensions for c in d.choices if isinstance(c, str)} - {"none"}
    assert [name for name in sorted(names) if name in text] == []
