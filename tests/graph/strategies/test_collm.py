"""The Navigator's guidance as CoLLM-NAS uses it."""

from __future__ import annotations

from dataclasses import replace

from graph.context import RunContext
from graph.events import Event, Message
from graph.strategies.collm import CoLLM
from tests.graph.fakes import STRATEGY, models


def test_guidance_that_stays_incomplete_is_used_with_a_warning(context: RunContext) -> None:
    shown: list[Event] = []
    incomplete = "## Summary\nToo short."
    chain = models({"navigator": [[incomplete] * 3], "generator": []})
    strategy = CoLLM(replace(context, emit=shown.append), chain)
    assert strategy.write_guidance(1) == incomplete
    (warning,) = [event for event in shown if isinstance(event, Message)]
    assert warning.level == "warning"
    assert warning.text.startswith("The strategy of round 1 is used as it is, though it lacks the heading")


def test_remarks_on_a_draft_are_answered(context: RunContext) -> None:
    context.archive.remarks.add(1, 1, "deeper")
    chain = models({"navigator": [[STRATEGY.format("first"), STRATEGY.format("second")]], "generator": []})
    assert CoLLM(context, chain).write_guidance(1) == STRATEGY.format("second")
