"""The entry point: light help, packages of other programs, shell completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import main
from tests.paths import ROOT


def test_help_is_light() -> None:
    heavy = ("torch", "litellm", "langgraph", "numpy", "networkx", "pydantic", "rich")
    script = f"import sys, main; main.command_line(); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    # typer brings rich for its help pages; nothing heavier may come along.
    assert set(json.loads(done.stdout.replace("'", '"'))) <= {"rich"}


def run_main(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`main.py` in a process of its own, whose working directory is `folder`."""
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", main.PACKAGES)
def test_a_package_of_another_program_is_named_instead_of_imported(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    foreign = tmp_path / name / "__init__.py"
    foreign.write_text("raise SystemExit('imported')")
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import main; sys.path.insert(0, {str(tmp_path)!r}); main.run()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: the package {name!r} of this program is hidden: ")
    assert f"but Python imports {foreign}, which belongs to another program" in done.stderr
    assert "`uv tool install`" in done.stderr


def test_a_package_whose_files_were_replaced_is_named_too(tmp_path: Path) -> None:
    """Two programs that install the same package into one environment share its folder; the last one's files win."""
    replaced = tmp_path / "agents"
    replaced.mkdir()
    (replaced / "__init__.py").write_text('"""Agents of another program."""')
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import main; sys.path.insert(0, {str(tmp_path)!r}); "
    script += f"from pathlib import Path; print(main.foreign_package(Path({str(tmp_path)!r})))"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"Python imports {replaced / '__init__.py'}, which belongs to another program" in done.stdout


def completed(folder: Path, line: str) -> list[str]:
    """What a bash user is offered after typing `line` and a tabulator."""
    words = line.split(" ")
    variables = {"_MAIN.PY_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return run_main(folder, **variables).stdout.split()


def test_a_shell_completes_supernets_strategies_and_runs(tmp_path: Path) -> None:
    for name in ("20260101-ofa-s1", "20260102-spos-s1"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "config.json").write_text("{}")
    assert completed(tmp_path, "main.py --supernet nasb") == ["nasbench201", "nasbench-macro"]
    assert completed(tmp_path, "main.py --strategy evolution-") == ["evolution-spos", "evolution-ofa"]
    assert completed(tmp_path, "main.py --resume 2026") == ["20260102-spos-s1", "20260101-ofa-s1"]
    assert completed(tmp_path, "main.py compare --strategies random,loc") == ["random,local"]


@pytest.mark.parametrize(
    ("redirection", "code", "told"),
    [(">&-", 2, ""), ("2>&-", 2, ""), ("<&-", 2, "absent.json: cannot be read"), (">&- 2>&- <&-", 2, "")],
)
def test_closed_streams_are_no_error(redirection: str, code: int, told: str, tmp_path: Path) -> None:
    command = f"{sys.executable} {ROOT / 'main.py'} evaluate --supernet nasbench201 absent.json {redirection}"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_output_that_cannot_be_written_is_told_and_the_run_is_recorded(tmp_path: Path) -> None:
    search = (
        f"{sys.executable} {ROOT / 'main.py'} --supernet nasbench201 --evaluations 20 --strategy random > /dev/full"
    )
    done = subprocess.run(search, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "error: the output cannot be written (No space left on device)" in done.stderr
    assert "Traceback" not in done.stderr
    (run,) = (tmp_path / "runs").iterdir()
    assert json.loads((run / "result.json").read_text())["evaluations"] == 20
