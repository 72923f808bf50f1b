from __future__ import annotations

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from cli.shared_options import with_options_of


def first(
    name: Annotated[str, typer.Option(help="A name.")] = "none",
    count: Annotated[int, typer.Option(help="A number.")] = 3,
    resume: Annotated[str | None, typer.Option(help="A run.")] = None,
) -> None:
    """The command that defines the options."""


@with_options_of(first, without=("resume",))
def second(context: typer.Context, name: Annotated[str, typer.Option(help="Its own name.")] = "own") -> None:
    """The command that shares them."""
    print(name, context.params["name"], context.params["count"])


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command()(second)
    return app


def test_a_command_has_the_options_of_the_other_and_keeps_its_own(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, []).output == "own own 3\n"
    assert CliRunner().invoke(app, ["--name", "a", "--count", "7"]).output == "a a 7\n"
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120", "TERM": "dumb"}).output
    assert "Its own name." in shown
    assert "A number." in shown
    assert "The command that shares them." in shown


def test_options_that_are_left_out_are_unknown(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["--resume", "x"]).exit_code == 2


def test_values_are_checked_as_in_the_other_command(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["--count", "many"]).exit_code == 2
