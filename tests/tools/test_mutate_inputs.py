"""A few changed inputs of each kind; `python -m tools.mutate_inputs` tries a thousand."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import mutate_inputs
from tools.mutate_inputs import FAILED, HARMS, Outcome, Target, judge, mutate, targets

COUNTS = {"images": 2, "weights": 4, "genotypes": 12, "finished runs": 6, "unfinished runs": 6, "replays": 6}


@pytest.mark.parametrize("target", targets(), ids=[target.name for target in targets()])
def test_no_changed_input_gives_a_traceback_or_an_unexplained_score(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ended = list(mutate(target, COUNTS[target.name], 1, tmp_path))
    assert [each for each in ended if each[0] in FAILED] == []
    assert len(ended) == COUNTS[target.name]


@pytest.mark.parametrize("harm", HARMS)
def test_the_same_seed_harms_a_file_in_the_same_way(harm: Callable[[Path, random.Random], str], tmp_path: Path) -> None:
    done = []
    for _ in range(2):
        path = tmp_path / "file"
        path.write_bytes(bytes(range(256)) * 40)
        told = harm(path, random.Random(3))
        done.append((told, path.read_bytes() if path.is_file() else path.is_dir()))
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    assert done[0] == done[1]
    assert done[0][1] != bytes(range(256)) * 40


TARGET = Target("finished runs", lambda f: None, lambda f, rng: "", lambda f: ("command",))
CLEAN = Outcome(0, json.dumps({"architecture": "a", "search_top1": 1.0, "report_top1": 2.0})), "", dict[str, bytes]()


@pytest.mark.parametrize(
    ("outcome", "ended"),
    [
        (Outcome(1, "", "Traceback"), "TRACEBACK"),
        (Outcome(2, "error: no"), "refused"),
        (Outcome(3, ""), "UNEXPLAINED"),
        (Outcome(0, CLEAN[0].text), "same"),
        (Outcome(0, json.dumps({"architecture": "a", "search_top1": 9.0, "report_top1": 2.0})), "UNEXPLAINED"),
        (
            Outcome(0, '{"event":"message","level":"warning"}\n{"architecture": "b", "search_top1": 9.0}'),
            "noted",
        ),
    ],
)
def test_what_must_not_happen_is_called_so(
    outcome: Outcome, ended: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutate_inputs, "run", lambda arguments: outcome)
    assert judge(TARGET, tmp_path, CLEAN)[0] == ended
