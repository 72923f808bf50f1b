"""The configuration of a run: what it refuses, and what its file keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.models.settings import ModelSettings, Price
from common.errors import UserError
from graph.config import Config
from tests.graph.fakes import config

SPARE = ModelSettings(name="b", price=Price(1e-6, 2e-6))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"evaluations": 0}, "evaluations: expected 1 or more, got 0"),
        ({"evaluations": 2.5}, "evaluations: expected a valid integer, got 2.5"),
        ({"minutes": 0.0}, "minutes: expected more than 0, got 0.0"),
        ({"minutes": float("inf")}, "minutes: expected a finite number, got inf"),
        ({"target": 120.0}, "target: expected 100 or less, got 120.0"),
        ({"race_error": 1.0}, "race_error: expected less than 1, got 1.0"),
        ({"fidelity": "low"}, "fidelity: expected full or race, got 'low'"),
        ({"per_round": 0, "tokens": 0}, "tokens: expected more than 0, got 0; per_round: expected 1 or more, got 0"),
        ({"sed": 3}, r"unknown setting 'sed' \(did you mean seed\?\): expected one of analyst_share, "),
        ({"strategy": "sillm", "models": {"navigator": SPARE, "generator": ModelSettings(name="a")}}, "got a and b"),
        ({"single": True, "generator_memory": True}, "leave out --no-navigator-memory and --generator-memory"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_all_at_once(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        config(**change)


def test_a_copy_with_other_values_is_checked_and_leaves_the_original() -> None:
    original = config()
    assert original.changed(seed=9).seed == 9
    assert original.seed == 1
    with pytest.raises(UserError, match="per_round: expected 1 or more"):
        original.changed(per_round=0)


def test_its_text_gives_back_the_same_configuration() -> None:
    models = {"navigator": ModelSettings(name="a", temperature=0.1, fallbacks=(SPARE,)), "generator": SPARE}
    original = config(minutes=2.5, target=80, models=models, limits={"macs_m": 350})
    assert Config.from_json(original.to_json(), "config.json") == original
    # The folder of a study is named by a hash of this text.
    assert '"macs_m": 350\n' in original.to_json()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "file is not the configuration of a run"),
        ("[]", "file is not the configuration of a run"),
        ('{"schema": 3, "supernet": "ofa"}', "file has schema 3, this program reads schemas up to 2"),
        ('{"schema": 1, "supernet": "ofa", "colour": "red"}', "file: unknown setting 'colour': expected one of "),
        ('{"schema": 1}', "file: supernet: expected a value, got none"),
    ],
)
def test_a_text_that_is_no_configuration_is_refused_with_its_file(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Config.from_json(text, "file")


def test_a_configuration_of_the_first_schema_names_its_models_alone() -> None:
    text = json.dumps({"schema": 1, "supernet": "ofa", "models": {"navigator": "openai/x", "generator": "offline"}})
    models = {"navigator": ModelSettings(name="openai/x"), "generator": ModelSettings(name="offline")}
    assert Config.from_json(text, "config.json") == Config(supernet="ofa", models=models)


def test_lists_of_limits_make_a_sweep_with_smaller_rounds() -> None:
    swept = config(limits={"macs_m": [350, 200], "params_m": 6})
    assert (swept.limits, swept.sweep) == ({"macs_m": 350, "params_m": 6}, {"macs_m": [200, 350]})
    limits: Any = {"macs_m": [200, 350]}
    assert Config(supernet="ofa", limits=limits).per_round == 8
    assert Config(supernet="ofa", objective="macs_m", per_round=16).per_round == 16
    assert Config.from_json(swept.to_json(), "config.json") == swept
    assert swept.changed(seed=5).sweep == swept.sweep


def test_settings_of_one_limit_are_the_text_that_they_were() -> None:
    # Else a run of an earlier version would be told that its settings have changed.
    assert "sweep" not in config().to_json()
    assert "objective" not in config().to_json()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"limits": {"macs_m": [1, 2], "params_m": [1, 2]}}, "expected several maxima of one cost"),
        ({"limits": {"macs_m": [1]}}, r"limits.macs_m: expected two or more different maxima, got \[1\]"),
        ({"limits": {"macs_m": [1, "a"]}}, "limits.macs_m: expected positive numbers"),
        ({"limits": {"macs_m": [1, 2]}, "objective": "params_m"}, "objective: expected no list of limits beside it"),
        ({"limits": {"macs_m": [1, 2]}, "fidelity": "race"}, "fidelity: expected full with several limits"),
        ({"objective": "macs_m", "target": 70.0}, "target: expected none with an objective"),
    ],
)
def test_a_sweep_that_cannot_be_searched_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Config(supernet="ofa", **change)


def test_a_supernet_is_the_only_setting_without_a_default() -> None:
    assert Config(supernet="ofa").evaluations == 80
