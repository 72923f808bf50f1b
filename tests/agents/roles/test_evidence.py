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
from common.errors import UserError
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


def test_a_planted_effect_is_told_with_its_error_and_count(rounds: list[RoundBriefing]) -> None:
    effects = str(evidence(ofa.briefing(), rounds)["effects"])
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in effects.splitlines()[2:]]
    by_choice = {(genes, choice): tuple(map(float, figures)) for genes, choice, *figures, _ in cells}
    low, high = by_choice["ks[12] to ks[15]", "3"], by_choice["ks[12] to ks[15]", "7"]
    assert low[0] + 2 * low[1] < 0 < high[0] - 2 * high[1]
    scored = [r for told in rounds for r in told.rows if r.top1 is not None]
    assert by_choice["r", "192"][2] == sum(r.genotype["r"] == 192 for r in scored)
    assert all(error > 0 for _, error, _ in by_choice.values())


def test_the_region_names_choices_of_every_line(rounds: list[RoundBriefing]) -> None:
    region = str(evidence(ofa.briefing(), rounds)["region"])
    stage4 = next(line for line in region.splitlines() if "kernel of blocks 1 to 4 of stage 4" in line)
    assert re.search(r": .*\b7$", stage4)
    assert len(region.splitlines()) == 12


def test_it_follows_the_results_and_is_no_row_of_theirs(rounds: list[RoundBriefing]) -> None:
    plain, shown = request(rounds, shown=False), request(rounds)
    assert shown.startswith(plain)
    assert "evidence and no order" in shown
    assert parse_rows(shown) == parse_rows(plain)
    system = ofa.navigator().messages(rounds)[0]["content"]
    both = [read_prompt([("system", system), ("user", text)]) for text in (plain, shown)]
    assert both[0] == both[1]


def test_it_is_the_same_whenever_it_is_asked(rounds: list[RoundBriefing]) -> None:
    assert request(rounds) == request(rounds)


def test_it_counts_all_rounds_also_for_a_navigator_without_memory(rounds: list[RoundBriefing]) -> None:
    messages = Conversation(ofa.briefing(), RoleOptions(navigator_memory=False, evidence=True)).for_guidance(rounds)
    assert str(evidence(ofa.briefing(), rounds)["effects"]) in messages[-1]["content"]


def test_too_few_scores_are_no_evidence(rounds: list[RoundBriefing]) -> None:
    few = [ofa.finished(truth, [ofa.SPACE.smallest()], "s")]
    assert evidence(ofa.briefing(), few) == {}
    assert evidence(ofa.briefing(), []) == {}
    assert request(few) == request(few, shown=False)


def test_a_space_without_a_table_is_an_error_at_once() -> None:
    with pytest.raises(UserError, match="--evidence: expected a search space with a gene table"):
        evidence(ofa.briefing(space_text="cells"), [])
