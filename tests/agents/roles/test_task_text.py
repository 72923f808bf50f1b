from __future__ import annotations

from typing import Any

import pytest

from agents.roles.conversation import Conversation
from agents.roles.options import RoleOptions
from agents.roles.task_text import task_text
from agents.text.prompt_templates import Prompts
from tests.agents.toy import briefing, rows_in

FREE: dict[str, Any] = {"limits": (), "reference": (), "costs": {}}


def test_a_limit_brings_its_goal_its_cost_table_and_the_word_of_the_tables() -> None:
    told = task_text(briefing(cost_tables={"macs_m": "To find MACs in M, ..."}), Prompts())
    assert "97 to 100 percent" in told.common["goal"]
    assert "- cost table: macs_m\n\nTo find MACs in M" in told.common["space"]
    assert "`over limit` was not scored" in told.results
    assert '`"cost": [low, high]`: the macs_m to aim at' in told.strategy


def test_what_does_not_apply_is_not_told() -> None:
    told = task_text(briefing(**FREE), Prompts())
    text = "\n".join([*told.common.values(), told.results, told.strategy])
    for words in ("97 to 100", "cost table", "over limit", '"cost"', "Exact costs", "stopped"):
        assert words not in text
    assert "No limit is set" in text
    assert "was stopped" in task_text(briefing(races=True), Prompts()).results


def test_a_limit_that_no_table_has_exactly_brings_rows() -> None:
    assert [row.verdict for row in rows_in(task_text(briefing(), Prompts()).common["space"])] == ["cost only"]


def test_labels_are_shown_without_their_condition() -> None:
    assert "(`k[1]`)" in task_text(briefing(), Prompts()).strategy


@pytest.mark.parametrize("role", ["navigator", "generator", "single"])
def test_every_role_is_told_goal_limits_and_space(role: str) -> None:
    task = briefing(limits=(("macs_m", 300.0), ("memory_mb", 0.8)))
    conversation = Conversation(task, RoleOptions(single=role == "single"))
    asked = conversation.for_proposals(1, "strategy", 4, []) if role == "generator" else conversation.for_guidance([])
    system = asked[0]["content"]
    for part in task_text(task, Prompts()).common.values():
        assert part in system
    assert system.count("`memory_mb` is peak activation memory") == 1
    assert "$" not in system


TURNS = ((("macs_m", 60.0),), (("macs_m", 40.0),))


def test_several_limits_are_all_told() -> None:
    told = task_text(briefing(turns=TURNS), Prompts())
    assert "within each of several limits: macs_m <= 40; macs_m <= 60." in told.common["goal"]
    front = task_text(briefing(**{**FREE, "turns": ((), (("macs_m", 40.0),))}), Prompts())
    assert "several limits: macs_m <= 40; none." in front.common["goal"]
    assert '`"cost": [low, high]`: the macs_m to aim at' in front.strategy
