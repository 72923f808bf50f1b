"""The command that writes or serves a report."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
import webbrowser
from pathlib import Path

import pytest

from tests.command_line import command
from tests.paths import ROOT

pytestmark = pytest.mark.usefixtures("own_place")
SEARCH = ("--supernet", "nasbench201", "--evaluations", 3)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Path:
    code, out, _ = command(*SEARCH, capsys=capsys)
    assert code == 0
    (folder,) = Path("runs").iterdir()
    assert f"report      {folder}/report.html" in out
    return folder


def test_a_report_is_written_beside_the_run_or_where_it_is_asked_for(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = (run / "report.html").read_text()
    (run / "report.html").unlink()
    assert command("report", run.name, capsys=capsys)[0] == 0
    assert (run / "report.html").read_text() == written
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", shown.append)
    assert command("report", run.name, "--out", "here.html", "--open", capsys=capsys)[0] == 0
    assert Path("here.html").read_text() == written
    assert shown == [Path("here.html").absolute().as_uri()]
    assert command("report", run.name, run.name, capsys=capsys)[0] == 0
    assert "nasbench201: 2 runs" in Path("report.html").read_text()


def test_mistakes_are_explained(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (("absent",), "no run 'absent'"),
        ((run.name, "--out", "absent/x.html"), "name another file with --out FILE"),
        ((run.name, "--watch", "--out", "x.html"), "--watch serves the report and writes no file"),
        (("absent", "--watch"), "no run 'absent'"),
        ((run.name, "--watch", "--port", 99999), "--port 99999: cannot be used"),
    ):
        code, _, err = command("report", *arguments, capsys=capsys)
        assert (code, message in err) == (2, True), err


def test_a_search_whose_report_cannot_be_written_has_its_result(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(*SEARCH, "--json", capsys=capsys)[0] == 0
    (folder,) = Path("runs").iterdir()
    (folder / "report.html").unlink()
    (folder / "report.html").mkdir()
    code, _, err = command("--resume", folder.name, capsys=capsys)
    assert code == 0
    assert "no report was written: cannot write" in err


def test_a_report_is_served_until_it_is_interrupted(run: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    arguments = [sys.executable, str(ROOT / "main.py"), "report", run.name, "--watch"]
    with subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found is not None, line
        assert run.name in urllib.request.urlopen(found[0]).read().decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
