"""The server as a real process: begun, used, failing, and gone when it should be, also after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.model_errors import CallError
from agents.models.local.child_process import ChildProcess
from agents.models.local.server import ModelServer
from common.errors import UserError
from tests.paths import ROOT

FAKE = Path(__file__).with_name("llama.py")


def server(behaviour: str, start_timeout: float = 30) -> ModelServer:
    return ModelServer([sys.executable, str(FAKE), behaviour], start_timeout)


def gone(pid: int, within: float = 5) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_it_begins_at_the_first_question_and_stops_when_told() -> None:
    asked = server("echo")
    assert asked.pid is None
    answer = asked.ask({"n": 1}, 30)
    first = asked.pid
    assert first is not None
    assert answer["choices"][0]["message"]["content"] == '{"echo": {"n": 1}}'
    asked.ask({"n": 2}, 30)
    assert asked.pid == first
    asked.stop()
    assert gone(first)


def killed_after_an_answer() -> tuple[ModelServer, int]:
    asked = server("echo")
    asked.ask({}, 30)
    first = asked.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert gone(first)
    return asked, first


def test_one_that_was_killed_between_two_questions_is_begun_again() -> None:
    asked, first = killed_after_an_answer()
    asked.ask({}, 30)
    assert asked.pid != first
    asked.stop()


def test_one_whose_death_the_system_has_not_told_yet_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, first = killed_after_an_answer()
    outdated = iter([True])
    monkeypatch.setattr(ChildProcess, "running", property(lambda child: next(outdated, child._process.poll() is None)))
    asked.ask({}, 30)
    assert asked.pid != first
    asked.stop()


def test_a_death_during_a_question_is_told_with_the_last_words_and_worth_another_try() -> None:
    with pytest.raises(CallError, match=r"exit code 3; the end of its log: ggml: out of tricks") as fault:
        server("crash").ask({}, 30)
    assert fault.value.transient


def test_a_refusal_is_not_worth_another_try() -> None:
    asked = server("refuse")
    with pytest.raises(CallError, match="HTTP 400") as fault:
        asked.ask({}, 30)
    assert not fault.value.transient
    asked.stop()


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(UserError, match=r"did not start: it ended with exit code 1; .*the file is cut short"):
        server("broken").ask({}, 30)


def test_waiting_for_a_server_has_an_end() -> None:
    asked = server("mute", start_timeout=0.3)
    start = time.monotonic()
    with pytest.raises(UserError, match="did not start"):
        asked.ask({}, 30)
    assert time.monotonic() - start < 5
    assert asked.pid is not None
    assert gone(asked.pid)


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os._exit(130)", "pass"])
def test_nothing_is_left_however_the_program_ends(end: str) -> None:
    program = f"""
import os
from agents.models.local.child_process import ChildProcess
from agents.models.local.server import ModelServer
asked = ModelServer([{sys.executable!r}, {str(FAKE)!r}, "echo"])
asked.ask({{}}, 30)
print(asked.pid, flush=True)
{end}
"""
    parent = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, timeout=60)
    assert gone(int(parent.stdout))
