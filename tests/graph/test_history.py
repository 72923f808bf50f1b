"""What the agents are told of the task and of finished rounds."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from agents.calls.caller import Caller
from agents.models.scripted import ScriptedChatModel
from agents.roles.generator import Generator
from agents.roles.navigator import Navigator
from agents.text.proposals import Proposals, RejectedPiece
from graph.context import RunContext
from graph.coordinator import Coordinator
from graph.history import RANDOM_REFERENCES, History, briefing
from graph.limits import Limits
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
    assert (first.number, first.guidance, first.remarks) == (1, "strategy 1", "2 illegal, 1 duplicate")
    assert [row.verdict for row in first.rows] == ["evaluated"] * 3 + ["over limit"]
    assert first.rows[3].top1 is None
    assert (first.evaluations, second.evaluations, second.budget) == (3, 4, 14)
    assert first.best == max(first.rows[:3], key=lambda row: row.top1 or 0)
    assert second.best == first.best
    assert second.remarks == "1 duplicate"
    assert history.before(2) == [first]


def test_the_task_holds_limits_measure_and_costs_for_scale(context: RunContext) -> None:
    task = briefing(context)
    assert task.limits == (("macs_m", 500.0),)
    assert (task.target, task.per_round, task.budget) == (75.0, 8, 14)
    assert "1,000 images of numbers" in task.measure
    assert "1.37" in task.measure
    assert len(task.reference) == 2 + RANDOM_REFERENCES
    assert task.reference[0].genotype == SPACE.genotype(SPACE.smallest())
    assert {row.verdict for row in task.reference} == {"cost only"}
    assert briefing(context).reference == task.reference


@pytest.mark.parametrize("name", space_names())
def test_the_prompts_of_a_disguised_search_hold_no_true_name(context: RunContext, name: str) -> None:
    space = get_space(name)
    hidden = replace(context, config=config(supernet=name, disguise=True), space=space, limits=Limits({}))
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
