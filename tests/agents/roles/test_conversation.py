"""Who is told what of earlier rounds, under each choice of memory, and what is left of it when it grows too long."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.models.analyst.analyst import AnalystChatModel
from agents.roles.briefing import Briefing, RoundBriefing
from agents.roles.conversation import PROMPT_SHARE, Conversation, tokens
from agents.roles.generator import Generator
from agents.roles.navigator import Navigator
from agents.roles.options import RoleOptions
from agents.roles.summary import SHOWN
from tests.agents.models.analyst import ofa
from tests.agents.toy import STRATEGY, briefing, caller, genotype, row, rows_in, scripted, sent


def finished(number: int, **changes: Any) -> RoundBriefing:
    rows = tuple(row(60.0 + number + r / 64 + k, r=r, k=[k, 3]) for r in (32, 48) for k in (3, 5, 7))
    proposed = (genotype(32, number, number),)
    values: dict[str, Any] = {"guidance": f"strategy {number}", "rows": rows, "remarks": ""}
    values |= {"evaluations": 6 * number, "budget": 100, "requested": 4, "proposed": proposed}
    return RoundBriefing(**{"number": number, **values, **changes})


ROUNDS = [finished(1), finished(2)]


def roles(messages: list[dict[str, str]]) -> str:
    """`sua`: system, user, assistant."""
    return "".join(message["role"][0] for message in messages)


def navigator(options: RoleOptions, task: Briefing | None = None) -> list[dict[str, str]]:
    return Conversation(task or briefing(), options).for_guidance(ROUNDS)


def generator(options: RoleOptions) -> list[dict[str, str]]:
    return Conversation(briefing(), options).for_proposals(3, "strategy 3", 4, ROUNDS)


def test_the_default_is_the_papers() -> None:
    assert roles(navigator(RoleOptions())) == "suauau"
    assert roles(generator(RoleOptions())) == "su"
    told = navigator(RoleOptions())[0]["content"]
    assert "The Generator sees only your latest strategy" in told
    assert "You keep no memory between rounds" in generator(RoleOptions())[0]["content"]


def test_a_navigator_without_memory_is_shown_the_last_round_alone() -> None:
    messages = navigator(RoleOptions(navigator_memory=False))
    assert roles(messages) == "su"
    results = messages[-1]["content"].split("Of the eight best")[0]
    assert rows_in(results) == sorted(ROUNDS[1].rows, key=lambda r: -(r.top1 or 0))
    assert "You keep no memory between rounds" in messages[-1]["content"]
    assert "strategy 2" not in messages[-1]["content"]


def test_a_generator_with_memory_is_shown_earlier_strategies_and_its_answers() -> None:
    options = RoleOptions(generator_memory=True)
    messages = generator(options)
    assert roles(messages) == "suauau"
    assert "strategy 1" in messages[1]["content"]
    assert json.loads(messages[4]["content"]) == {"architectures": [genotype(32, 2, 2)]}
    assert "Your conversation is kept" in messages[0]["content"]
    assert "top1" not in "".join(message["content"] for message in messages[1:])
    assert "its own earlier answers" in navigator(options)[0]["content"]


def test_a_single_model_has_one_conversation_in_which_all_of_both_roles_stands() -> None:
    options = RoleOptions(single=True)
    reflect, generate = navigator(options), generator(options)
    assert roles(reflect) == "s" + "uaua" * 2 + "u"
    assert generate[: len(reflect)] == reflect
    assert roles(generate[len(reflect) :]) == "au"
    assert generate[-2]["content"] == "strategy 3"
    assert "strategy 3" not in generate[-1]["content"]
    assert "- role: single" in reflect[0]["content"].splitlines()


@pytest.mark.parametrize("options", [RoleOptions(), RoleOptions(single=True)], ids=["two", "one"])
def test_the_analyst_answers_in_every_kind_of_conversation(options: RoleOptions) -> None:
    """It has to find the strategy's block, the results and its own answers where each of them now stands."""
    asked = [caller(AnalystChatModel(), role) for role in ("navigator", "generator")]
    rounds: list[RoundBriefing] = []
    for number in (1, 2):
        strategy = Navigator(caller=asked[0], briefing=ofa.briefing(), options=options).write_guidance(rounds).text
        made = Generator(caller=asked[1], briefing=ofa.briefing(), options=options).propose(
            number, strategy, 16, ofa.check, rounds
        )
        assert not made.error
        architectures = [ofa.SPACE.parse(candidate) for candidate in made.genotypes]
        told = ofa.finished(lambda a: 70.0 + a["r"] / 100, architectures, strategy, number)
        rounds.append(RoundBriefing(**{**vars(told), "requested": 16, "proposed": tuple(made.genotypes)}))
    assert "architectures are scored" in rounds[1].guidance
    first, second = ({json.dumps(g) for g in told.proposed} for told in rounds)
    assert len(second) == 16
    assert not first & second


def long(count: int, context: int | None) -> tuple[list[RoundBriefing], Conversation]:
    return [finished(n) for n in range(1, count + 1)], Conversation(briefing(), RoleOptions(context_tokens=context))


def test_a_conversation_that_outgrows_the_context_becomes_a_summary_and_the_last_round() -> None:
    rounds, conversation = long(30, 3000)
    messages = conversation.for_guidance(rounds)
    assert roles(messages) == "suau"
    assert tokens(messages) <= PROMPT_SHARE * 3000
    assert conversation.overflow(rounds) == tokens(long(30, None)[1].for_guidance(rounds))
    system, summary, strategy, request = (message["content"] for message in messages)
    assert system == long(30, None)[1].for_guidance(rounds)[0]["content"]
    assert strategy == "strategy 30"
    assert rows_in(request.split("Of the eight best")[0]) == sorted(rounds[-1].rows, key=lambda r: -(r.top1 or 0))
    assert "Rounds 1 to 29 are summarised" in summary
    scored = sorted((r for told in rounds[:-1] for r in told.rows), key=lambda r: -(r.top1 or 0))
    kept = rows_in(summary)
    assert [r.top1 for r in kept[:SHOWN]] == [r.top1 for r in scored[:SHOWN]]
    assert [r.top1 for r in kept[SHOWN:]] == [r.top1 for r in scored[: -SHOWN - 1 : -1]]
    # Kernel 7 scored 4 points more than kernel 3 in 2 of 6 architectures of 30 rounds.
    line = next(line for line in request.splitlines() if line.startswith("k[0]: "))
    assert line == "k[0]: 3 79.12 (60), 5 81.12 (60), 7 83.12 (60)"


def test_a_summary_is_the_same_in_a_process_that_starts_late() -> None:
    rounds, conversation = long(30, 3000)
    for count in range(1, 30):
        conversation.for_guidance(rounds[:count])
    assert conversation.for_guidance(rounds) == long(0, 3000)[1].for_guidance(rounds)


def test_what_fits_is_told_whole() -> None:
    rounds, conversation = long(30, 200_000)
    assert roles(conversation.for_guidance(rounds)) == "s" + "ua" * 30 + "u"
    assert conversation.overflow(rounds) is None


def test_a_generators_oldest_turns_are_left_out() -> None:
    rounds = [finished(n) for n in range(1, 31)]
    whole = Conversation(briefing(), RoleOptions(generator_memory=True)).for_proposals(31, "s", 4, rounds)
    cut = Conversation(briefing(), RoleOptions(generator_memory=True, context_tokens=3000)).for_proposals(
        31, "s", 4, rounds
    )
    assert 3 < len(cut) < len(whole)
    assert cut[1:] == whole[-len(cut) + 1 :]
    assert tokens(cut) <= PROMPT_SHARE * 3000


def test_remarks_of_a_person_have_the_strategy_written_again() -> None:
    again = STRATEGY.replace("around", "elsewhere")
    asked = scripted("navigator", [STRATEGY, "garbage", again])
    assert Navigator(caller=asked, briefing=briefing()).write_guidance([], ["Try ```deep``` networks."]).text == again
    first, second, third = sent(asked)
    assert second[:-2] == first
    assert second[-2]["content"] == STRATEGY
    assert "Try ```deep``` networks." in second[-1]["content"]
    assert {"- round: 1", "- attempt: 2"} <= set(second[-1]["content"].splitlines())
    assert "- attempt: 3" in third[-1]["content"].splitlines()


def test_remarks_stay_in_the_conversation() -> None:
    rounds = [finished(1, human_remarks=("Deeper, please.",))]
    messages = Conversation(briefing(), RoleOptions()).for_guidance(rounds)
    assert "Deeper, please." in messages[1]["content"]
    assert messages[2]["content"] == "strategy 1"


def test_the_navigator_learns_which_choices_were_not_drawn_as_it_asked() -> None:
    guidance = (
        STRATEGY + '\n```json\n{"prefer": {"k[0]": {"3": 9, "5": 1, "7": 0}, "k[1]": {"3": 1, "5": 0, "7": 0}}}\n```'
    )
    told = finished(1, guidance=guidance, proposed=tuple(genotype(32, k, 3) for k in (3, 7, 7, 7)))
    request = Conversation(briefing(), RoleOptions()).for_guidance([told])[-1]["content"]
    assert "strayed most from `prefer`: k[0]: 7 asked 0 %, drawn 75 %." in request
    obeyed = finished(1, guidance=guidance, proposed=(genotype(32, 3, 3),))
    assert "strayed" not in Conversation(briefing(), RoleOptions()).for_guidance([obeyed])[-1]["content"]


def test_requests_state_the_limits_of_their_round_and_show_the_best_within_them() -> None:
    turns = ((("macs_m", 60.0),), (("macs_m", 12.0),), ())
    task = briefing(turns=turns)
    conversation = Conversation(task, RoleOptions(generator_results=True))
    for number, line in ((1, "macs_m <= 60"), (2, "macs_m <= 12"), (3, "none"), (4, "macs_m <= 60")):
        rounds = [finished(each) for each in range(1, number)]
        assert f"\n- limit: {line}\n" in conversation.for_guidance(rounds)[-1]["content"]
        asked = conversation.for_proposals(number, STRATEGY, 4, rounds)[-1]["content"]
        assert asked.count("- limit: ") == 1
        assert f"This round is for:\n\n- limit: {line}\n" in asked
    # All rows of these rounds have 12.5 M MACs.
    for number, shown in ((2, False), (4, True)):
        rounds = [finished(each) for each in range(1, number)]
        asked = conversation.for_proposals(number, STRATEGY, 4, rounds)[-1]["content"]
        assert ("The best so far" in asked) == shown
    assert "- limit: " not in Conversation(briefing(), RoleOptions()).for_guidance([finished(1)])[-1]["content"]
