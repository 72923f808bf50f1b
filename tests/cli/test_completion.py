from __future__ import annotations

import subprocess
import sys

from cli.completion import run_ids, strategy_names, supernet_names
from tests.paths import ROOT


def test_names_that_begin_as_typed_are_offered() -> None:
    assert supernet_names("autoformer-b") == ["autoformer-base", "autoformer-base-wide"]
    assert strategy_names("evolution,re") == ["evolution,reinforce"]
    assert run_ids("no-run-begins-so") == []


def test_completing_imports_nothing_heavy() -> None:
    script = (
        "import sys, cli.completion as c; c.supernet_names(''); c.strategy_names(''); c.run_ids('');"
        "print([m for m in ('torch', 'scipy', 'litellm', 'langgraph') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
