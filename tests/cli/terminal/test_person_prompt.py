"""The question at a real pseudo-terminal, with real keys and a real editor."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from cli.terminal.person_prompt import MENU, REMARK, TerminalReviewer
from graph.run_folder import RunFolder
from graph.steering import ACCEPT, Feedback, ReviewRequest
from tests.graph.fakes import STRATEGY, config, contents
from tests.paths import ROOT

REQUEST: ReviewRequest = {"round": 1, "strategy": STRATEGY.format(1)}
KEY = "with a remark: "


class Keys:
    """A terminal and the person before it."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._after = 0
        self.seen = ""

    def wait(self, text: str, seconds: float = 30) -> None:
        """Until the text stands on the screen, after what was waited for before."""
        end = time.monotonic() + seconds
        while (at := self.seen.find(text, self._after)) < 0:
            assert select.select([self._master], [], [], max(0, end - time.monotonic()))[0], self.seen
            self.seen += os.read(self._master, 65536).decode(errors="replace")
        self._after = at + len(text)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())


@contextmanager
def at_terminal(folder: RunFolder, editor: str) -> Iterator[tuple[Keys, subprocess.Popen[bytes]]]:
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "VISUAL": editor, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.graph.steered", str(folder.path)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    try:
        yield Keys(master), process
    finally:
        process.kill()
        process.wait()
        os.close(master)


def editor(tmp_path: Path, work: str) -> str:
    """The command of an editor that does `work` to the text of the file."""
    path = tmp_path / "editor.py"
    path.write_text(f"import pathlib, sys\npath = pathlib.Path(sys.argv[-1])\ntext = path.read_text()\n{work}\n")
    return f"{sys.executable} {path}"


def test_edit_remark_kill_and_accept_at_a_terminal(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config(interactive=True))
    edits = editor(tmp_path, "path.write_text(text.replace('as planned', 'edited by hand'))")
    with at_terminal(folder, edits) as (keys, process):
        keys.wait(KEY)
        assert "as planned" in keys.seen
        keys.type("r\r")
        keys.wait("on one line: ")
        keys.type("Deeper, please.\r")
        keys.wait("as remarked")
        keys.wait(KEY)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    with at_terminal(folder, edits) as (keys, process):
        keys.wait(KEY)
        assert "as remarked" in keys.seen
        keys.type("\r")
        keys.wait("round 2")
        keys.wait(KEY)
        keys.type("e\r")
        keys.wait(" edit the strategy")
        keys.wait("edited by hand")
        keys.wait("round 3")
        keys.wait(KEY)
        keys.type("\r")
        keys.wait("budget of 14 evaluations spent")
        assert process.wait(30) == 0
        assert keys.seen.count("\x1b[?25h") >= keys.seen.count("\x1b[?25l") > 0
    rounds = contents(folder.archive)["rounds"]
    assert [text for _, _, text, *_ in rounds] == [
        STRATEGY.format("as remarked"), STRATEGY.format("edited by hand"), STRATEGY.format("as planned")
    ]  # fmt: skip
    assert contents(folder.archive)["remarks"] == [(1, 1, "Deeper, please.")]


def asked(lines: list[str], editor: str = "true") -> tuple[Feedback, list[str]]:
    """The feedback of these typed lines, and what was shown to the reviewer."""
    said: list[str] = []

    def ask(prompt: str) -> str:
        said.append(prompt)
        if not lines:
            raise EOFError
        return lines.pop(0)

    feedback = TerminalReviewer(nullcontext, show=said.append, prompt=ask, environment={"VISUAL": editor})(REQUEST)
    return feedback, [line for line in said if line not in (MENU, REMARK)]


def test_only_what_is_meant_ends_the_question(tmp_path: Path) -> None:
    assert asked(["what?", "r", "  ", "e", ""]) == (ACCEPT, [])
    assert asked(["r", "more \x1b[31mdepth"]) == ({"kind": "remark", "text": "more depth"}, [])
    with pytest.raises(KeyboardInterrupt):
        asked(["r"])


def test_what_cannot_be_used_is_said_and_kept_for_the_next_edit(tmp_path: Path) -> None:
    breaks, mends = (
        "text.replace('## Dir', 'Our dir')",
        "text.replace('Our dir', '## Dir').replace('All', 'Nearly all')",
    )
    own = editor(tmp_path, f"path.write_text({breaks} if '## Dir' in text else {mends})")
    feedback, said = asked(["e", "e"], own)
    assert said == ["This cannot be used: it lacks ## Directions. Enter e to continue editing it."]
    assert feedback == {"kind": "edit", "text": STRATEGY.format(1).replace("All", "Nearly all")}
    assert asked(["e", ""], own)[0] == ACCEPT


@pytest.mark.parametrize(
    ("command", "told"), [("false", "ended with status 1"), ("/no/such/editor", "set VISUAL or EDITOR")]
)
def test_an_editor_that_fails_changes_nothing(command: str, told: str) -> None:
    feedback, said = asked(["e", ""], command)
    assert feedback == ACCEPT
    assert told in said[0]
