from __future__ import annotations

import pytest

from agents.model_errors import ModelError
from agents.roles.briefing import RoundBriefing
from agents.roles.navigator import Navigator
from tests.agents.toy import SPACE, STRATEGY, briefing, row, rows_in, scripted, sent


def finished(number: int, **changes: object) -> RoundBriefing:
    rows = (row(70.0 + number, r=48), row(verdict="over limit"))
    values = {"guidance": f"strategy {number}", "rows": rows, "remarks": "3 were illegal", "score_error": 0.4}
    return RoundBriefing(**{"number": number, "evaluations": 16 * number, "budget": 100, **values, **changes})  # type: ignore[arg-type]


def test_the_first_prompt_holds_the_whole_task() -> None:
    system, task = Navigator(caller=scripted("navigator", STRATEGY), briefing=briefing(target=76.5)).messages([])
    assert (system["role"], task["role"]) == ("system", "user")
    lines = system["content"].splitlines()
    assert {"- role: navigator", "- limit: macs_m <= 350", "- limit: params_m <= 4.5", "- target: top1 >= 76.5"} <= set(
        lines
    )
    assert SPACE in system["content"]
    assert "is measured on 2,000 images. The error of a score" in system["content"]
    assert {"- round: 1", "- evaluations: 0 of 100 used"} <= set(task["content"].splitlines())
    assert "- rounds: about 7 left with this one" in task["content"].splitlines()
    assert [found.verdict for found in rows_in(system["content"])] == ["cost only"]
    assert "$" not in system["content"] + task["content"]


def test_the_fixed_headings_are_asked_for() -> None:
    system = Navigator(caller=scripted("navigator", STRATEGY), briefing=briefing()).messages([])[0]["content"]
    for heading in ("Summary", "Key patterns", "Directions", "Wanted this round", "Notes"):
        assert f"\n## {heading}\n" in system


def test_the_conversation_is_rebuilt_from_the_rounds() -> None:
    messages = Navigator(caller=scripted("navigator", STRATEGY), briefing=briefing()).messages(
        [finished(1), finished(2)]
    )
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert [message["content"] for message in messages[2::2]] == ["strategy 1", "strategy 2"]
    last = messages[-1]["content"]
    assert {"- round: 3", "- evaluations: 32 of 100 used"} <= set(last.splitlines())
    results, best = last.split("Of the eight best")
    assert rows_in(results) == list(finished(2).rows)
    assert [found.top1 for found in rows_in(best)] == [71.0]
    assert "Of the other proposals 3 were illegal." in results
    assert "- error of a score: 0.40" in last.splitlines()
    assert "No clear difference: r k[0] k[1]" in last.splitlines()
    # What all rounds show together stands in the newest request only.
    assert [text.count("Mean top1") for text in (message["content"] for message in messages)] == [0, 0, 0, 0, 0, 1]


def test_a_round_without_results_says_so() -> None:
    last = Navigator(caller=scripted("navigator", STRATEGY), briefing=briefing()).messages([finished(1, rows=())])[-1]
    assert "No new legal architecture was proposed." in last["content"]


def test_a_strategy_is_written_for_the_next_round() -> None:
    navigator = Navigator(
        caller=scripted("navigator", "first", STRATEGY + '\n```json\n{"fit": 1}\n```'), briefing=briefing()
    )
    strategy = navigator.write_guidance([finished(1)])
    assert strategy.text.startswith("## Summary")
    assert strategy.block == {"fit": 1}


@pytest.mark.parametrize("dressed", [f"<think>hm</think>\n{STRATEGY}", f"```markdown\n{STRATEGY}\n```"])
def test_thoughts_and_wrapping_are_taken_off(dressed: str) -> None:
    assert Navigator(caller=scripted("navigator", dressed), briefing=briefing()).write_guidance([]).text == STRATEGY


def test_an_answer_without_headings_is_asked_again_and_told_why() -> None:
    asked = scripted("navigator", ['{"architectures": []}', STRATEGY])
    assert Navigator(caller=asked, briefing=briefing()).write_guidance([]).text == STRATEGY
    first, second = sent(asked)
    assert [message["role"] for message in second] == ["system", "user"]
    assert second[-1]["content"].startswith(first[-1]["content"])
    assert "- attempt: 2" in second[-1]["content"].splitlines()
    assert "it lacks the headings `## Summary`, `## Key patterns`, `## Directions`" in second[-1]["content"]


def test_a_last_answer_with_some_headings_is_taken_with_a_remark() -> None:
    strategy = Navigator(caller=scripted("navigator", "## Summary\nWiden."), briefing=briefing()).write_guidance([])
    assert strategy.text == "## Summary\nWiden."
    assert strategy.problem == "it lacks the headings `## Key patterns`, `## Directions`"


def test_garbage_for_ever_ends_with_its_count_and_its_text() -> None:
    asked = scripted("navigator", "lorem ipsum")
    with pytest.raises(ModelError, match=r"toy sent 3 answers, none of them a strategy: .*the last began: lorem ipsum"):
        Navigator(caller=asked, briefing=briefing()).write_guidance([])
    assert len(sent(asked)) == 3


def test_endless_thoughts_are_no_strategy() -> None:
    with pytest.raises(ModelError, match="no text besides the model's reasoning"):
        Navigator(caller=scripted("navigator", f"<think>{STRATEGY}"), briefing=briefing()).write_guidance([])


def test_what_was_answered_before_is_not_asked_again() -> None:
    asked = scripted("navigator", ["garbage", STRATEGY])
    for _ in range(2):
        assert Navigator(caller=asked, briefing=briefing()).write_guidance([]).text == STRATEGY
    assert len(sent(asked)) == 2


def test_a_strategy_may_keep_the_last_block() -> None:
    before = STRATEGY + '\n```json\n{"prefer": {"r": {"32": 1, "48": 0}}}\n```'
    answer = STRATEGY + '\n```json\n{"keep": true, "count": 4}\n```'
    navigator = Navigator(caller=scripted("navigator", answer, answer), briefing=briefing())
    assert navigator.write_guidance([finished(1, guidance=before)]).block == {
        "prefer": {"r": {"32": 1, "48": 0}},
        "count": 4,
    }
    assert navigator.write_guidance([]).block == {"keep": True, "count": 4}
