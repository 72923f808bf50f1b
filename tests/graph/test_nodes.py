"""Each node names the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from langgraph.runtime import Runtime

from graph import nodes


@dataclass
class FakeRunner:
    """A runner whose rounds await review or stop, as told; `calls` lists what the nodes had it do."""

    review: bool = False
    stop: str = ""
    first: str = "navigator"
    calls: list[str] = field(default_factory=list)

    @property
    def strategy(self) -> FakeRunner:
        return self

    def awaits_review(self, round: int) -> bool:
        return self.review

    def draft(self, round: int) -> str:
        return f"draft {round}"

    def guidance(self, round: int) -> str:
        return f"guidance {round}"

    def remarks(self, round: int) -> int:
        return 2

    def propose(self, round: int) -> None:
        self.calls.append(f"propose {round}")

    def finish(self, round: int) -> str:
        return self.stop


def runtime(**values: Any) -> Runtime[Any]:
    return Runtime(context=FakeRunner(**values))


def test_guidance_goes_to_the_generator_and_a_draft_to_the_reviewer() -> None:
    final = nodes.navigator({"round": 3}, runtime())
    assert (final.goto, final.update) == ("generator", {"strategy": "guidance 3"})
    draft = nodes.navigator({"round": 3}, runtime(review=True))
    assert (draft.goto, draft.update) == ("person", {"strategy": "draft 3", "remarks": 2})


def test_feedback_that_was_applied_before_a_kill_is_not_requested_again() -> None:
    assert nodes.reviewer({"round": 1, "strategy": "s", "remarks": 0}, runtime()).goto == "generator"


def test_the_generator_proposes_and_goes_to_the_coordinator() -> None:
    run = runtime()
    assert nodes.generator({"round": 2}, run).goto == "coordinator"
    assert run.context.calls == ["propose 2"]


@pytest.mark.parametrize("first", ["navigator", "generator"])
def test_the_next_round_begins_where_the_strategy_does(first: str) -> None:
    command = nodes.coordinator({"round": 2}, runtime(first=first))
    assert (command.goto, command.update) == (first, {"round": 3})


def test_a_search_that_stops_ends_with_its_reason() -> None:
    command = nodes.coordinator({"round": 2}, runtime(stop="enough"))
    assert (command.goto, command.update) == ("__end__", {"stopped_because": "enough"})
