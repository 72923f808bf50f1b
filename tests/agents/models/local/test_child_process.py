from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agents.models.local.child_process import ChildProcess

READY = "print('http://127.0.0.1:1', flush=True);"
WAIT = "import sys; sys.stdin.read();"


@contextmanager
def child(program: str) -> Iterator[ChildProcess]:
    started = ChildProcess([sys.executable, "-S", "-c", program])
    try:
        yield started
    finally:
        started.stop()


def test_it_is_ready_when_it_has_printed_its_address_and_ends_with_its_input() -> None:
    with child(READY + WAIT) as started:
        assert started.wait_until_ready(30)
        assert started.address == "http://127.0.0.1:1"
        assert started.running
        started.stop()
        assert not started.running
        assert started.ending() == ": it ended with exit code 0"


@pytest.mark.parametrize("program", ["print('no address')", "raise SystemExit(3)"])
def test_without_an_address_it_is_never_ready(program: str) -> None:
    with child(program) as started:
        assert not started.wait_until_ready(30)


def test_waiting_for_the_address_ends_in_time() -> None:
    with child(WAIT) as started:
        start = time.monotonic()
        assert not started.wait_until_ready(0.05)
        assert time.monotonic() - start < 5


def test_the_end_of_its_log_explains_a_failure_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "correct horse battery")
    program = "import sys\nfor n in range(99): print('line', n, file=sys.stderr)\n"
    with child(program + "sys.exit('\\x1b[31mcorrect horse battery is wrong.')") as started:
        started.wait_until_ready(30)
        ending = started.ending()
    assert ending.startswith(": it ended with exit code 1; the end of its log: line 92 | line 93 | ")
    assert ending.endswith("[hidden] is wrong")


def test_a_kill_hints_at_memory() -> None:
    with child(READY + WAIT) as started:
        assert started.wait_until_ready(30)
        os.kill(started.pid, signal.SIGKILL)
        assert started.ending() == ": it ended with signal 9, as when the system runs out of memory"
