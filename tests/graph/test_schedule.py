"""Schedules, and what is none."""

from __future__ import annotations

import pytest

from common.errors import UserError
from graph.schedule import PAPER, USUAL, Schedule


def test_a_schedule_is_read_as_scorers_and_iterations() -> None:
    schedule = Schedule.parse("predictor:15, measured:2,predictor:3,measured:1")
    assert schedule.measured == 3
    assert [schedule.predicted_before(i) for i in range(3)] == [15, 0, 3]
    assert Schedule.parse(PAPER).measured == 15
    assert [Schedule.parse(USUAL).predicted_before(i) for i in range(5)] == [15] * 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss:3,measured:1", r"got the scorer 'loss'"),
        ("predictor:0,measured:1", r"each 1 to 1000, got '0' after predictor"),
        ("predictor,measured:1", r"got '' after predictor"),
        ("predictor:²,measured:1", r"got '²' after predictor"),
        ("measured:5,predictor:5", r"expected measured at the end"),
        ("", r"got the scorer ''"),
    ],
)
def test_what_is_no_schedule_is_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Schedule.parse(text)
