"""The error of a text that is not in the language."""

from __future__ import annotations

from common.errors import UserError


class Refused(UserError):
    """A text that is not translated.

    Attributes:
        problem: what was found and what is allowed.
        line: line of the text, from 1; None if the problem is that of the whole.
    """

    def __init__(self, problem: str, line: int | None = None) -> None:
        self.problem, self.line = problem, line
        super().__init__(problem if line is None else f"line {line}: {problem}")
