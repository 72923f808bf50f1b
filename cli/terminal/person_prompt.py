"""Asks the person at the terminal for their word on a strategy: accept it, edit it in their editor, or remark on it.

Notable: keys and the editor are those of the terminal; the trace gives it up for as long as they need. What comes back
is cleaned, as a model's text is.
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

MENU = "Enter accepts the strategy, e edits it, r remarks on it and has it written again: "
REMARK = "Your remark, on one line: "


class Terminal:
    """A `graph.steering.Person` at a terminal.

    Args:
        suspended: gives a context in which nothing else writes to the terminal.
        say: shows one line.
        ask: shows its argument and returns the line that was typed; EOFError at the end of all input.
        environment: where the editor's name is: VISUAL, else EDITOR, else vi.
    """

    def __init__(
        self,
        suspended: Callable[[], AbstractContextManager[None]],
        say: Callable[[str], None] = print,
        ask: Callable[[str], str] = input,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._suspended = suspended
        self._say = say
        self._ask = ask
        self._editor = environment.get("VISUAL") or environment.get("EDITOR") or "vi"

    def __call__(self, question: ReviewRequest) -> Feedback:
        """
        Raises:
            KeyboardInterrupt: they pressed Ctrl-C, or Ctrl-D where something was to be typed.
        """
        import readline  # noqa: F401  # gives `input` its editing keys

        with self._suspended():
            try:
                return self._word(question["strategy"])
            except EOFError:
                raise KeyboardInterrupt from None

    def _word(self, strategy: str) -> Feedback:
        draft = strategy
        while True:
            match self._ask(MENU).strip().lower():
                case "" | "a":
                    return ACCEPT
                case "r":
                    if remark := clean(self._ask(REMARK)).strip():
                        return {"kind": "remark", "text": remark}
                case "e":
                    draft = self._edit(draft)
                    if draft == strategy.strip():
                        continue
                    if not (problem := _problem(draft)):
                        return {"kind": "edit", "text": draft}
                    # What they wrote is kept for the next edit: it may have taken them a while.
                    self._say(f"This cannot be used: {problem}. Enter e to go on with it.")

    def _edit(self, draft: str) -> str:
        """What the editor left of `draft`; all of it when the editor failed."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "strategy.md"
            path.write_text(draft + "\n", encoding="utf-8")
            try:
                status = subprocess.run([*shlex.split(self._editor), str(path)]).returncode
                text = clean(path.read_text(encoding="utf-8", errors="replace")).strip()
            except (OSError, ValueError) as error:
                self._say(f"The editor cannot be used ({error}): set VISUAL or EDITOR to the command of one.")
                return draft
        if status:
            self._say(f"The editor {self._editor} ended with status {status}; nothing was changed.")
        return draft if status else text


def _problem(text: str) -> str:
    """A person can mend what a model could not be asked to."""
    if missing := missing_headings(text):
        return f"it lacks {', '.join(f'## {heading}' for heading in missing)}"
    return parse_guidance(text).problem
