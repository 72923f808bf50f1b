"""The public names for scripts, and the examples that use them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import collm_nas
from tests.paths import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("name", collm_nas.__all__)
def test_every_public_name_is_found(name: str) -> None:
    assert getattr(collm_nas, name).__name__ == name
    assert name in dir(collm_nas)


def test_another_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'absent'"):
        collm_nas.absent  # noqa: B018


def test_the_import_alone_brings_nothing_heavy() -> None:
    script = "import sys, collm_nas; print(len({'torch', 'litellm', 'numpy', 'pydantic', 'graph'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_from_another_folder(example: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); "
               f"runpy.run_path({str(example)!r}, run_name='__main__')"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "top-1: " in done.stdout
