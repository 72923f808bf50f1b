from __future__ import annotations

import pytest

from agents.models.analyst.prompt_reader import read_prompt
from agents.roles.briefing import cost_advice, limit_lines, target_line
from agents.roles.conversation import Conversation
from agents.roles.options import RoleOptions
from tests.agents.toy import SPACE, briefing

MEMORY = "`memory_mb` is peak activation memory"


def test_limits_are_lines_that_the_analyst_reads_back() -> None:
    limits = (("macs_m", 350.0), ("params_m", 4.125))
    lines = limit_lines(briefing(limits=limits))
    assert lines.splitlines() == ["- limit: macs_m <= 350", "- limit: params_m <= 4.125"]
    assert read_prompt([("system", f"{lines}\n\n{SPACE}"), ("user", "- round: 1")]).limits == limits


def test_without_a_limit_the_line_and_the_advice_say_so() -> None:
    assert limit_lines(briefing(limits=())) == "- limit: none"
    assert cost_advice(briefing(limits=())).startswith("No limit is set")
    assert "92 to 100 percent of the limit" in cost_advice(briefing())


def test_a_target_is_a_number_or_none() -> None:
    assert target_line(briefing(target=76.5)) == "- target: 76.5"
    assert target_line(briefing()) == "- target: none, as high as possible"


@pytest.mark.parametrize("limits", [(), (("macs_m", 300.0),), (("latency_ms", 20.0),)])
def test_a_cost_that_is_not_limited_is_not_explained(limits: tuple[tuple[str, float], ...]) -> None:
    assert MEMORY not in cost_advice(briefing(limits=limits))


@pytest.mark.parametrize("role", ["navigator", "generator", "single"])
def test_every_role_gets_a_limit_on_memory_and_a_paragraph_about_it(role: str) -> None:
    task = briefing(limits=(("macs_m", 300.0), ("memory_mb", 0.8)))
    conversation = Conversation(task, RoleOptions(single=role == "single"))
    asked = conversation.for_proposals(1, "strategy", 4, []) if role == "generator" else conversation.for_guidance([])
    system = asked[0]["content"]
    assert "- limit: memory_mb <= 0.8" in system.splitlines()
    assert [part.startswith(MEMORY) for part in system.split("\n\n")].count(True) == 1
