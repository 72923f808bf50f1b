"""Names become objects once, and a search is shown and interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.session import diagram, open_sink
from common.errors import UserError
from graph.config import Config
from graph.opening import open_space
from graph.run_folder import RunFolder
from tests.agents import chat_server as server
from tests.agents.chat_server import serving
from tests.command_line import command
from tests.paths import ROOT

TABLE = Config(supernet="nasbench201", dataset="cifar100", latency_device="pixel3")


pytestmark = pytest.mark.usefixtures("own_place")


def test_a_trace_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, TABLE)
    folder.trace.mkdir()
    with pytest.raises(UserError, match=r"cannot write .*trace\.txt"), open_sink(folder, quiet=True, json_lines=False):
        pass


def test_a_diagram_is_of_the_architecture() -> None:
    space = open_space(Config(supernet="spos"))
    draw = diagram(space, 80, True)
    assert draw(space.smallest()) != draw(space.largest())


def test_an_interrupted_search_says_how_to_continue_and_can_be(images: Path, tmp_path: Path) -> None:
    """A search in a process of its own, interrupted once its first scores are shown."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLLM_LLM": "analyst", "XDG_CACHE_HOME": str(tmp_path)}
    search = [
        sys.executable, str(ROOT / "main.py"), "--supernet", "ofa", "--images", str(images), "--evaluations", "40",
        "--strategy", "random", "--json",
    ]  # fmt: skip
    with subprocess.Popen(
        search, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "evaluated":
                process.send_signal(signal.SIGINT)
                break
        process.stdout.read()
        err = process.stderr.read()
    (run,) = (tmp_path / "runs").iterdir()
    assert (process.returncode, f"Continue: python main.py --resume runs/{run.name}" in err) == (130, True)
    again = [sys.executable, str(ROOT / "main.py"), "--resume", run.name, "--json"]
    done = subprocess.run(again, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["result"]["evaluations"] == 40


def test_a_search_whose_model_fails_says_how_to_continue_and_no_stream_is_requested_if_unwanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(server.fails(401)) as chat:
        code, _, err = command(
            "--supernet", "nasbench201", "--quiet", "--no-stream", "--llm", "hosted_vllm/pocket",
            "--api-base", chat.url,
            capsys=capsys,
        )  # fmt: skip
    assert code == 2
    (run,) = Path("runs").iterdir()
    assert err.rstrip().endswith(f"Nothing recorded so far is lost. Continue: python main.py --resume {run}")
    assert "stream" not in chat.requests[0]


@pytest.mark.parametrize("arguments", [("doctor", "--probe"), ("--supernet", "nasbench201", "--quiet", "--llm")])
def test_doctor_and_a_search_reach_a_server_on_this_machine_past_proxies(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "::1/128")
    with serving(server.fails(401)) as chat:
        _, _, err = command(*arguments, "hosted_vllm/pocket", "--api-base", chat.url, capsys=capsys)
    assert "AuthenticationError (HTTP 401)" in err
    assert "resume the run" not in err
    assert len(chat.requests) == 1
