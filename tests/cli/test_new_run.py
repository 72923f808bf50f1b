"""The configuration of a run as options and defaults make it, and the reasons that the header shows."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import typer

from cli.new_run import new_config
from cli.search import search
from cli.terminal.run_header import SettingReasons
from common.errors import UserError
from graph.config import Config


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLM_LLM", raising=False)


def made(*arguments: str) -> tuple[Config, SettingReasons]:
    app = typer.Typer()
    app.command()(search)
    with typer.main.get_command(app).make_context("search", list(arguments)) as context:
        return new_config(cast(typer.Context, context), context.params)


def test_options_and_defaults_make_a_configuration() -> None:
    config, reasons = made("--supernet", "ofa", "--evaluations", "30", "--max-params", "6", "--llm", "analyst")
    assert (config.supernet, config.evaluations, config.seed) == ("ofa", 30, 0)
    assert config.limits == {"params_m": 6.0}
    assert {settings.name for settings in config.models.values()} == {"analyst"}
    assert reasons.why("seed") == "the default"
    assert reasons.why("weights") == "bundled, because none were named"


def test_a_supernet_has_a_limit_of_its_own() -> None:
    config, reasons = made("--supernet", "spos")
    assert config.limits == {"macs_m": 330}
    assert reasons.why("limits") == "the default for spos"


def test_a_predictor_is_a_supernet_of_its_own_and_paths_are_absolute(tmp_path: Path) -> None:
    assert made("--supernet", "ofa-w1.0", "--score", "predictor")[0].supernet == "ofa-w1.0-predicted"
    assert made("--supernet", "ofa", "--images", "here")[0].images == str(tmp_path / "here")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--score", "guessed"], "--score: expected measured or predictor"),
        (["--target", "0.75"], "write --target 75"),
        (["--race-error", "0.1"], "--race-error only applies with --fidelity race"),
        (["--strategy", "random", "--disguise"], "--disguise hides names from language models"),
        (["--max-macs", "-1"], "--max-macs: expected a positive number, or several separated by commas; got '-1'"),
        (["--max-macs", "200,"], "--max-macs: expected a positive number, or several separated by commas; got '200,'"),
        (["--max-macs", "200,200"], "limits.macs_m: expected two or more different maxima, got"),
        (
            ["--max-macs", "200,300", "--max-params", "5,6"],
            "expected several maxima of one cost, got them of macs_m",
        ),
        (["--max-macs", "200,300", "--target", "75"], "target: expected none with several limits, got 75"),
        (["--objective", "macs", "--fidelity", "race"], "fidelity: expected full with an objective, got race"),
        (
            ["--objective", "watts"],
            "--objective: unknown cost 'watts': expected one of macs, params, paper",
        ),
        (["--images", "a", "--imagenet", "b"], "--images and --imagenet: expected at most one"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        made("--supernet", "ofa", *arguments)
