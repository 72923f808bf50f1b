"""A finished search, repeated from its record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import command

SEARCH = ("--supernet", "nasbench201", "--evaluations", 12, "--quiet")


pytestmark = pytest.mark.usefixtures("own_place")


def result_of(run: Path) -> object:
    return json.loads((run / "result.json").read_text())


@pytest.mark.parametrize("options", [(), ("--recorded-scores",)])
def test_a_replay_ends_with_the_result_of_its_run(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(*SEARCH, capsys=capsys)[0] == 0
    (run,) = Path("runs").iterdir()
    code, out, err = command("replay", run.name, *options, "--quiet", capsys=capsys)
    assert (code, err) == (0, "")
    repeated = Path(f"runs/{run.name}-replay")
    assert f"the replay equals its run: {repeated}" in out
    assert result_of(repeated) == result_of(run)


def test_a_run_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command("replay", "nowhere", capsys=capsys)
    assert (code, "no run 'nowhere'" in err) == (2, True)
