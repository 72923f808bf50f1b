from __future__ import annotations

import json

import pytest

import collm_nas
from tests.command_line import command

pytestmark = pytest.mark.usefixtures("own_place")


def test_two_runs_are_compared_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    collm_nas.search("nasbench201", evaluations=6, name="one")
    collm_nas.search("nasbench201", evaluations=6, strategy="random", seed=4, name="two")
    code, out, _ = command("diff", "one", "two", capsys=capsys)
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "strategy collm | random" in lines
    assert "seed 0 | 4" in lines
    assert not any(line.startswith("evaluations: ") for line in lines)
    assert "Report of the second less the first:" in out
    told = json.loads(command("diff", "one", "two", "--json", capsys=capsys)[1])
    assert told["runs"] == ["one", "two"]
    assert ["seed", "0", "4"] in told["settings"]
    assert isinstance(told["difference"], float)


def test_a_run_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    collm_nas.search("nasbench201", evaluations=2, name="one")
    code, _, err = command("diff", "one", "absent", capsys=capsys)
    assert (code, "no run 'absent'" in err) == (2, True)
