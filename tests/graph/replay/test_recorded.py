"""A replay takes answers, feedback and scores from the record, and names the first difference."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.calls.transcript import Request
from agents.model_errors import CallError
from graph.archive.archive import Archive
from graph.replay.recorded import RecordedReviewer, ReplayDiffers, difference
from graph.steering import ACCEPT
from supernets.evaluate.evaluator import Evaluation
from supernets.evaluate.protocol import ProtocolMismatch
from tests.graph.fakes import (
    SPACE,
    FormulaEvaluator,
    HookedModel,
    config,
    eventful_script,
    models,
    protocol,
)
from tests.graph.replay.test_replay import assert_same, replayed, searched
from tests.graph.test_steering import edit, remark


def test_a_repair_that_never_came_does_not_come_in_the_replay_either(tmp_path: Path) -> None:
    class Failing(HookedModel):
        def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> Any:
            if "- attempt: 2" in str(messages[-1].content):
                raise CallError("gone", "wait", transient=False)
            return super()._generate(messages, *args, **kwargs)

    (scripted,) = models(eventful_script())["generator"]
    model = Failing(**dict(scripted))
    run = searched(tmp_path, config(), models={"navigator": [model], "generator": [model]})
    assert_same(run, replayed(run, FormulaEvaluator()))


def test_another_prompt_is_named_where_it_differs(tmp_path: Path) -> None:
    run = searched(tmp_path, config())
    run.write_config(config(target=99.0))
    with pytest.raises(
        ReplayDiffers, match=r"navigator, round 1, attempt 1: message 1 of 2: '.*' there, '- target: top1 >= 99"
    ):
        replayed(run, FormulaEvaluator())


def test_another_score_is_named(tmp_path: Path) -> None:
    class Other(FormulaEvaluator):
        def _evaluation(self, *arguments: Any) -> Evaluation:
            return replace(super()._evaluation(*arguments), top1=50.0)

    run = searched(tmp_path, config())
    with pytest.raises(ReplayDiffers, match=r'"r": .* on the search split: .* there, 50.0 ± .* --recorded-scores'):
        replayed(run, Other())
    with pytest.raises(ProtocolMismatch, match="weights: formula there, other here"):
        replayed(run, FormulaEvaluator(measured=protocol("other")))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE proposals SET reason = 'whim' WHERE verdict = 'duplicate' AND round = 2",
         "proposals, round 2: reason: 'whim' there, 'proposed in round 2' here"),
        ("DELETE FROM calls WHERE round = 2 AND role = 'navigator'", "navigator, round 2, attempt 1: the run made no"),
        ("DELETE FROM evaluations WHERE round = 2 AND idx = 0", "it scores .*, which the run did not"),
    ],
)  # fmt: skip
def test_a_record_that_was_tampered_with_is_told(tmp_path: Path, change: str, told: str) -> None:
    run = searched(tmp_path, config())
    with sqlite3.connect(run.archive) as connection:
        connection.execute(change)
    with pytest.raises(ReplayDiffers, match=told):
        replayed(run)


def request(**changes: Any) -> Request:
    values: dict[str, Any] = {
        "role": "navigator", "round": 1, "attempt": 1, "model": "m", "messages": ({"role": "user", "content": "abc"},)
    }  # fmt: skip
    return Request(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": "n"}, "model: m there, n here"),
        ({"schema": {"type": "object"}}, "schema: None there, {'type': 'object'} here"),
        ({"messages": ({"role": "user", "content": "abd"},)}, "message 1 of 1: 'c' there, 'd' here, 8 characters in"),
        ({"messages": ()}, "message 1 of 1: 'user: abc' there, ': ' here, 0 characters in"),
        ({"settings": {"temperature": 0.0}}, "nothing that was recorded"),
    ],
)
def test_the_first_difference_of_two_requests_is_named(changes: dict[str, Any], told: str) -> None:
    assert difference(request(), request(**changes)) == told


def test_recorded_feedback_is_repeated_in_order(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "archive.sqlite", SPACE)) as archive:
        archive.remarks.add(1, 1, "deeper")
        archive.begin_round(1, "edited", 0.0)
        archive.begin_round(2, "as written", 0.0)
        reviewer = RecordedReviewer(archive)
        assert reviewer({"round": 1, "strategy": "draft"}) == remark("deeper")
        assert reviewer({"round": 1, "strategy": "second draft"}) == edit("edited")
        assert reviewer({"round": 2, "strategy": "as written"}) == ACCEPT
