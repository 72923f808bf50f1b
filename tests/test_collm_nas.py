"""The public names for scripts, and the examples that use them."""

from __future__ import annotations

import json
import re
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
    printed = run(f"import runpy; runpy.run_path({str(example)!r}, run_name='__main__')", tmp_path)
    assert "top-1: " in printed


@pytest.mark.parametrize(
    ("notebook", "printed"), [("search_and_export", "model.safetensors"), ("own_scores", "[]\nTrue\n")]
)
def test_a_notebook_runs_from_another_folder(notebook: str, printed: str, tmp_path: Path) -> None:
    cells = json.loads((ROOT / "examples" / f"{notebook}.ipynb").read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert printed in run("\n".join(code), tmp_path)


def test_the_code_of_the_page_on_python_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    for code in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        assert re.search(r"^\d+(\.\d+| evaluations)", run(code, tmp_path))


def run(code: str, folder: Path) -> str:
    """What a script prints that runs in a folder of its own."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
