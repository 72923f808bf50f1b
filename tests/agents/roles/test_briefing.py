from __future__ import annotations

from agents.models.analyst.prompt_reader import read_prompt
from agents.roles.briefing import cost_advice, limit_lines, target_line
from tests.agents.toy import SPACE, briefing


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
