"""The statistics as a Navigator is shown them."""

from __future__ import annotations

import re

import pytest

from agents.models.analyst.prompt_reader import read_prompt
from agents.roles.briefing import RoundBriefing
from agents.roles.conversation import Conversation
from agents.roles.evidence import evidence
from agents.roles.options import RoleOptions
from agents.text.architecture_table import parse_rows
from supernets.space.architecture import Architecture
from tests.agents.models.analyst import ofa


def truth(a: Architecture) -> float:
    """Three points between the smallest and the largest kernel of stage 4, beyond what they cost."""
    return float(60 + 0.75 * sum(a["ks"][12:14]) / 2 + ofa.SPACE.cost(a).macs_m / 50)


@pytest.fixture(scope="module")
def rounds() -> list[RoundBriefing]:
    pool = [a for a in ofa.samples(900, 4) if 0.85 * ofa.LIMIT < ofa.SPACE.cost(a).macs_m < 1.05 * ofa.LIMIT]
    return [ofa.finished(truth, pool[40 * n : 40 * n + 40], f"strategy {n + 1}", n + 1) for n in range(2)]


def request(rounds: list[RoundBriefing], shown: bool = True) -> str:
    return Conversation(ofa.briefing(), RoleOptions(evidence=shown)).for_guidance(rounds)[-1]["content"]


def test_a_planted_effect_is_told_by_gene_with_its_error_and_count(rounds: list[RoundBriefing]) -> None:
    found = evidence(ofa.briefing(), rounds)
    assert found is not None
    lines = dict(line.split(": ", 1) for line in found.effects.splitlines() if line.startswith("ks["))
    for label in ("ks[12]", "ks[13]"):
        assert re.match(r"3 -0\.\d\d \+- ", lines[label])
        assert re.search(r"7 \+0\.\d\d \+- 0\.\d\d \(\d+\)$", lines[label])
    scored = [r for told in rounds for r in told.rows if r.top1 is not None]
    count = sum(r.genotype["ks"][12] == 7 for r in scored)
    assert lines["ks[12]"].endswith(f"({count})")


def test_the_region_excludes_the_small_kernels_of_the_planted_stage(rounds: list[RoundBriefing]) -> None:
    found = evidence(ofa.briefing(), rounds)
    assert found is not None
    lines = dict(line.split(": ") for line in found.region.splitlines())
    assert "7" in lines["ks[12]"]
    assert "3" not in lines["ks[12]"]


def test_it_follows_the_results_and_is_no_row_of_theirs(rounds: list[RoundBriefing]) -> None:
    plain, shown = request(rounds, shown=False), request(rounds)
    assert shown.startswith(plain.split("\n\nWrite the strategy")[0])
    assert "weigh it against what you know" in shown
    form = ofa.briefing().form
    assert parse_rows(shown, form) == parse_rows(plain, form)
    system = ofa.navigator().messages(rounds)[0]["content"]
    both = [read_prompt([("system", system), ("user", text)]) for text in (plain, shown)]
    assert both[0] == both[1]


def test_it_is_the_same_whenever_it_is_asked(rounds: list[RoundBriefing]) -> None:
    assert request(rounds) == request(rounds)


def test_it_counts_all_rounds_also_for_a_navigator_without_memory(rounds: list[RoundBriefing]) -> None:
    messages = Conversation(ofa.briefing(), RoleOptions(navigator_memory=False, evidence=True)).for_guidance(rounds)
    found = evidence(ofa.briefing(), rounds)
    assert found is not None
    assert found.effects in messages[-1]["content"]


def test_too_few_scores_are_no_evidence(rounds: list[RoundBriefing]) -> None:
    few = [ofa.finished(truth, [ofa.SPACE.smallest()], "s")]
    assert evidence(ofa.briefing(), few) is None
    assert evidence(ofa.briefing(), []) is None
    assert request(few) == request(few, shown=False)
