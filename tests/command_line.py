"""Commands as a person types them, run in this process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import main

TIMES = {"seconds", "elapsed", "remaining", "model_seconds", "scoring_seconds", "run"}


def command(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command, in this process."""
    capsys.readouterr()
    code: Any = 0
    argv, sys.argv = sys.argv, ["main.py", *map(str, arguments)]
    try:
        main.run()
    except SystemExit as exit_:
        code = exit_.code or 0
    finally:
        sys.argv = argv
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def search_events(images: Path, capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, Any]]:
    arguments = ("--supernet", "ofa", "--images", images, "--evaluations", 20, "--json", *arguments)
    code, out, err = command(*arguments, capsys=capsys)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value
