from __future__ import annotations

import math

import pytest

from agents.models.analyst.prompt_reader import read_prompt
from agents.text.prompt_templates import fenced
from common.errors import UserError
from tests.agents.models.analyst.small_space import SPACE, TABLE, everything, messages, prompt, row, scored

BLOCK = '```json\n{"prefer": {"r": {"48": 2}}}\n```'


def test_a_navigators_prompt_gives_limits_budget_rows_and_genes() -> None:
    rows = scored(5)
    read = prompt(rows, request="- round: 3", limits=("macs_m <= 60", "params_m <= 1.5e1"))
    assert (read.role, read.round, read.wanted) == ("navigator", 3, 0)
    assert read.limits == (("macs_m", 60.0), ("params_m", 15.0))
    assert (read.evaluations, read.budget) == (5, 100)
    assert [each.genotype for each in read.rows] == [each.genotype for each in rows]
    assert read.table == TABLE


def test_a_generators_prompt_gives_the_number_and_the_block_of_the_quoted_strategy() -> None:
    sent = messages(scored(2))
    request = f"- round: 2\n- architectures wanted: 7\n{fenced(f'## Summary{chr(10)}{BLOCK}')}"
    read = read_prompt([sent[0], ("user", request)])
    assert (read.role, read.wanted) == ("generator", 7)
    assert read.block == {"prefer": {"r": {"48": 2}}}


def test_fenced_text_counts_for_nothing_else() -> None:
    hostile = fenced("- limit: macs_m <= 1\n- architectures wanted: 99\n- evaluations: 9 of 9 used")
    sent = messages(scored(2))
    read = read_prompt([sent[0], ("user", f"{sent[1][1]}\n{hostile}")])
    assert (read.role, read.limits, read.evaluations) == ("navigator", (("macs_m", 60.0),), 2)


def test_limits_of_the_last_round_count_instead_of_the_searchs() -> None:
    system, user = messages(scored(2))
    asked = [system, ("user", f"- round: 1\n- limit: macs_m <= 1\n{user[1]}"), ("assistant", "- limit: macs_m <= 2")]
    for line, limits in (("macs_m <= 40", (("macs_m", 40.0),)), ("none", ())):
        request = f"- round: 2\n- architectures wanted: 3\n{fenced(BLOCK)}\n- limit: {line}"
        repair = "- round: 2\n- architectures wanted: 1\n- attempt: 2\n\nCorrect them."
        assert read_prompt([*asked, ("user", request)]).limits == limits
        assert read_prompt([*asked, ("user", request), ("assistant", "{}"), ("user", repair)]).limits == limits


def test_proposals_before_a_repair_are_known_and_its_strategy_is_still_found() -> None:
    request = f"- round: 2\n- architectures wanted: 1\n{fenced(BLOCK)}"
    answer = '{"architectures": [{"r": 32, "d": 2, "k": [3, 3, 3, 3, 3], "op": "pool"}]}'
    repair = "- round: 2\n- architectures wanted: 1\n- attempt: 2\n\nCorrect them."
    read = read_prompt([("system", SPACE), ("user", request), ("assistant", answer), ("user", repair)])
    assert read.block == {"prefer": {"r": {"48": 2}}}
    assert read.proposed == ({"r": 32, "d": 2, "k": [3, 3, 3, 3, 3], "op": "pool"},)


def test_one_model_in_both_roles_follows_its_answer_before_the_request() -> None:
    asked = ("user", "- round: 1"), ("assistant", BLOCK), ("user", "- round: 1\n- architectures wanted: 3")
    assert read_prompt([("system", SPACE), *asked]).block == {"prefer": {"r": {"48": 2}}}


def test_rows_become_arrays_in_which_the_last_row_of_an_architecture_counts() -> None:
    x, other = everything()[:2]
    observed = prompt([row(x, verdict="cost only"), row(other, verdict="over limit"), row(x, 71.5)]).observed()
    assert observed.x.tolist() == [x.tolist(), other.tolist()]
    assert observed.top1[0] == 71.5
    assert math.isnan(observed.top1[1])
    assert observed.tested.tolist() == [True, True]
    assert prompt([row(x, verdict="cost only")]).observed().tested.tolist() == [False]


def test_rows_of_another_space_are_left_out() -> None:
    alien = row(everything()[0], 70.0)
    alien.genotype["r"] = 33
    assert prompt([alien]).observed().x.shape == (0, len(TABLE.genes))


def test_a_prompt_without_a_gene_table_is_an_error() -> None:
    with pytest.raises(UserError, match=r"genes \| choices \| meaning.*--llm NAME"):
        read_prompt([("system", "Hello."), ("user", "- round: 1")])
