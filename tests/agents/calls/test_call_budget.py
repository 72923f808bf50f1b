from __future__ import annotations

from agents.calls.call_budget import CallBudget, UnlimitedCalls
from agents.calls.transcript import Request


def test_without_a_limit_every_call_may_be_made_with_an_answer_of_any_length() -> None:
    budget: CallBudget = UnlimitedCalls()
    request = Request(role="navigator", round=1, attempt=1, model="toy", messages=())
    for _ in range(3):
        assert budget.reserve(request) is None
    budget.release()
