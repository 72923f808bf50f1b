from __future__ import annotations

from agents.roles.briefing import RoundBriefing
from agents.roles.optimizer import SHOWN, Optimizer
from tests.agents.toy import briefing, check, genotype, row, rows_in, scripted, sent


def rounds(count: int) -> list[RoundBriefing]:
    """Rounds of one scored and one unscored row each; the scores fall."""
    return [
        RoundBriefing(
            number=n, guidance=f"strategy {n}", rows=(row(80.0 - n), row(verdict="over limit")), remarks="",
            evaluations=n, budget=100,
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_the_best_scores_are_shown_in_ascending_order_without_strategies() -> None:
    optimizer = Optimizer(caller=scripted("generator", "-"), briefing=briefing())
    system, request = optimizer.messages(31, "ignored", 4, rounds(30))
    shown = [r.top1 for r in rows_in(request["content"])]
    assert shown == [80.0 - n for n in range(SHOWN, 0, -1)]
    assert "strategy" not in request["content"]
    assert "ignored" not in system["content"] + request["content"]
    assert {"- round: 31", "- architectures wanted: 4"} <= set(request["content"].splitlines())


def test_before_anything_is_scored_the_request_says_so() -> None:
    request = Optimizer(caller=scripted("generator", "-"), briefing=briefing()).messages(1, "", 4)[-1]
    assert "None is scored yet." in request["content"]


def test_answers_are_read_and_repaired_like_a_generators() -> None:
    bad, good = '{"architectures": [{"r": 1, "k": [3, 3]}]}', '{"architectures": [{"r": 48, "k": [3, 5]}]}'
    asked = scripted("generator", [bad, good])
    proposals = Optimizer(caller=asked, briefing=briefing()).propose(1, "", 1, check)
    assert proposals.genotypes == [genotype(48)]
    assert (proposals.answers, proposals.repaired) == (2, 1)
    assert len(sent(asked)[1]) == 4
