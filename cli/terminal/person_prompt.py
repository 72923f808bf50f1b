"""Asks the reviewer at the terminal for feedback on a strategy: accept it, edit it in an editor, or remark on it.

Notable: the trace leaves the terminal to the prompt and the editor meanwhile. The reviewer's text is cleaned, as a
model's text is.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from agents.text.guidance import missing_headings, parse_guidance
from agents.text.sanitize import clean
from graph.steering import ACCEPT, Feedback, ReviewRequest

MENU = "Enter accepts the strategy, e edits it, r asks for another with a remark: "
REMARK = "Your remark, on one line: "


class TerminalReviewer:
    """A `graph.steering.Reviewer` at a terminal.

    Args:
        suspended: returns a context in which nothing else writes to the terminal.
        show: prints a line.
        prompt: prints its argument and returns the line that was typed; EOFError at the end of input.
        environment: names the editor: VISUAL, else EDITOR, else vi.
    """

    def __init__(
        self,
        suspended: Callable[[], AbstractContextManager[None]],
        *,
        show: Callable[[str], None] = print,
        prompt: Callable[[str], str] = input,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._suspended = suspended
        self._show = show
        self._prompt = prompt
        self._editor = environment.get("VISUAL") or environment.get("EDITOR") or "vi"

    def __call__(self, request: ReviewRequest) -> Feedback:
        """
        Raises:
            KeyboardInterrupt: Ctrl-C, or Ctrl-D at a prompt.
        """
        import readline  # noqa: F401  # gives `input` its editing keys

        with self._suspended():
            try:
                return self._feedback(request["strategy"])
            except EOFError:
                raise KeyboardInterrupt from None

    def _feedback(self, strategy: str) -> Feedback:
        draft = strategy
        while True:
            match self._prompt(MENU).strip().lower():
                case "" | "a":
                    return ACCEPT
                case "r":
                    if remark := clean(self._prompt(REMARK)).strip():
                        return {"kind": "remark", "text": remark}
                case "e":
                    draft = self._edit(draft)
                    if draft == strategy.strip():
                        continue
                    if not (problem := _problem(draft)):
                        return {"kind": "edit", "text": draft}
                    # The text is kept for the next edit: it may have taken a while to write.
                    self._show(f"This cannot be used: {problem}. Enter e to continue editing it.")

    def _edit(self, draft: str) -> str:
        """The text after the editor; `draft` itself when the editor failed."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "strategy.md"
            path.write_text(draft + "\n", encoding="utf-8")
            try:
                status = subprocess.run([*shlex.split(self._editor), str(path)]).returncode
                text = clean(path.read_text(encoding="utf-8", errors="replace")).strip()
            except (OSError, ValueError) as error:
                self._show(f"The editor cannot be started ({error}): set VISUAL or EDITOR to an editor's command.")
                return draft
        if status:
            self._show(f"The editor {self._editor} ended with status {status}; nothing was changed.")
        return draft if status else text


def _problem(text: str) -> str:
    """Why an edited strategy cannot be used; empty if it can."""
    if missing := missing_headings(text):
        return f"it lacks {', '.join(f'## {heading}' for heading in missing)}"
    return parse_guidance(text).problem
