from __future__ import annotations

import pytest

from agents.models.analyst.prompt_reader import read_prompt
from agents.roles.briefing import explanations, limit_lines
from common.errors import UserError
from tests.agents.toy import SPACE, briefing

MEMORY = "`memory_mb` is peak activation memory"


def test_limits_are_lines_that_the_analyst_reads_back() -> None:
    limits = (("macs_m", 350.0), ("params_m", 4.125))
    lines = limit_lines(briefing(limits=limits))
    assert lines.splitlines() == ["- limit: macs_m <= 350", "- limit: params_m <= 4.125"]
    assert read_prompt([("system", f"{lines}\n\n{SPACE}"), ("user", "- round: 1")]).limits == limits


def test_a_target_has_a_line_and_what_is_not_set_has_none() -> None:
    assert limit_lines(briefing(limits=(), target=76.5)) == "- target: top1 >= 76.5"
    assert limit_lines(briefing(limits=())) == ""


@pytest.mark.parametrize("limits", [(), (("macs_m", 300.0),), (("latency_ms", 20.0),)])
def test_a_cost_that_is_not_limited_is_not_explained(limits: tuple[tuple[str, float], ...]) -> None:
    assert explanations(briefing(limits=limits)) == []


def test_a_limit_on_memory_is_explained_once() -> None:
    (found,) = explanations(briefing(limits=(("macs_m", 300.0), ("memory_mb", 0.8))))
    assert found.startswith(MEMORY)


def test_a_space_without_a_table_of_genes_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(UserError, match=r"expected a Markdown table `\| genes \| choices \| meaning \|`"):
        _ = briefing(space_text="A space of cells.").form
