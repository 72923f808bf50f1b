"""The commands of `docs/your-supernet.md`, in their order, on small images."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.supernets.finetune.pictures import draw

PAGE = (ROOT / "docs" / "your-supernet.md").read_text(encoding="utf-8")
QUICK = {
    "train": "--sandwich-epochs 1 --random-epochs 1 --width 0.5",
    "--supernet": "--evaluations 6 --per-round 3",
    "finetune": "--epochs 1 --batch 16",
}
"""Options that make a command of the page quick, by its first word."""


def run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_the_commands_of_the_page_work_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    draw(tmp_path / "IMAGES", 45, 0)
    draw(tmp_path / "IMAGES2", 30, 1)
    commands = re.findall(r"^\$ python main\.py (.*)$", PAGE, re.MULTILINE)
    assert [words.split()[0] for words in commands] == ["train", "--supernet", "export", "finetune"]
    for words in commands:
        words = f"{words} {QUICK.get(words.split()[0], '')}"
        runs = list((tmp_path / "runs").glob("*"))
        words = words.replace("RUN", f"runs/{runs[0].name}") if runs else words
        run([sys.executable, str(ROOT / "main.py"), *shlex.split(words)], tmp_path)
    (found,) = (tmp_path / "runs").iterdir()
    assert found.name.endswith("-TINY_RESNET-s0")
    (export,) = (found / "export").iterdir()
    assert {path.name for path in export.iterdir()} == {"README.md", "model.py", "model.safetensors", "model.onnx"}
    script = (
        "import sys, torch; sys.path.remove(''); from model import load; print(load()(torch.rand(2, 3, 32, 32)).shape)"
    )
    alone = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(export)!r}); {script}"]
    assert "torch.Size([2, 3])" in run(alone, tmp_path)


@pytest.mark.slow  # `test_tiny_resnet.py` has the same classes
def test_the_test_classes_of_the_page_pass(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "test_page.py").write_text(code)
    command = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import pytest; sys.exit(pytest.main(['-q', '.']))"
    assert " passed" in run([sys.executable, "-c", command], tmp_path)
